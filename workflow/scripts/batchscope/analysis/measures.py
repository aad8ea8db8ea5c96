"""Every measure of every run as a matrix, a row per point and a column per replicate.

Matrices are float64 [points, replicates]. A time that a run did not reach is inf; what is not
known of a run is NaN.
"""

import numpy as np

from batchscope.analysis.convergence import best_values
from batchscope.results import LOSS, NO_TARGET, OUT_OF_MEMORY, REACHED, TEST, validation

TARGET, STABLE = "target", "stable"
TIMES = ("epoch", "updates", "seconds")

# Times and costs, in the table's order: their names, and where each may lie outside of what could
# be seen. What `quality_measures` names comes after them.
INFINITIES = {
    "seconds_per_epoch": (),
    "seconds_per_run": (),
    "samples_per_second": (),
    "target_epoch": ("above",),
    "target_updates": ("above",),
    "target_examples": ("above",),
    "target_seconds": ("above",),
    **{f"target_{time}_ratio": ("above", "below") for time in TIMES},
    "stable_epoch": ("above",),
}
# Measure -> its definition and column in the convergence table.
IN_CONVERGENCE = {f"target_{time}": (TARGET, time) for time in ("epoch", "updates")} | {
    "stable_epoch": (STABLE, "epoch")
}


def times_to(rows, column):
    """A time in rows of the convergence table as float64: inf where a run did not reach, NaN where
    unknown.

    Of a run that was out of memory, or without a target, nothing is known, not even that it would
    be later.
    """
    times = rows[column].astype(float).where(rows["status"] == REACHED, np.inf)
    return times.mask(rows["status"].isin([OUT_OF_MEMORY, NO_TARGET]))


def run_measures(saved, convergence):
    """When each run reached, but for seconds, and how long it was.

    Args:
        saved: list of SavedPoint, the rows.
        convergence: DataFrame of epochs.csv.

    Returns:
        dict of matrices: `target_epoch`, `target_updates`, `target_examples`, `stable_epoch`;
        `epochs`, all that were trained.
    """
    measures = {"epochs": np.stack([point.runs["epochs"].to_numpy(float) for point in saved])}
    places = _places(saved, convergence)
    for name, (definition, column) in IN_CONVERGENCE.items():
        measures[name] = times_to(convergence, column).to_numpy()[places[definition]]
    measures["target_examples"] = measures["target_epoch"] * samples_per_epoch(saved)
    return measures


def last_times(saved, convergence):
    """What runs that did not reach are later than.

    Args:
        saved: list of SavedPoint, the rows.
        convergence: DataFrame of epochs.csv.

    Returns:
        dict of matrices `target_epoch`, `target_updates`, `target_examples` and `stable_epoch`;
        NaN for a run that was not completed, which never reaches.
    """
    epochs = convergence["last_epoch"].to_numpy(float, na_value=np.nan)
    last, places = {}, _places(saved, convergence)
    for name, (definition, column) in IN_CONVERGENCE.items():
        last[name] = epochs[places[definition]]
        if column == "updates":
            last[name] *= np.stack([own.runs["updates"] / own.runs["epochs"] for own in saved])
    return last | {"target_examples": last["target_epoch"] * samples_per_epoch(saved)}


def samples_per_epoch(saved):
    """Training samples of each point, int [points, 1]."""
    return np.array([[point.job["samples_per_epoch"]] for point in saved])


def best_losses(saved):
    """The best validation loss of each completed run, a matrix; NaN for other runs."""
    column = validation(LOSS)
    return np.stack([_best(point, point.curves(column), column) for point in saved])


def _best(point, curves, column):
    return np.where(point.completed, best_values(curves, column), np.nan)


def quality_measures(saved):
    """How good each completed run was.

    Args:
        saved: list of SavedPoint, the rows.

    Returns:
        dict of matrices: `final_` and `best_` of each validation metric, the shown one first, and
        `final_` of each test metric, if there are test samples; NaN for other runs.
    """
    measures = {}
    for metric in dict.fromkeys((saved[0].shown, LOSS)):
        column = validation(metric)
        final, best = [], []
        for point in saved:
            curves = point.curves(column)
            last = np.full(len(curves), np.nan)
            runs = np.flatnonzero(point.completed)
            last[runs] = curves[runs, point.runs["epochs"].to_numpy()[runs] - 1]
            final.append(last)
            best.append(_best(point, curves, column))
        measures |= {f"final_{column}": np.stack(final), f"best_{column}": np.stack(best)}
    for metric in dict.fromkeys((saved[0].shown, LOSS)):
        column = TEST + metric.name
        if all(column in point.runs for point in saved):
            measures[f"final_{column}"] = np.stack(
                [point.runs[column].where(point.completed).to_numpy(float) for point in saved]
            )
    return measures


def rows_of(saved, convergence, definition):
    """The rows of the convergence table by one definition.

    Args:
        saved: list of SavedPoint.
        convergence: DataFrame of epochs.csv.
        definition: TARGET or STABLE.

    Returns:
        list of DataFrame, one for each of `saved`, with a row per replicate.
    """
    return [convergence.iloc[own] for own in _places(saved, convergence)[definition]]


def _places(saved, convergence):
    """Where in the table the rows of `rows_of` are: dict definition -> int [points, replicates]."""
    keys = convergence[["definition", "recipe", "batch_size", "learning_rate"]]
    # No learning rate is 0; here it stands for one that is not known.
    keys = keys.assign(learning_rate=keys["learning_rate"].astype(float).fillna(0))
    own = keys.groupby(list(keys), sort=False).indices
    names = [(point.recipe, point.batch_size, point.learning_rate or 0) for point in saved]
    return {
        definition: np.stack([own[definition, *name] for name in names])
        for definition in keys["definition"].unique()
    }
