"""What the learning curves of a point show: means over replicates with bands, and convergence."""

from typing import NamedTuple

import pandas as pd

from batchscope.analysis.bootstrap import median
from batchscope.analysis.measures import STABLE, TARGET, rows_of, times_to
from batchscope.results import DIVERGED, REACHED, validation

# The quantiles over replicates that a band goes from and to.
BAND = (0.1, 0.9)


class Curve(NamedTuple):
    """A metric over epochs: Series of float64, by epoch.

    Attributes:
        mean: over replicates.
        low: the lower quantile of BAND.
        high: the upper one.
    """

    mean: pd.Series
    low: pd.Series
    high: pd.Series


class PointCurves(NamedTuple):
    """What is shown of a point.

    Attributes:
        training: Curve of the shown metric on the training samples; None if it has no history.
        validation: likewise on the validation samples.
        target_epoch: median over replicates, float; inf if not reached, NaN if not known.
        stable_epoch: likewise.
        target_seconds: likewise, by the pace.
        reached: replicates that reached the target, int.
        diverged: replicates that diverged, int.
    """

    training: Curve | None
    validation: Curve | None
    target_epoch: float
    stable_epoch: float
    target_seconds: float
    reached: int
    diverged: int


def chosen_points(saved, convergence):
    """Those of `saved` whose learning rate is taken of their point: list of SavedPoint.

    Args:
        saved: list of SavedPoint, of all learning rates.
        convergence: DataFrame of epochs.csv.
    """
    rows = rows_of(saved, convergence, TARGET)
    return [point for point, own in zip(saved, rows, strict=True) if own["chosen"].all()]


def finite_history(point):
    """The history of a point without the last epoch of each diverged replicate: a DataFrame.

    An argmax of NaN has an accuracy too.
    """
    ends = point.runs[point.runs["status"].eq(DIVERGED)].set_index("replicate")["epochs"]
    return point.history[~point.history["epoch"].eq(point.history["replicate"].map(ends))]


def curve(history, column):
    """The Curve of a column of a history, over the replicates that trained each epoch."""
    # A column without rows has no type.
    by_epoch = history[column].astype(float).groupby(history["epoch"])
    return Curve(by_epoch.mean(), *(by_epoch.quantile(quantile) for quantile in BAND))


def point_curves(point, convergence):
    """What is shown of a point.

    Args:
        point: a SavedPoint.
        convergence: DataFrame of epochs.csv.

    Returns:
        PointCurves. A diverged replicate counts up to its last finite epoch.
    """
    (of_target,), (of_stable,) = (rows_of([point], convergence, way) for way in (TARGET, STABLE))
    training = validated = None
    if not point.history.empty:
        history = finite_history(point)
        training, validated = (
            curve(history, column) for column in (point.shown.name, validation(point.shown))
        )
    return PointCurves(
        training=training,
        validation=validated,
        target_epoch=float(median(times_to(of_target, "epoch"))),
        stable_epoch=float(median(times_to(of_stable, "epoch"))),
        target_seconds=float(median(times_to(of_target, "seconds"))),
        reached=int(of_target["status"].eq(REACHED).sum()),
        diverged=int(point.runs["status"].eq(DIVERGED).sum()),
    )
