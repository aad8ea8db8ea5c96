"""Every measure of every run as a matrix, a row per point and a column per replicate.

Matrices are float64 [points, replicates]. A time that a run did not reach is inf; what is not
known of a run is NaN.
"""

from typing import NamedTuple

import numpy as np

from batchscope.analysis.convergence import best_values
from batchscope.results import LOSS, NO_TARGET, OUT_OF_MEMORY, REACHED, SHOWN, validation

TARGET, STABLE = "target", "stable"
TIMES = ("epoch", "updates", "seconds")


class Measure(NamedTuple):
    """A measure of the summary table.

    Attributes:
        name: its column.
        infinities: where it may lie outside of what could be seen: "above", "below".
    """

    name: str
    infinities: tuple = ()


QUALITIES = [
    f"{which}_{validation(metric)}" for metric in (SHOWN, LOSS) for which in ("final", "best")
]
# In the table's order.
MEASURES = (
    Measure("seconds_per_epoch"),
    Measure("seconds_per_run"),
    Measure("samples_per_second"),
    Measure("target_epoch", ("above",)),
    Measure("target_updates", ("above",)),
    Measure("target_examples", ("above",)),
    Measure("target_seconds", ("above",)),
    *(Measure(f"target_{time}_ratio", ("above", "below")) for time in TIMES),
    Measure("stable_epoch", ("above",)),
    *map(Measure, QUALITIES),
)
# Measure -> its definition and column in the convergence table.
IN_CONVERGENCE = {f"target_{time}": (TARGET, time) for time in TIMES} | {
    "stable_epoch": (STABLE, "epoch")
}
# Of the other times of a run, its epochs' share is taken.
OF_A_RUN = {"updates": "updates", "seconds": "train_seconds"}


def times_to(rows, column):
    """A time in rows of the convergence table as float64: inf where a run did not reach, NaN where
    unknown.

    Of a run that was out of memory, or without a target, nothing is known, not even that it would
    be later.
    """
    times = rows[column].astype(float).where(rows["status"] == REACHED, np.inf)
    return times.mask(rows["status"].isin([OUT_OF_MEMORY, NO_TARGET]))


def run_measures(saved, convergence):
    """When each run reached and what it cost.

    Args:
        saved: list of SavedPoint, the rows.
        convergence: DataFrame of epochs.csv.

    Returns:
        dict of matrices: `target_epoch`, `target_updates`, `target_seconds`, `target_examples`,
        `stable_epoch`; `seconds_per_run`, `seconds_per_epoch`, `samples_per_second` (training
        samples, by seconds that validation is part of).
    """
    seconds, epochs = (
        np.stack([point.runs[column].to_numpy(float) for point in saved])
        for column in ("train_seconds", "epochs")
    )
    # A run that trained no epoch has no seconds either.
    measures = {"seconds_per_run": seconds, "seconds_per_epoch": seconds / np.maximum(epochs, 1)}
    samples = np.array([[point.job["samples_per_epoch"]] for point in saved])
    measures["samples_per_second"] = samples / measures["seconds_per_epoch"]
    for name, (definition, column) in IN_CONVERGENCE.items():
        rows = _rows_of(saved, convergence, definition)
        measures[name] = np.stack([times_to(own, column).to_numpy() for own in rows])
    # Of unknown seconds it is not known either that they were more than others.
    measures["target_seconds"][np.isnan(seconds)] = np.nan
    measures["target_examples"] = measures["target_epoch"] * samples
    return measures


def last_times(saved, convergence):
    """What runs that did not reach are later than.

    Args:
        saved: list of SavedPoint, the rows.
        convergence: DataFrame of epochs.csv.

    Returns:
        dict of matrices `target_epoch`, `target_updates`, `target_seconds`, `target_examples` and
        `stable_epoch`; NaN for a run that was not completed, which never reaches.
    """
    last = {}
    for name, (definition, column) in IN_CONVERGENCE.items():
        rows = []
        for point, own in zip(saved, _rows_of(saved, convergence, definition), strict=True):
            per_epoch = 1
            if column in OF_A_RUN:
                per_epoch = point.runs[OF_A_RUN[column]] / point.runs["epochs"]
            rows.append(own["last_epoch"].to_numpy(float) * per_epoch)
        last[name] = np.stack(rows)
    samples = np.array([[point.job["samples_per_epoch"]] for point in saved])
    return last | {"target_examples": last["target_epoch"] * samples}


def quality_measures(saved):
    """How good each completed run was.

    Args:
        saved: list of SavedPoint, the rows.

    Returns:
        dict of matrices: `final_` and `best_` of each validation metric; NaN for other runs.
    """
    measures = {}
    for metric in (SHOWN, LOSS):
        column = validation(metric)
        final, best = [], []
        for point in saved:
            values = point.curves(column)
            last = np.full(len(values), np.nan)
            runs = np.flatnonzero(point.completed)
            last[runs] = values[runs, point.runs["epochs"].to_numpy()[runs] - 1]
            final.append(last)
            best.append(np.where(point.completed, best_values(values, column), np.nan))
        measures[f"final_{column}"], measures[f"best_{column}"] = np.stack(final), np.stack(best)
    return measures


def _rows_of(saved, convergence, definition):
    """The convergence table's rows of each point by one definition, a row per replicate."""
    rows = convergence[convergence["definition"] == definition]
    rows = rows.set_index(["recipe", "batch_size"])
    return [rows.loc[[(point.recipe, point.batch_size)]] for point in saved]
