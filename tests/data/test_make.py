"""From a source to arrays: the split, the targets, the weights and the description, by hand."""

import json

import numpy as np
import pytest
from sklearn import datasets

from batchscope.data.make import make
from batchscope.data.samples import DataError

CLASSES, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"
NUMBERS = "mean_squared_error"
DEFAULTS = {"test_size": 0, "split": "first", "split_seed": 0, "standardize": False}
IRIS = {"source": "load_iris", "arguments": {}, "train_size": 0.6, "test_size": 0.2}


def study(**keys):
    return DEFAULTS | keys


def rows(arrays, axis="x"):
    """The parts of a dataset, one below the other."""
    parts = [part for part in ("train", "validation", "test") if f"{axis}_{part}" in arrays]
    return np.concatenate([arrays[f"{axis}_{part}"] for part in parts])


def in_some_order(array):
    return np.array(sorted(map(tuple, array)))


@pytest.mark.parametrize("split", ["shuffled", "stratified"])
def test_every_sample_is_in_one_part_with_its_target(split):
    arrays, _ = make(study(**IRIS, split=split), CLASSES)
    x, y = datasets.load_iris(return_X_y=True)
    assert [len(arrays[f"y_{part}"]) for part in ("train", "validation", "test")] == [90, 30, 30]
    together = np.column_stack([rows(arrays), rows(arrays, "y")])
    expected = np.column_stack([x, y]).astype(np.float32)
    np.testing.assert_array_equal(in_some_order(together), in_some_order(expected))
    assert not np.array_equal(together, expected)


def test_stratified_parts_have_the_shares_of_the_classes():
    _, description = make(study(**IRIS, split="stratified"), CLASSES)
    assert description["class_counts"] == {
        "train": [30, 30, 30],
        "validation": [10, 10, 10],
        "test": [10, 10, 10],
    }


def test_first_parts_are_in_order():
    arrays, _ = make(study(**IRIS | {"train_size": 140, "test_size": 4}), CLASSES)
    x, _ = datasets.load_iris(return_X_y=True)
    np.testing.assert_array_equal(rows(arrays), x.astype(np.float32))
    np.testing.assert_array_equal(arrays["x_test"], x[146:].astype(np.float32))


def test_the_split_follows_from_its_seed():
    draw = [make(study(**IRIS, split="shuffled") | {"split_seed": s}, CLASSES) for s in (1, 1, 2)]
    one, same, other = (arrays["x_train"] for arrays, _ in draw)
    assert np.array_equal(one, same) and not np.array_equal(one, other)


@pytest.mark.parametrize("split", ["first", "shuffled", "stratified"])
def test_the_test_part_stays_when_more_samples_train(split):
    sizes = {"first": (130, 145)}.get(split, (60, 110))
    one, other = (
        make(study(**IRIS | {"train_size": size, "test_size": 3}, split=split), CLASSES)[0]
        for size in sizes
    )
    assert len(one["x_test"]) == 3 and len(one["x_train"]) != len(other["x_train"])
    np.testing.assert_array_equal(one["x_test"], other["x_test"])


def test_balanced_weights_are_inverse_to_the_training_counts():
    """Of 6 and 2 training samples: 8 / (2 * 6) and 8 / (2 * 2)."""
    y = np.array([0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 1])
    arrays, description = from_arrays(np.ones((11, 1)), y, train_size=8, class_weight="balanced")
    assert description["class_weights"] == pytest.approx([2 / 3, 2])
    assert arrays["weight_train"].dtype == np.float32
    expected = [2 / 3, 2 / 3, 2, 2 / 3, 2 / 3, 2 / 3, 2, 2 / 3]
    np.testing.assert_allclose(arrays["weight_train"], expected, rtol=1e-6)
    assert "weight_validation" not in arrays


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def from_arrays(x, y, loss=CLASSES, units=None, flat=False, **keys):
    np.save("x.npy", x)
    np.save("y.npy", y)
    return make(study(arrays={"x": "x.npy", "y": "y.npy"}, **keys), loss, units, flat)


@pytest.mark.parametrize(
    ("y", "names", "expected"),
    [
        (["b", "a", "B", "a"], ["B", "a", "b"], [2, 1, 0, 1]),
        # Numbers by size, not by characters.
        ([10, 2, 2, 10], ["2", "10"], [1, 0, 0, 1]),
        ([-1.0, 1.0, 1.0, -1.0], ["-1", "1"], [0, 1, 1, 0]),
        ([True, False, True, False], ["False", "True"], [1, 0, 1, 0]),
        ([[3], [5], [5], [3]], ["3", "5"], [0, 1, 1, 0]),
    ],
)
def test_classes_are_in_sorted_order(y, names, expected):
    arrays, description = from_arrays(np.ones((4, 2)), np.array(y), train_size=3)
    assert description["class_names"] == names
    assert description["task"] == "classification"
    np.testing.assert_array_equal(rows(arrays, "y"), expected)
    assert rows(arrays, "y").dtype == np.int32


def test_numbers_stay_what_they_are():
    y = np.array([3.5, -1.0, 200.25, 0.0])
    arrays, description = from_arrays(
        np.ones((4, 2)), y, NUMBERS, units=1, train_size=0.5, standardize=True
    )
    np.testing.assert_array_equal(rows(arrays, "y"), y.astype(np.float32))
    assert rows(arrays, "y").dtype == np.float32
    assert description["task"] == "regression"
    assert description["class_names"] is None and description["class_counts"] == {}


def test_images_are_standardized_by_their_training_samples():
    """Each pixel by itself; one that is constant becomes 0."""
    x = np.random.default_rng(1).integers(0, 255, (9, 2, 3, 1)).astype(np.uint8)
    x[:, 0, 0] = 7
    y = np.array([0, 1] * 4 + [0])
    arrays, _ = from_arrays(x, y, train_size=5, standardize=True)
    train = x[:5].astype(float)
    deviation = train.std(axis=0)
    deviation[0, 0] = 1
    expected = (x - train.mean(axis=0)) / deviation
    assert arrays["x_train"].shape == (5, 2, 3, 1)
    np.testing.assert_allclose(rows(arrays), expected, rtol=1e-5, atol=1e-6)
    assert not rows(arrays)[:, 0, 0].any()


def test_layers_of_one_axis_do_not_take_images():
    x, y = np.ones((4, 2, 3)), np.array([0, 1, 0, 1])
    assert from_arrays(x, y, train_size=2)[0]["x_train"].shape == (2, 2, 3)
    with pytest.raises(DataError, match=r"Begin the layers with Flatten"):
        from_arrays(x, y, train_size=2, flat=True)


def test_a_split_of_its_own_is_kept():
    generator = np.random.default_rng(2)
    given = {}
    for part, labels in (("train", "bab"), ("validation", "ab"), ("test", "b")):
        given[f"x_{part}"] = generator.normal(size=(len(labels), 4)).astype(np.float32)
        given[f"y_{part}"] = np.array(list(labels))
    np.savez("given.npz", **given)
    arrays, description = make(study(arrays={"file": "given.npz"}, split="given"), BINARY)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(arrays[f"x_{part}"], given[f"x_{part}"])
        expected = [["a", "b"].index(label) for label in given[f"y_{part}"]]
        np.testing.assert_array_equal(arrays[f"y_{part}"], expected)
    assert description["sizes"] == {"train": 3, "validation": 2, "test": 1}
    assert description["split"] == "given"
    del given["x_test"], given["y_test"]
    np.savez("given.npz", **given)
    arrays, _ = make(study(arrays={"file": "given.npz"}, split="given"), BINARY)
    assert "x_test" not in arrays


@pytest.mark.parametrize(
    ("source", "arguments", "loss"),
    [
        ("make_moons", {"n_samples": 30, "noise": 0.1, "random_state": 1}, BINARY),
        ("make_regression", {"n_samples": 30, "random_state": 1}, NUMBERS),
        ("load_breast_cancer", {}, BINARY),
        ("load_diabetes", {"scaled": False}, NUMBERS),
        ("load_digits", {"n_class": 3}, CLASSES),
    ],
)
def test_sources_are_scikit_learns_own(source, arguments, loss):
    dataset = study(source=source, arguments=arguments, train_size=0.5)
    arrays, description = make(dataset, loss)
    loads = {"return_X_y": True} if source.startswith("load") else {}
    x, y = getattr(datasets, source)(**arguments, **loads)
    np.testing.assert_array_equal(rows(arrays), x.astype(np.float32))
    np.testing.assert_array_equal(rows(arrays, "y"), y.astype(rows(arrays, "y").dtype))
    assert (description["source"], description["arguments"]) == (source, arguments)
    assert json.loads(json.dumps(description, allow_nan=False)) == description


def test_arguments_that_do_not_fit_each_other_are_refused_in_scikit_learns_words():
    arguments = {"n_samples": 30, "n_features": 3, "n_informative": 9, "random_state": 1}
    dataset = study(source="make_classification", arguments=arguments, train_size=0.5)
    with pytest.raises(DataError, match=r"^dataset\.arguments: .* It says: Number of informative"):
        make(dataset, CLASSES)
