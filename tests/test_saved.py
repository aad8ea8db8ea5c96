"""Saved files are read exactly, and refused where they belong to something else."""

import json

import numpy as np
import pytest
from saved import job, saved_point

from batchscope.results import METRICS, metric_of
from batchscope.saved import SavedPoint, check_saved, read_point, read_points

POINT = {"recipe": "sgd", "batch_size": 4, "replicates": 2, "learning_rate": 0.001}
NAN = float("nan")


def check(saved=POINT, point=POINT, sha256="a", replicates=2):
    facts = {"point": saved, "dataset_sha256": "a"}
    trained = SavedPoint("sgd", 4, *saved_point([[1, 1]] * replicates), facts)
    check_saved([trained], [point], sha256, "results/train")


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


def write(folder, history, runs, facts):
    folder.mkdir(parents=True)
    history.to_csv(folder / "history.csv", index=False)
    runs.to_csv(folder / "runs.csv", index=False)
    (folder / "job.json").write_text(json.dumps(facts))


@pytest.fixture
def facts():
    facts = job(4, 2)
    facts["point"]["recipe"] = "sgd"
    return facts


def test_floats_survive_and_resumed_times_do_not(tmp_path, facts):
    history, runs = saved_point([[1 / 3, 0.1], [2 / 7, 1e-17]], seconds=[1.5, 2.5])
    runs["resumed"] = [False, True]
    write(tmp_path / "sgd/4", history, runs, facts)
    [point] = read_points(tmp_path, [("sgd", 4)])
    assert (point.recipe, point.batch_size, point.job) == ("sgd", 4, facts)
    assert point.curves("val_loss").tolist() == [[1 / 3, 0.1], [2 / 7, 1e-17]]
    assert point.runs["train_seconds"].fillna(-1).tolist() == [1.5, -1]


@pytest.mark.parametrize(
    ("file", "edit", "message"),
    [
        ("history", {"columns": {"epoch": "epch"}}, "history.csv: expected the columns replicate"),
        ("runs", {"columns": {"status": "state"}}, "runs.csv: expected the columns replicate"),
    ],
)
def test_other_columns_are_refused_by_name(tmp_path, facts, file, edit, message):
    history, runs = saved_point([[1, 1]])
    tables = {"history": history, "runs": runs}
    tables[file] = tables[file].rename(**edit)
    write(tmp_path / "point", tables["history"], tables["runs"], facts)
    with pytest.raises(ValueError, match=message) as error:
        read_point(tmp_path / "point")
    assert str(tmp_path / "point") in str(error.value)


def test_unknown_statuses_are_refused_by_name(tmp_path, facts):
    history, runs = saved_point([[1, 1]] * 2)
    runs["status"] = ["completed", "finished"]
    write(tmp_path / "point", history, runs, facts)
    with pytest.raises(ValueError, match=r"runs\.csv: expected the statuses .*Received: finished"):
        read_point(tmp_path / "point")


def point_of(losses):
    return SavedPoint("sgd", 4, *saved_point(losses), {})


def test_diverged_curves_are_filled_up():
    curves = point_of([[1, NAN], [3, 4, 5]]).curves("loss")
    np.testing.assert_equal(curves, [[1, NAN, NAN], [3, 4, 5]])


def test_a_replicate_without_an_epoch_is_a_row_too():
    history, _ = saved_point([[3, 4, 5]])
    _, runs = saved_point([[3, 4, 5]] * 2)
    curves = SavedPoint("sgd", 4, history, runs, {}).curves("loss")
    np.testing.assert_equal(curves, [[3, 4, 5], [NAN] * 3])
    assert SavedPoint("sgd", 4, history[:0], runs, {}).curves("loss").shape == (2, 0)


def test_every_metric_has_a_direction_of_its_own():
    assert metric_of("val_loss") is metric_of("loss") is METRICS["loss"]
    assert {name: metric.falls for name, metric in METRICS.items()} == {
        "loss": True,
        "accuracy": False,
        "mean_absolute_error": True,
    }
    with pytest.raises(KeyError):
        metric_of("val_unknown")
