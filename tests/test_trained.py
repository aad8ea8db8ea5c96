"""What trainings left comes out of the one file as it went in, or is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from saved import job, read_point, saved_point, write_facts

from batchscope.files import seal
from batchscope.members import read_jobs
from batchscope.results import OUT_OF_MEMORY
from batchscope.trained import merge, read_points

NAN = float("nan")
NAMES = [("sgd", 4), ("sgd", 8), ("tuned", 4)]


def write(train, name, history, runs, **facts):
    """The files of a training, as `train` has them."""
    folder = train / name[0] / str(name[1])
    folder.mkdir(parents=True)
    history.to_csv(folder / "history.csv", index=False)
    runs.to_csv(folder / "runs.csv", index=False)
    written = job(name[1], 3) | facts
    written["point"]["recipe"] = name[0]
    write_facts(folder, written)


@pytest.fixture
def train(tmp_path):
    """A point with a diverged run, one that did not fit into memory, and one of two rates."""
    write(tmp_path / "train", NAMES[0], *saved_point([[1 / 3, 1e-17, 0.1], [2 / 7, NAN]]))
    history, runs = saved_point([[1, 1, 1]] * 2)
    runs = runs.assign(status=OUT_OF_MEMORY, epochs=0, updates=0)
    write(tmp_path / "train", NAMES[1], history[:0], runs, parameters=None)
    rates = {0.03: saved_point([[3, 2, 1]] * 2), 0.1: saved_point([[6, 5, 4]] * 2)}
    tables = (
        pd.concat(own.assign(learning_rate=rate) for rate, own in zip(rates, both, strict=True))
        for both in zip(*rates.values(), strict=True)
    )
    write(tmp_path / "train", NAMES[2], *tables, learning_rate=None)
    return tmp_path / "train"


def assert_same(points, others):
    """Same points, but for the history's columns that no analysis reads, and its index."""
    for point, other in zip(points, others, strict=True):
        history = other.history[list(point.history)].reset_index(drop=True)
        types = dict.fromkeys(history, float) | dict.fromkeys(["replicate", "epoch"], np.int32)
        pd.testing.assert_frame_equal(point.history.reset_index(drop=True), history.astype(types))
        pd.testing.assert_frame_equal(point.runs, other.runs)
        assert replace(point, history=None, runs=None) == replace(other, history=None, runs=None)


def test_points_come_back_as_their_own_files_have_them(tmp_path, train):
    merge(tmp_path / "trained.npz", train, NAMES)
    expected = [point for recipe, size in NAMES for point in read_point(train / recipe / str(size))]
    points = read_points(tmp_path / "trained.npz", NAMES)
    assert [len(point.runs) for point in points] == [2] * 4
    assert_same(points, expected)
    # Some of them, in another order.
    assert_same(
        read_points(tmp_path / "trained.npz", [NAMES[2], NAMES[0]]), expected[2:] + expected[:1]
    )
    assert read_jobs(tmp_path / "trained.npz", NAMES) == [own.job for own in expected[:3]]


def test_the_metrics_of_the_training_samples_are_read_on_demand(tmp_path, train):
    merge(tmp_path / "trained.npz", train, NAMES[:1])
    [whole], [part] = (
        read_points(tmp_path / "trained.npz", NAMES[:1], training) for training in (True, False)
    )
    assert {"loss", "accuracy"} == set(whole.history) - set(part.history)
    assert whole.curves("val_loss").tolist()[0] == [1 / 3, 1e-17, 0.1]
    np.testing.assert_array_equal(part.curves("val_loss"), whole.curves("val_loss"))


def test_the_same_trainings_make_the_same_bytes(tmp_path, train):
    for name in ("one", "other"):
        merge(tmp_path / f"{name}.npz", train, NAMES)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_a_damaged_training_leaves_no_file(tmp_path, train):
    (train / "tuned/4/history.csv").write_text("")
    with pytest.raises(
        ValueError, match=r"tuned/4/history\.csv: expected the file of its training"
    ):
        merge(tmp_path / "trained.npz", train, NAMES)
    assert list(tmp_path.iterdir()) == [train]


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])
    seal(path)


def change(path):
    path.write_bytes(path.read_bytes()[::-1])


@pytest.mark.parametrize("read", [read_points, read_jobs])
@pytest.mark.parametrize("damage", [cut, change, lambda path: None])
def test_a_file_that_is_damaged_or_lacks_a_point_is_refused(tmp_path, train, read, damage):
    path = tmp_path / "trained.npz"
    merge(path, train, NAMES[:2])
    damage(path)
    with pytest.raises(ValueError, match="expected") as error:
        read(path, NAMES)
    assert str(error.value).startswith(f"{path}: expected ")
    assert str(error.value).endswith(f"--forcerun {path}")
