"""An imported point is what a training leaves, and says nothing that the files do not."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from histories import keras_file, write_csv
from saved import read_point

from batchscope.config.histories import DEFAULTS
from batchscope.data.history_file import HistoryError
from batchscope.data.imported import import_point
from batchscope.files import write_point
from batchscope.results import METRICS, RUNS_COLUMNS, TEST, validation

OUTPUTS = Path(__file__).parents[2] / "docs" / "outputs.md"


def point(batch_size=4, **changes):
    return (
        {
            "recipe": "sgd",
            "batch_size": batch_size,
            "epochs": None,
            "replicates": 3,
            "optimizer": "SGD",
            "clamped": [],
            "learning_rate": 0.1,
            "train_samples": 10,
            "validation_samples": None,
        }
        | DEFAULTS
        | changes
    )


def saved(folder, paths, settings):
    """The point as read from the files that an import leaves."""
    imported = import_point([str(path) for path in paths], settings)
    names = {"history": "history.csv", "runs": "runs.csv", "job": "job.json"}
    outputs = SimpleNamespace(**{name: folder / file for name, file in names.items()})
    write_point(outputs, imported.history, imported.runs, imported.job)
    [read] = read_point(folder)
    return read


def test_runs_of_different_lengths_end_at_their_own_ends(tmp_path):
    paths = [
        keras_file(tmp_path / "1.csv", [0.5, 0.4, 0.3]),
        keras_file(tmp_path / "2.csv", [0.6]),
        keras_file(tmp_path / "3.csv", [0.6, float("nan"), 0.1], [0.5, 0.5, 0.5]),
    ]
    read = saved(tmp_path, paths, point())
    np.testing.assert_equal(
        read.curves("val_loss"), [[0.5, 0.4, 0.3], [0.6, np.nan, np.nan], [0.6, np.nan, np.nan]]
    )
    assert read.runs["status"].tolist() == ["completed", "completed", "diverged"]
    assert read.runs["epochs"].tolist() == [3, 1, 2]
    assert read.runs["updates"].tolist() == [9, 3, 6]
    assert read.history["updates"].tolist() == [3, 6, 9, 3, 3, 6]
    assert read.epochs is None
    assert read.job["updates_per_epoch"] == 3 and read.job["effective_batch_size"] == 4


def test_every_file_is_kept_with_its_digest(tmp_path):
    path = keras_file(tmp_path / "1.csv", [0.5])
    [file] = import_point([str(path)], point()).job["histories"]
    assert file["file"] == str(path)
    before = file["sha256"]
    path.write_text(path.read_text() + "\n")
    [file] = import_point([str(path)], point()).job["histories"]
    assert len(before) == 64 and file["sha256"] != before


def test_what_is_not_known_is_empty(tmp_path):
    path = write_csv(
        tmp_path / "1.csv", ["epoch", "val_loss", "time"], [(0, 0.5, 1.5), (1, 0.25, 2.5)]
    )
    columns = {"epoch": "epoch", "val_loss": "val_loss", "seconds": "time"}
    settings = point(batch_size=64, columns=columns, optimizer=None, learning_rate=None)
    read = saved(tmp_path, [path], settings)
    assert list(read.history) == ["replicate", "epoch", "updates", "loss", "val_loss"]
    assert read.history["loss"].isna().all()
    assert read.curves("val_loss").tolist() == [[0.5, 0.25]]
    [run] = read.runs.to_dict("records")
    known = {name for name, value in run.items() if not pd.isna(value)}
    assert known == {"replicate", "status", "epochs", "updates", "wall_seconds", "resumed"}
    # No seconds that others are compared with.
    assert run["wall_seconds"] == 2.5
    assert read.job["effective_batch_size"] == 10 and read.job["updates_per_epoch"] == 1
    assert read.epochs == 2


def test_the_files_are_those_of_a_training(tmp_path):
    """Column by column and key by key, as docs/outputs.md has them; `histories` is of its own."""

    def documented(file):
        [text] = re.findall(rf"(?ms)^## `train/[^`]*/{file}`(.*?)^## ", OUTPUTS.read_text())
        return re.findall(r"(?m)^\| `([^`]+)` \|", text)

    columns = {name: name for name in ("epoch", *map(validation, METRICS.values()))}
    path = write_csv(tmp_path / "1.csv", list(columns), [[0] * len(columns)])
    imported = import_point([str(path)], point(columns=columns))
    assert list(imported.history[0]) == documented("history.csv")
    trained = [column for column in documented("runs.csv") if not column.startswith(TEST)]
    assert list(imported.runs[0]) == list(RUNS_COLUMNS) == trained
    keys = {key for key in documented("job.json") if not key.startswith("point.")}
    # The digests are of the files, once they are written.
    assert set(imported.job) | {"sha256"} == keys | {"histories"}


def test_accuracies_of_unknown_samples_are_as_logged(tmp_path):
    path = keras_file(tmp_path / "1.csv", [0.5], [0.6700125336647034])
    assert saved(tmp_path, [path], point()).curves("val_accuracy") == [[0.6700125336647034]]
    exact = saved(tmp_path, [path], point(validation_samples=797)).curves("val_accuracy")
    assert exact == [[534 / 797]]


def test_problems_of_all_files_are_listed_at_once(tmp_path):
    paths = [keras_file(tmp_path / f"{number}.csv", [0.5, 0.4]) for number in (1, 2, 3)]
    paths[0].write_text("nothing")
    paths[2].write_text(paths[2].read_text().replace("0.4", "x"))
    with pytest.raises(HistoryError) as error:
        import_point([str(path) for path in paths], point())
    first, second = str(error.value).splitlines()
    assert first.startswith(f"{paths[0]}: expected one column epoch")
    assert second.startswith(f"{paths[2]}, row 3, column val_loss: expected a number")


def test_config_has_a_column_for_every_metric():
    """One that only the files have could not be imported."""
    import yaml

    from batchscope.config import schema

    columns = yaml.safe_load(schema.SCHEMA.read_text())["properties"]["histories"]["properties"][
        "columns"
    ]["properties"]
    metrics = [*METRICS, *map(validation, METRICS.values())]
    assert set(columns) == {"epoch", "step", "seconds", *metrics}
