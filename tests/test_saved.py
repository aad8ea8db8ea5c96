"""Saved files are read exactly, and refused where they belong to something else."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from saved import job, read_point, saved_point, write_facts

from batchscope.files import write_json, write_table
from batchscope.results import METRICS, PACE_COLUMNS, TRAINING_KEYS, metric_of
from batchscope.saved import SavedPoint, check_saved
from batchscope.saved_pace import read_device, read_pace

POINT = {"recipe": "sgd", "batch_size": 4, "replicates": 2, "learning_rate": 0.001}
NAN = float("nan")


def check(saved=POINT, point=POINT, sha256="a", replicates=2):
    facts = {"point": saved, "dataset_sha256": "a"}
    trained = SavedPoint("sgd", 4, 0.001, *saved_point([[1, 1]] * replicates), facts)
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


@pytest.mark.parametrize(
    ("trained", "message"),
    [
        ([(0.01, 2), (0.1, 2)], ""),
        ([(0.1, 2), (1.0, 2)], "the learning rates 0.1, 1.0 saved"),
        ([(0.1, 2)], "the learning rates 0.1 saved"),
        ([(0.01, 1), (0.1, 2)], "1 replicates saved, 2 expected"),
    ],
)
def test_every_rate_of_a_grid_is_there_with_all_replicates(trained, message):
    point = POINT | {"learning_rate": {"grid": [0.1, 0.01]}}
    facts = {"point": point, "dataset_sha256": "a"}
    saved = [
        SavedPoint("sgd", 4, rate, *saved_point([[1, 1]] * replicates), facts)
        for rate, replicates in trained
    ]
    with pytest.raises(ValueError, match=message) if message else contextlib.nullcontext():
        check_saved(saved, [point], "a", "results/train")


def write(folder, history, runs, facts):
    folder.mkdir(parents=True)
    history.to_csv(folder / "history.csv", index=False)
    runs.to_csv(folder / "runs.csv", index=False)
    write_facts(folder, facts)


@pytest.fixture
def facts():
    facts = job(4, 2)
    facts["point"]["recipe"] = "sgd"
    return facts


def test_floats_survive(tmp_path, facts):
    history, runs = saved_point([[1 / 3, 0.1], [2 / 7, 1e-17]])
    write(tmp_path / "sgd/4", history, runs, facts)
    [point] = read_point(tmp_path / "sgd/4")
    assert (point.recipe, point.batch_size) == ("sgd", 4) and facts.items() <= point.job.items()
    assert point.curves("val_loss").tolist() == [[1 / 3, 0.1], [2 / 7, 1e-17]]


def test_every_learning_rate_of_a_grid_is_a_point_of_its_own(tmp_path, facts):
    halves = {0.1: saved_point([[3, 2], [4, 3]]), 0.03: saved_point([[5, 4], [6, NAN]])}
    tables = [
        pd.concat(own.assign(learning_rate=rate) for rate, own in zip(halves, both, strict=True))
        for both in zip(*halves.values(), strict=True)
    ]
    write(tmp_path / "sgd/4", *tables, facts | {"learning_rate": None})
    saved = read_point(tmp_path / "sgd/4")
    assert [point.learning_rate for point in saved] == [0.03, 0.1]
    np.testing.assert_equal(saved[0].curves("val_loss"), [[5, 4], [6, NAN]])
    assert saved[1].curves("val_loss").tolist() == [[3, 2], [4, 3]]
    assert [point.completed.tolist() for point in saved] == [[True, False], [True, True]]


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
    return SavedPoint("sgd", 4, 0.001, *saved_point(losses), {})


def test_diverged_curves_are_filled_up():
    curves = point_of([[1, NAN], [3, 4, 5]]).curves("loss")
    np.testing.assert_equal(curves, [[1, NAN, NAN], [3, 4, 5]])


def test_a_replicate_without_an_epoch_is_a_row_too():
    history, _ = saved_point([[3, 4, 5]])
    _, runs = saved_point([[3, 4, 5]] * 2)
    curves = SavedPoint("sgd", 4, 0.001, history, runs, {}).curves("loss")
    np.testing.assert_equal(curves, [[3, 4, 5], [NAN] * 3])
    assert SavedPoint("sgd", 4, 0.001, history[:0], runs, {}).curves("loss").shape == (2, 0)


def test_every_metric_has_a_direction_of_its_own():
    assert metric_of("val_loss") is metric_of("loss") is METRICS["loss"]
    assert {name: metric.falls for name, metric in METRICS.items()} == {
        "loss": True,
        "accuracy": False,
        "mean_absolute_error": True,
    }
    with pytest.raises(KeyError):
        metric_of("val_unknown")


def rounds(tmp_path, *devices):
    """pace.csv with a round of each device; a path."""
    rows = [(device, "sgd", 4, turn, 10, 0.5) for turn, device in enumerate(devices, start=1)]
    write_table(tmp_path / "pace.csv", pd.DataFrame(rows, columns=PACE_COLUMNS))
    return tmp_path / "pace.csv"


@pytest.mark.parametrize("devices", [(), ("CPU: a",), ("CPU: a", "CPU: a")])
def test_rounds_of_one_device_are_read(tmp_path, devices):
    assert read_pace(rounds(tmp_path, *devices))["device"].tolist() == list(devices)


def test_seconds_of_several_devices_are_refused_with_the_way_out(tmp_path):
    path = rounds(tmp_path, "GPU: b", "CPU: a")
    with pytest.raises(ValueError, match="of CPU: a, GPU: b") as error:
        read_pace(path)
    assert str(error.value).endswith(f"--forcerun {path}")


def test_a_pace_of_other_columns_is_refused(tmp_path):
    write_table(tmp_path / "pace.csv", pd.DataFrame({"recipe": ["sgd"], "round": [1]}))
    with pytest.raises(ValueError, match="Received: recipe, round, of no device"):
        read_pace(tmp_path / "pace.csv")


@pytest.mark.parametrize("seconds", [0, -0.5, NAN, "inf", "soon"])
def test_seconds_that_no_clock_tells_are_refused_with_the_way_out(tmp_path, seconds):
    path = rounds(tmp_path, "CPU: a", "CPU: a")
    told = pd.read_csv(path).astype({"seconds_per_epoch": object})
    told.loc[1, "seconds_per_epoch"] = seconds
    write_table(path, told)
    with pytest.raises(ValueError, match="expected numbers above 0 in seconds_per_epoch") as error:
        read_pace(path)
    assert str(error.value).endswith(f"--forcerun {path}")


def told_by_device(tmp_path, **changes):
    """What is read of a device.json that has no seal, as one that was copied here may have none."""
    facts = job(4, 1)
    settings = {key: facts["point"].get(key) for key in TRAINING_KEYS}
    device = {
        "rounds": [["GPU: x", "sgd", 4, 1, 10, 0.5]],
        "trainings": {"sgd": {"4": settings | {"samples_per_epoch": 100}}},
        "largest": {"sgd": {"size": 8, "limit": "memory", "refused": 16}},
    }
    write_json(tmp_path / "device.json", device | changes)
    saved = [SavedPoint("sgd", 4, 0.001, *saved_point([[1, 1]]), facts)]
    return read_device(tmp_path / "device.json", saved)


def test_what_another_device_measured_is_read(tmp_path):
    pace, largest = told_by_device(tmp_path)
    assert pace["seconds_per_epoch"].tolist() == [0.5] and largest["sgd"]["size"] == 8
    nothing = {"sgd": {"size": None, "limit": "nothing", "refused": 1}}
    assert told_by_device(tmp_path, largest=nothing)[1] == nothing


DEVICE_ROUND = ["GPU: x", "sgd", 4, 1, 10, 0.5]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("rounds", [[*DEVICE_ROUND[:-1], seconds]])
            for seconds in (-0.5, 0, NAN, "soon", 10**400)
        ),
        ("rounds", [DEVICE_ROUND, ["GPU: y", *DEVICE_ROUND[1:]]]),
        ("rounds", [DEVICE_ROUND[:-1]]),
        ("rounds", 7),
        *(("trainings", value) for value in ([], None, {"sgd": {"4": None}}, {"sgd": {"x": {}}})),
        *(("largest", value) for value in (7, None, {"sgd": 8}, {"sgd": {"size": 8}})),
        ("largest", {"sgd": {"size": -1, "limit": "memory", "refused": 16}}),
        ("largest", {"sgd": {"size": 8, "limit": "none", "refused": 16}}),
    ],
)
def test_what_no_device_measured_is_refused_by_file(tmp_path, key, value):
    with pytest.raises(ValueError, match="expected a device") as error:
        told_by_device(tmp_path, **{key: value})
    assert str(error.value).startswith(f"{tmp_path / 'device.json'}: ")
