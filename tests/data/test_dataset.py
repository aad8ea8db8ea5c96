"""The dataset's files: the article's data byte for byte, hashed by all that they hold."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from batchscope.data.dataset import load, save, sha256
from batchscope.data.make import make

LOSS = "sparse_categorical_crossentropy"
ARTICLE = {
    "source": "make_blobs",
    "arguments": {
        "n_samples": 1000,
        "centers": 3,
        "n_features": 2,
        "cluster_std": 2,
        "random_state": 2,
    },
    "train_size": 500,
    "test_size": 0,
    "split": "first",
    "standardize": False,
}


def arrays_of(**changes):
    return make(ARTICLE | changes, LOSS)[0]


def test_first_half_trains_and_second_validates():
    x, y = make_blobs(**ARTICLE["arguments"])
    arrays = arrays_of()
    assert list(arrays) == ["x_train", "y_train", "x_validation", "y_validation"]
    np.testing.assert_array_equal(arrays["x_train"], x[:500].astype("float32"))
    np.testing.assert_array_equal(arrays["y_validation"], y[500:])
    assert arrays["x_train"].dtype == np.float32 and arrays["y_train"].dtype == np.int32


def test_the_article_is_hashed_as_ever():
    """Saved trainings know the data by this digest."""
    digest = "d60188e3f389989ddf07ca3540b862d77b40b14c7e59d463e989a8fd589c2e30"
    assert sha256(arrays_of()) == digest


def test_saved_arrays_come_back_and_repeat_byte_for_byte(tmp_path):
    arrays = arrays_of(test_size=100, class_weight="balanced")
    for name in ("one", "two"):
        save(
            arrays, {"sha256": sha256(arrays)}, tmp_path / f"{name}.npz", tmp_path / f"{name}.json"
        )
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    loaded = load(tmp_path / "one.npz", tmp_path / "one.json")
    assert (
        set(loaded)
        == set(arrays)
        == {
            *("x_train", "y_train", "x_validation", "y_validation"),
            *("weight_train", "x_test", "y_test"),
        }
    )
    assert sha256(loaded) == sha256(arrays)


def test_hash_sees_values_types_and_the_split():
    arrays = arrays_of(test_size=100, class_weight="balanced")
    without = {name: array for name, array in arrays.items() if name != "weight_train"}
    changed = [arrays | {name: array + 1} for name, array in arrays.items()]
    retyped = arrays | {"y_train": arrays["y_train"].astype(np.int64)}
    resplit = arrays_of(train_size=499, test_size=100, class_weight="balanced")
    every = [arrays, without, retyped, resplit, *changed]
    assert len({sha256(a) for a in every}) == len(every) == 11


def test_a_lack_of_memory_is_not_blamed_on_the_file(tmp_path, monkeypatch):
    paths = (tmp_path / "dataset.npz", tmp_path / "dataset.json")
    save(arrays_of(), {"sha256": sha256(arrays_of())}, *paths)

    def refuse(*_, **__):
        raise MemoryError

    monkeypatch.setattr(np, "load", refuse)
    with pytest.raises(MemoryError):
        load(*paths)


@pytest.mark.parametrize("damage", ["replaced", "truncated", "flipped", "empty"])
def test_other_arrays_than_those_described_are_refused_by_name(tmp_path, damage):
    arrays, paths = arrays_of(), (tmp_path / "dataset.npz", tmp_path / "dataset.json")
    save(arrays, {"sha256": sha256(arrays)}, *paths)
    whole = paths[0].read_bytes()
    if damage == "replaced":
        np.savez(paths[0], **arrays | {"x_train": arrays["x_train"] + 1})
    elif damage == "flipped":
        paths[0].write_bytes(whole[:500] + bytes([whole[500] ^ 1]) + whole[501:])
    else:
        paths[0].write_bytes(whole[: len(whole) // 2] if damage == "truncated" else b"")
    with pytest.raises(ValueError, match="expected the arrays that") as error:
        load(*paths)
    assert str(error.value).endswith(f"--forcerun {paths[0]}")
