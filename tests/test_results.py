"""Saved files are read exactly, and refused where they belong to something else."""

import numpy as np
import pytest
from saved import saved_point

from batchscope.results import check_saved, curves, read_histories

POINT = {"recipe": "sgd", "batch_size": 4, "replicates": 2, "learning_rate": 0.001}
NAME = ("sgd", 4)
NAN = float("nan")


def check(saved=POINT, point=POINT, sha256="a", replicates=2):
    histories = {NAME: saved_point([[1, 1]] * replicates)}
    jobs = {NAME: {"point": saved, "dataset_sha256": "a"}}
    check_saved(histories, jobs, [point], sha256, "results/train")


def test_what_belongs_together_passes():
    check()


@pytest.mark.parametrize(
    ("difference", "message"),
    [
        ({"point": POINT | {"learning_rate": 0.7}}, "learning_rate 0.001, now 0.7"),
        ({"saved": {k: v for k, v in POINT.items() if k != "learning_rate"}}, "None, now 0.001"),
        ({"sha256": "b"}, "other data"),
        ({"replicates": 1}, "1 replicates saved, 2 expected"),
    ],
)
def test_what_does_not_is_refused_with_the_way_out(difference, message):
    with pytest.raises(ValueError, match=message) as error:
        check(**difference)
    assert str(error.value).endswith("--forcerun results/train/sgd/4/history.csv")


def test_floats_survive_and_resumed_times_do_not(tmp_path):
    history, runs = saved_point([[1 / 3, 0.1], [2 / 7, 1e-17]], seconds=[1.5, 2.5])
    runs["resumed"] = [False, True]
    paths = [tmp_path / "history.csv"], [tmp_path / "runs.csv"]
    history.to_csv(paths[0][0], index=False)
    runs.to_csv(paths[1][0], index=False)
    [(read, read_runs)] = read_histories(*paths, [NAME]).values()
    assert curves(read, "val_loss", [1, 2]).tolist() == [[1 / 3, 0.1], [2 / 7, 1e-17]]
    assert read_runs["train_seconds"].fillna(-1).tolist() == [1.5, -1]


def test_diverged_curves_are_filled_up():
    history, _ = saved_point([[1, NAN], [3, 4, 5]])
    np.testing.assert_equal(curves(history, "loss", [1, 2]), [[1, NAN, NAN], [3, 4, 5]])


def test_a_replicate_without_an_epoch_is_a_row_too():
    history, _ = saved_point([[3, 4, 5]])
    np.testing.assert_equal(curves(history, "loss", [1, 2]), [[3, 4, 5], [NAN] * 3])
    assert curves(history[:0], "loss", [1, 2]).shape == (2, 0)
