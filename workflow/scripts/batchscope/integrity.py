"""Whether the files of a point are those that its training has left, and whole."""

import json

import pandas as pd

from batchscope.results import (
    COMPLETED,
    DIVERGED,
    HISTORY_COLUMNS,
    LEARNING_RATE,
    METRICS,
    OUT_OF_MEMORY,
    RUNS_COLUMNS,
    TABLES,
    VALIDATION,
    metric_of,
)
from batchscope.sources import file_digest


def read_job(path):
    """What job.json holds, once that is known to be what others rely on.

    Raises:
        ValueError: if it is not.
    """
    try:
        job = json.loads(path.read_text(encoding="utf-8"))
        complete = {"recipe", "batch_size", "epochs"} <= job["point"].keys()
        complete &= set(TABLES) <= job["sha256"].keys()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused(
            path.parent, path.name, "the facts of a training", f"{type(error).__name__}: {error}"
        ) from None
    if not complete:
        raise refused(path.parent, path.name, "the facts of a training", "a part of them")
    return job


def read_tables(folder, job):
    """Read history.csv and runs.csv as their training has written them.

    Args:
        folder: the point's.
        job: what its job.json holds.

    Returns:
        (history, runs), a DataFrame each.

    Raises:
        ValueError: if a file is another than job.json has the digest of, or if the files do not
            hold what they should, which no digest tells of a file that was written wrong.
    """
    for file in TABLES:
        found = file_digest(folder / file) if (folder / file).is_file() else "no file"
        if found != job["sha256"][file]:
            expected = f"the file of its training, of the digest {job['sha256'][file]}"
            raise refused(folder, file, expected, found)
    history, runs = (pd.read_csv(folder / file) for file in TABLES)
    _check_columns(folder, history, runs)
    _check_runs(folder, history, runs)
    return history, runs


def _check_columns(folder, history, runs):
    for file, table, columns in (
        ("history.csv", history, HISTORY_COLUMNS),
        ("runs.csv", runs, RUNS_COLUMNS),
    ):
        if not set(columns) <= set(table):
            raise refused(folder, file, f"the columns {', '.join(columns)}", f"{', '.join(table)}")
    known = (COMPLETED, DIVERGED, OUT_OF_MEMORY)
    unknown = sorted(set(map(str, runs["status"])) - set(known))
    if unknown:
        raise refused(folder, "runs.csv", f"the statuses {', '.join(known)}", ", ".join(unknown))
    numbers = [name for name in history if name.removeprefix(VALIDATION) in METRICS]
    wrong = [name for name in (*HISTORY_COLUMNS, *numbers) if history[name].dtype.kind not in "iuf"]
    # Columns without rows have no type.
    if wrong and len(history):
        raise refused(folder, "history.csv", "numbers", f"text in {', '.join(wrong)}")
    counted = [name for name in numbers if metric_of(name).counted]
    if ((history[counted] < 0) | (history[counted] > 1)).any(axis=None):
        raise refused(folder, "history.csv", f"shares in {', '.join(counted)}", "others")


def _check_runs(folder, history, runs):
    key = [LEARNING_RATE, "replicate"] if LEARNING_RATE in history else ["replicate"]
    if runs.duplicated(key).any() or runs["replicate"].isna().any():
        raise refused(folder, "runs.csv", "each replicate once", "one of them twice or none")
    epochs = history.groupby(key, sort=False)["epoch"]
    in_order = (history["epoch"] == epochs.cumcount() + 1).all()
    lengths = runs.set_index(key)["epochs"].where(lambda own: own > 0).dropna()
    if not in_order or not epochs.size().sort_index().equals(lengths.astype(int).sort_index()):
        raise refused(
            folder, "history.csv", "the epochs of each run, from 1 to those of runs.csv", "others"
        )


def refused(folder, file, expected, received):
    """The error of a file of a point, with the way out."""
    return ValueError(
        f"{folder / file}: expected {expected}. Received: {received}. Train the point again: add "
        f"to your snakemake command\n  --forcerun {folder / TABLES[0]}"
    )
