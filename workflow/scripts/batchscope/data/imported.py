"""Recorded histories as the files that a training leaves."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from batchscope.config import recipe
from batchscope.data.history import read_history
from batchscope.data.history_file import HistoryError
from batchscope.naming import naming
from batchscope.results import (
    COMPLETED,
    DIVERGED,
    HISTORY_COLUMNS,
    METRICS,
    RUNS_COLUMNS,
    validation,
)

# What job.json says of a training, and no history does.
UNKNOWN = (
    "dataset_sha256",
    "test_samples",
    "device",
    "threads",
    "versions",
    "code",
    "environment",
    "trained_by",
    "parameters",
    "random_layers",
    "skipped_updates",
    "compile_seconds",
    "seconds_per_epoch",
    "startup_seconds",
    "peak_memory_mib",
)


class Imported(NamedTuple):
    """What a training leaves: (columns, rows) of each of its tables, and job.json."""

    history: tuple
    runs: tuple
    job: dict


def import_point(paths, point):
    """Import the histories of one point.

    Args:
        paths: of its files, in the order of the replicates.
        point: from `config.resolve_point`, of a study of histories.

    Returns:
        Imported. What the files do not say is None: the seeds, the seconds of the training alone,
        the training samples' metrics where there are none. Seconds that they say, from the begin
        of the training to its last epoch, are `wall_seconds`: they are compared with nothing.

    Raises:
        HistoryError: with a line for each file that has a problem.
    """
    samples = point["train_samples"]
    updates = recipe.updates_per_epoch(point["batch_size"], samples)
    histories, files, problems = [], [], []
    for path in paths:
        with naming(path):
            content = Path(path).read_bytes()
        files.append({"file": path, "sha256": hashlib.sha256(content).hexdigest()})
        try:
            histories.append(read_history(path, content, point, updates))
        except HistoryError as error:
            problems.append(str(error))
    if problems:
        raise HistoryError("\n".join(problems))
    job = {
        "point": point,
        "effective_batch_size": recipe.effective_batch_size(point["batch_size"], samples),
        "updates_per_epoch": updates,
        "samples_per_epoch": samples,
        "validation_samples": point["validation_samples"],
        "learning_rate": point["learning_rate"],
        "histories": files,
    }
    return Imported(
        _history_table(histories, point["columns"], updates),
        _runs_table(histories, point["learning_rate"], updates),
        job | dict.fromkeys(UNKNOWN),
    )


def _history_table(histories, columns, updates):
    metrics = [metric for metric in METRICS.values() if validation(metric) in columns]
    names = [metric.name for metric in metrics] + [validation(metric) for metric in metrics]
    rows = [
        (replicate, number, number * updates, *(epoch.get(name) for name in names))
        for replicate, history in enumerate(histories, start=1)
        for number, epoch in enumerate(history.epochs, start=1)
    ]
    return (*HISTORY_COLUMNS, *names), rows


def _runs_table(histories, learning_rate, updates):
    rows = []
    for replicate, history in enumerate(histories, start=1):
        seconds = [epoch["seconds"] for epoch in history.epochs if "seconds" in epoch]
        row = dict.fromkeys(RUNS_COLUMNS) | {
            "replicate": replicate,
            "status": DIVERGED if history.diverged else COMPLETED,
            "epochs": len(history.epochs),
            "updates": len(history.epochs) * updates,
            "learning_rate": learning_rate,
            "wall_seconds": max(seconds, default=None),
            "resumed": False,
        }
        rows.append(list(row.values()))
    return RUNS_COLUMNS, rows
