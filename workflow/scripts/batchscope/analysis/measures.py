"""Every measure of every run as a matrix, a row per point and a column per replicate.

Matrices are float64 [points, replicates]. A time that a run did not get to is inf; what is not
known of a run is NaN.
"""

from typing import NamedTuple

import numpy as np

from batchscope.analysis.convergence import best_values, nearest_size
from batchscope.results import curves

TIMES = ("epoch", "updates", "seconds")
# Measure -> its definition and column in epochs.csv.
FOUND = {f"target_{time}": ("target", time) for time in TIMES} | {
    "stable_epoch": ("stable", "epoch")
}
RUN_COLUMNS = {"updates": "updates", "seconds": "train_seconds"}
METRICS = ("val_accuracy", "val_loss")


class Estimate(NamedTuple):
    """A measure over replicates: its value with limits [points], and its draws [points, draws]."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    drawn: np.ndarray


def times_to(found, column):
    """A column of epochs.csv as float64: inf where a run did not get there, NaN where unknown.

    Of a run that was out of memory nothing is known, not even that it would be later.
    """
    times = found[column].astype(float).where(found["status"] == "reached", np.inf)
    return times.where(found["status"] != "out_of_memory", np.nan)


def run_measures(runs, jobs, epochs):
    """When each run got there and what it cost.

    Args:
        runs: from `read_runs`; its points are the rows.
        jobs: from `read_jobs`.
        epochs: DataFrame of epochs.csv.

    Returns:
        dict of matrices: `target_epoch`, `target_updates`, `target_seconds`, `target_examples`,
        `stable_epoch`; `seconds_per_run`, `seconds_per_epoch`, `samples_per_second` (training
        samples, by seconds that validation is part of).
    """

    def matrix(column):
        return np.stack([table[column].to_numpy(float) for table in runs.values()])

    measures = {"seconds_per_run": matrix("train_seconds")}
    # A run that trained no epoch has no seconds either.
    measures["seconds_per_epoch"] = matrix("train_seconds") / np.maximum(matrix("epochs"), 1)
    samples = np.array([[jobs[point]["samples_per_epoch"]] for point in runs])
    measures["samples_per_second"] = samples / measures["seconds_per_epoch"]
    for name, (definition, column) in FOUND.items():
        found = epochs[epochs["definition"] == definition].set_index(["recipe", "batch_size"])
        times = times_to(found, column)
        measures[name] = np.stack([times.loc[[point]].to_numpy() for point in runs])
    # Of unknown seconds it is not known either that they were more than others.
    measures["target_seconds"][np.isnan(measures["seconds_per_run"])] = np.nan
    measures["target_examples"] = measures["target_epoch"] * samples
    return measures


def last_times(runs, epochs):
    """What runs that did not get there are later than.

    Args:
        runs: from `read_runs`; its points are the rows.
        epochs: DataFrame of epochs.csv.

    Returns:
        dict of matrices `target_epoch`, `target_updates`, `target_seconds` and `stable_epoch`; NaN
        for a run that was not completed, which never gets there.
    """
    last = {}
    for name, (definition, column) in FOUND.items():
        found = epochs[epochs["definition"] == definition].set_index(["recipe", "batch_size"])
        rows = []
        for point, table in runs.items():
            per_epoch = 1 if column == "epoch" else table[RUN_COLUMNS[column]] / table["epochs"]
            rows.append(found["last_epoch"].loc[[point]].to_numpy(float) * per_epoch)
        last[name] = np.stack(rows)
    return last


def quality_measures(histories):
    """How good each completed run was.

    Args:
        histories: from `read_histories`; its points are the rows.

    Returns:
        dict of matrices: `final_` and `best_` `val_accuracy` and `val_loss`; NaN for other runs.
    """
    measures = {}
    for metric in METRICS:
        final, best = [], []
        for history, runs in histories.values():
            completed = runs["status"].eq("completed").to_numpy()
            values = curves(history, metric, runs["replicate"])
            last = values[:, -1] if values.shape[1] else np.nan
            final.append(np.where(completed, last, np.nan))
            best.append(np.where(completed, best_values(values, metric), np.nan))
        measures[f"final_{metric}"], measures[f"best_{metric}"] = np.stack(final), np.stack(best)
    return measures


def estimate(measures, references, boot):
    """Medians of times and costs, means of qualities, and ratios of times to the reference.

    Args:
        measures: from `run_measures` and `quality_measures`.
        references: int [points], the row of each point's reference batch size.
        boot: the study's Bootstrap.

    Returns:
        dict measure -> Estimate, with `target_epoch_ratio` and the like for the other times.
    """
    estimates = {}
    for name, values in measures.items():
        over = boot.means if name.startswith(("final_", "best_")) else boot.medians
        value, drawn = over(values)
        estimates[name] = Estimate(value, *boot.limits(drawn), drawn)
    for name in [f"target_{time}" for time in TIMES]:
        value, _, _, drawn = estimates[name]
        # Where neither got there, the ratio could be anything.
        with np.errstate(invalid="ignore"):
            value, drawn = value / value[references], drawn / drawn[references]
        estimates[f"{name}_ratio"] = Estimate(value, *boot.limits(drawn, anything=True), drawn)
    return estimates


def reference_rows(points, batch_size):
    """The row of each point's reference: its recipe's point at `batch_size`, or the nearest.

    Args:
        points: (recipe, batch size) of each row.
        batch_size: the reference batch size; see `convergence.nearest_size`.

    Returns:
        int [points].
    """
    rows = []
    for recipe, _ in points:
        sizes = [size for name, size in points if name == recipe]
        rows.append(points.index((recipe, nearest_size(sizes, batch_size))))
    return np.array(rows)
