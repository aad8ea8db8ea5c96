"""The curves of a point as a page holds them: means, bands and runs at some epochs, and staircases
that answer for all epochs."""

from typing import NamedTuple

import numpy as np

from batchscope.analysis.bootstrap import median
from batchscope.analysis.curves import curve, finite_history
from batchscope.analysis.staircases import Staircase, at_targets, staircases
from batchscope.results import validation

# Up to so many epochs all are drawn, and up to so many replicates one by one.
EPOCHS, REPLICATES = 120, 30

# Runs that are drawn of all points together: 1 MB of a page.
RUNS = 720

# Steps of all staircases together: 2 MB of a page.
STEPS = 100_000


class DrawnPoint(NamedTuple):
    """What a page holds of a point besides its numbers.

    Attributes:
        drawn: its entry of `drawn_curves`.
        staircases: as of `point_staircases`.
        last_epoch: as of `last_epoch`.
        any_target: whether the staircases answer for any target.
    """

    drawn: dict
    staircases: dict
    last_epoch: float
    any_target: bool = True


def drawn_points(saved, hold):
    """What a page holds of each point: list of DrawnPoint.

    Args:
        saved: list of SavedPoint.
        hold: epochs in a row that a target is held for.
    """
    return [
        DrawnPoint(drawn, point_staircases(point, hold), last_epoch(point, hold))
        for drawn, point in zip(drawn_curves(saved), saved, strict=True)
    ]


def thinned_points(points, targets):
    """Points with staircases that a page can hold.

    Args:
        points: list of DrawnPoint.
        targets: dict column on the validation samples -> list of float, which a page can show.

    Returns:
        list of DrawnPoint: as they are if that is not too much, else with staircases that answer
        for these targets alone.
    """
    steps = (len(r.epochs) for p in points for runs in p.staircases.values() for r in runs)
    if sum(steps) <= STEPS:
        return points
    return [
        point._replace(
            staircases={
                column: at_targets(runs, column, targets[column])
                for column, runs in point.staircases.items()
            },
            any_target=False,
        )
        for point in points
    ]


def drawn_curves(saved):
    """What is drawn of each point.

    Args:
        saved: list of SavedPoint.

    Returns:
        list of dict: `epochs`, int [kept], those that are drawn, which are the same at all points
        but for the last one of each; `columns`, dict column of history.csv -> dict of `mean`, `low`
        and `high` over replicates, float64 [kept]; `runs`, dict column on the validation samples
        -> float64 [drawn replicates, kept], NaN where a run has ended. A diverged replicate counts
        up to its last finite epoch.
    """
    kept = _kept(max(point.runs["epochs"].max() for point in saved))
    replicates = min(REPLICATES, max(1, RUNS // len(saved)))
    return [_drawn(point, kept, replicates) for point in saved]


def _drawn(point, kept, replicates):
    history = finite_history(point)
    epochs = np.unique(history["epoch"])
    epochs = epochs[np.isin(epochs, kept) | (epochs == epochs.max(initial=0))]
    bands, runs = {}, {}
    for metric in point.metrics:
        validated = validation(metric)
        for column in (metric.name, validated):
            parts = curve(history, column)._asdict().items()
            bands[column] = {name: part.reindex(epochs).to_numpy(float) for name, part in parts}
        by_epoch = history.pivot(index="replicate", columns="epoch", values=validated)
        drawn = point.runs["replicate"][:replicates]
        runs[validated] = by_epoch.reindex(index=drawn, columns=epochs).to_numpy(float)
    return {"epochs": epochs, "columns": bands, "runs": runs}


def point_staircases(point, hold):
    """The staircases of a point's runs.

    Args:
        point: a SavedPoint.
        hold: epochs in a row that a target is held for.

    Returns:
        dict column on the validation samples -> list of Staircase, one per replicate, without
        steps unless it was completed.
    """
    found = {}
    for column in map(validation, point.metrics):
        runs = staircases(point.curves(column), column, hold)
        found[column] = [
            run if completed else Staircase(run.epochs[:0], run.values[:0])
            for run, completed in zip(runs, point.completed, strict=True)
        ]
    return found


def last_epoch(point, hold):
    """The last epoch at which a target can be seen to be reached: the median over the completed
    replicates, float; NaN if there are none. A median that is not reached is later than this."""
    last = np.maximum(point.runs["epochs"] - hold + 1, 0)
    return float(median(np.where(point.completed, last, np.nan)))


def _kept(epochs):
    """Which of so many epochs are drawn: all of a few, else half evenly apart and half so in the
    logarithm, since curves bend early; the first and the last are among them."""
    if epochs <= EPOCHS:
        return np.arange(1, epochs + 1)
    spaced = [space(1, epochs, EPOCHS // 2) for space in (np.linspace, np.geomspace)]
    return np.unique(np.round(spaced).astype(int))
