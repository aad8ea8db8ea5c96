"""Whether tables are those that the jobs before have left, and whole."""

import io

import numpy as np
import pandas as pd

from batchscope.files import read_sealed
from batchscope.job_facts import refused
from batchscope.naming import naming
from batchscope.results import (
    COMPLETED,
    DIVERGED,
    HISTORY_COLUMNS,
    LEARNING_RATE,
    METRICS,
    OUT_OF_MEMORY,
    RUNS_COLUMNS,
    TABLES,
    TEST,
    VALIDATION,
    metric_of,
)
from batchscope.sources import file_digest

# Seconds that no training takes: thirty years.
LONGEST = 1e9


def read_table(path):
    """Read a table that later jobs read, as `read_sealed` does: a DataFrame."""
    return pd.read_csv(io.StringIO(read_sealed(path)))


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
    history, runs = (_read_table(folder, file) for file in TABLES)
    _check_columns(folder, history, runs)
    _check_values(folder, history, runs)
    _check_runs(folder, history, runs)
    _check_ends(folder, history, runs, "histories" in job)
    _check_agreement(folder, history, runs, job)
    return history, runs


def _read_table(folder, file):
    try:
        with naming(folder / file):
            table = pd.read_csv(folder / file)
    except (ValueError, OverflowError) as error:
        raise refused(folder, file, "a table", f"{error}".strip()) from None
    # Pandas makes row names of a column too many.
    if not isinstance(table.index, pd.RangeIndex):
        raise refused(folder, file, "a value per column", "more of them")
    return table


def _check_columns(folder, history, runs):
    for file, table, columns in (
        ("history.csv", history, HISTORY_COLUMNS),
        ("runs.csv", runs, RUNS_COLUMNS),
    ):
        if not set(columns) <= set(table):
            raise refused(folder, file, f"the columns {', '.join(columns)}", f"{', '.join(table)}")
    metrics = [name for name in history if name not in (LEARNING_RATE, *HISTORY_COLUMNS)]
    measured = {name.removeprefix(VALIDATION) for name in metrics}
    expected = {prefix + name for name in {"loss", *measured} for prefix in ("", VALIDATION)}
    if not measured <= set(METRICS) or expected != set(metrics):
        names = ", ".join(METRICS)
        expected = f"loss and val_loss, and perhaps others of {names} with their {VALIDATION}"
        raise refused(folder, "history.csv", expected, ", ".join(metrics))


def _check_values(folder, history, runs):
    known = (COMPLETED, DIVERGED, OUT_OF_MEMORY)
    unknown = sorted(set(map(str, runs["status"])) - set(known))
    if unknown or runs.empty:
        received = ", ".join(unknown) or "no run"
        raise refused(folder, "runs.csv", f"the statuses {', '.join(known)}", received)
    metrics = [name for name in history if name.removeprefix(VALIDATION) in METRICS]
    counted = [name for name in metrics if metric_of(name).counted]
    rates = [LEARNING_RATE] if LEARNING_RATE in history else []
    tests = [name for name in runs if name.startswith(TEST)]
    for file, table, columns, expected, right in (
        ("history.csv", history, HISTORY_COLUMNS, "whole numbers above 0", _counts(1)),
        ("history.csv", history, metrics, "numbers", _numbers),
        ("history.csv", history, counted, "shares", lambda own: ~((own < 0) | (own > 1))),
        ("history.csv", history, rates, "rates above 0", _positive),
        ("runs.csv", runs, ["replicate"], "whole numbers above 0", _counts(1)),
        ("runs.csv", runs, ["epochs", "updates"], "whole numbers", _counts(0)),
        ("runs.csv", runs, ["seed"], "whole numbers", _known(_counts(0))),
        ("runs.csv", runs, tests, "numbers", _numbers),
        ("runs.csv", runs, ["train_seconds", "cpu_seconds"], "seconds above 0", _seconds(0)),
        # Those of an imported training may have been noted as whole ones.
        ("runs.csv", runs, ["wall_seconds"], "seconds", _seconds(-1)),
        ("runs.csv", runs, [LEARNING_RATE], "rates above 0", _positive),
        ("runs.csv", runs, ["resumed"], "True or False", lambda own: own.dtype == bool),
    ):
        wrong = [name for name in columns if len(table) and not np.all(right(table[name]))]
        if wrong:
            raise refused(folder, file, f"{expected} in {', '.join(wrong)}", "others")


def _numbers(column):
    return column.dtype.kind in "iuf"


def _counts(least):
    return lambda column: column.dtype.kind in "iu" and column >= least


def _known(right):
    """Nothing, as of an imported training, or what is right."""
    return lambda column: column.isna().all() or right(column)


def _seconds(above):
    return lambda own: _numbers(own) and (own.isna() | ((own > above) & (own < LONGEST)))


def _positive(column):
    # Those of an imported training may be unknown.
    return _numbers(column) and (column.isna() | ((column > 0) & np.isfinite(column)))


def _check_runs(folder, history, runs):
    key = [LEARNING_RATE, "replicate"] if LEARNING_RATE in history else ["replicate"]
    if runs.duplicated(key).any():
        raise refused(folder, "runs.csv", "each replicate once", "one of them twice")
    if ((runs["epochs"] == 0) != (runs["status"] == OUT_OF_MEMORY)).any():
        expected = f"epochs above 0 of all runs that are not {OUT_OF_MEMORY}"
        raise refused(folder, "runs.csv", expected, "others")
    epochs = history.groupby(key, sort=False)["epoch"]
    in_order = (history["epoch"] == epochs.cumcount() + 1).all()
    lengths = runs.set_index(key)["epochs"].where(lambda own: own > 0).dropna()
    if not in_order or not epochs.size().sort_index().equals(lengths.astype(int).sort_index()):
        raise refused(
            folder, "history.csv", "the epochs of each run, from 1 to those of runs.csv", "others"
        )


def _check_ends(folder, history, runs, imported):
    """A run diverged if its last epoch lacks a number, and no other epoch does."""
    key = [LEARNING_RATE, "replicate"] if LEARNING_RATE in history else ["replicate"]
    measured = [name for name in history if name.removeprefix(VALIDATION) in METRICS]
    # What was not recorded of an imported training is empty, but for what validation measured.
    always = [name for name in measured if not imported or name.startswith(VALIDATION)]
    finite = np.isfinite(history[measured].astype(float))
    epochs = history.set_index([*key, "epoch"]).index
    ends = runs[runs["status"] == DIVERGED].set_index([*key, "epochs"]).index
    if not epochs[~finite[always].all(axis=1)].isin(ends).all():
        expected = f"numbers in {', '.join(always)} until a run ends"
        raise refused(folder, "history.csv", expected, "others")
    if not ends.isin(epochs[~finite.all(axis=1)]).all():
        expected = f"an end without a number of each run that is {DIVERGED}"
        raise refused(folder, "runs.csv", expected, "others")


def _check_agreement(folder, history, runs, job):
    """The tables are of the training that job.json tells of."""
    updates, whole, rate = job["updates_per_epoch"], job["point"]["epochs"], job[LEARNING_RATE]
    grid = LEARNING_RATE in history
    replicates = runs.groupby(LEARNING_RATE)["replicate"] if grid else [("", runs["replicate"])]
    completed = runs["status"] == COMPLETED
    for file, expected, right in (
        (
            "runs.csv",
            "the replicates from 1 on, without a gap",
            [sorted(own) == list(range(1, len(own) + 1)) for _, own in replicates],
        ),
        (
            "runs.csv",
            f"{whole} epochs of each run that is {COMPLETED}, and no more of any",
            whole is None or (runs["epochs"] <= whole) & (~completed | (runs["epochs"] == whole)),
        ),
        (
            "runs.csv",
            f"{updates} updates for each epoch",
            runs["updates"] == updates * runs["epochs"],
        ),
        (
            "history.csv",
            f"{updates} updates for each epoch",
            history["updates"] == updates * history["epoch"],
        ),
        (
            "runs.csv",
            f"the {LEARNING_RATE} {rate} of job.json",
            grid or rate is None or runs[LEARNING_RATE] == rate,
        ),
    ):
        if not np.all(right):
            raise refused(folder, file, expected, "others")
