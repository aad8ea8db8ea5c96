"""The data is the article's, split once, and described truly."""

import numpy as np
from sklearn.datasets import make_blobs

from batchscope.data.dataset import describe, load, make, save, sha256

ARTICLE = {
    "n_samples": 1000,
    "centers": 3,
    "n_features": 2,
    "cluster_std": 2,
    "random_state": 2,
}


def test_first_half_trains_and_second_validates():
    x, y = make_blobs(**ARTICLE)
    arrays = make("make_blobs", ARTICLE, 500)
    np.testing.assert_array_equal(arrays["x_train"], x[:500].astype("float32"))
    np.testing.assert_array_equal(arrays["y_validation"], y[500:])
    assert arrays["x_train"].dtype == np.float32 and arrays["y_train"].dtype == np.int32


def test_description_counts_what_is_there():
    arrays = make("make_blobs", ARTICLE | {"n_samples": 10}, 7)
    description = describe("make_blobs", ARTICLE, arrays)
    assert description["sizes"] == {"train": 7, "validation": 3}
    assert description["features"] == [2]
    assert description["class_names"] == ["0", "1", "2"]
    for half in ("train", "validation"):
        counts = np.bincount(arrays[f"y_{half}"], minlength=3)
        assert description["class_counts"][half] == counts.tolist()


def test_saved_arrays_come_back_and_repeat_byte_for_byte(tmp_path):
    arrays = make("make_blobs", ARTICLE, 500)
    for name in ("one", "two"):
        save(arrays, {}, tmp_path / f"{name}.npz", tmp_path / f"{name}.json")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert sha256(load(tmp_path / "one.npz")) == sha256(arrays)


def test_hash_sees_values_types_and_the_split():
    arrays = make("make_blobs", ARTICLE, 500)
    changed = arrays | {"x_train": arrays["x_train"] + 1}
    retyped = arrays | {"y_train": arrays["y_train"].astype(np.int64)}
    resplit = make("make_blobs", ARTICLE, 499)
    assert len({sha256(a) for a in (arrays, changed, retyped, resplit)}) == 4
