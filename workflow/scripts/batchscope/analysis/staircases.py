"""When a run reaches any target at all, kept small.

A run has reached a target by epoch e if the worst of some `hold` epochs in a row, of which the
first is e or earlier, is as good. The best of these worst values only ever gets better with e: a
staircase. Its steps answer for every target what `convergence.target_epoch` answers for one.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from batchscope.results import metric_of

# Targets have so many significant digits, as in the sentences about them.
DIGITS = 4


class Staircase(NamedTuple):
    """The steps of one run.

    Attributes:
        epochs: at which a better value is reached, int [steps], rising.
        values: which value, float64 [steps], each better than the one before.
    """

    epochs: np.ndarray
    values: np.ndarray


def staircases(curves, metric, hold):
    """The staircase of each run.

    Args:
        curves: float64 [replicates, epochs], as in `convergence`.
        metric: their column of history.csv.
        hold: epochs in a row that a target is held for.

    Returns:
        list of Staircase; one without steps reaches nothing.
    """
    if curves.shape[1] < hold:
        return [Staircase(np.empty(0, int), np.empty(0))] * len(curves)
    sign = 1.0 if metric_of(metric).falls else -1.0
    worst = sliding_window_view(sign * curves, hold, axis=1).max(axis=2)
    reached = np.minimum.accumulate(np.where(np.isnan(worst), np.inf, worst), axis=1)
    # Nothing is better than infinity from the first epoch on.
    before = np.insert(reached[:, :-1], 0, np.inf, axis=1)
    found = []
    for own, better in zip(reached, reached < before, strict=True):
        steps = np.flatnonzero(better)
        found.append(Staircase(steps + 1, sign * own[steps]))
    return found


def at_targets(runs, metric, targets):
    """Staircases that answer for some targets alone, and have no more steps than these.

    Args:
        runs: list of Staircase.
        metric: their column of history.csv.
        targets: list of float.

    Returns:
        list of Staircase, whose values are targets.
    """
    sign = 1.0 if metric_of(metric).falls else -1.0
    # The easiest first.
    targets = np.unique(targets)[:: -int(sign)]
    found = []
    for epochs, values in runs:
        step = np.searchsorted(-sign * values, -sign * targets)
        first = epochs[step[step < len(epochs)]]
        # Of targets that are reached at once, the hardest answers for all.
        hardest = np.append(np.diff(first) > 0, True)[: len(first)]
        found.append(Staircase(first[hardest], targets[: len(first)][hardest]))
    return found


def grid_of_targets(runs, metric, count):
    """Targets that tell the runs apart, the easiest first.

    Args:
        runs: list of Staircase.
        metric: their column of history.csv.
        count: how many targets, at most.

    Returns:
        list of float: what the runs have reached at `count` epochs of each, evenly apart, and of
        all these values the even quantiles. So the targets lie close where runs spend their time.
    """
    pooled = [np.empty(0)]
    for epochs, values in runs:
        if len(epochs):
            at = np.linspace(epochs[0], epochs[-1], count)
            pooled.append(values[np.searchsorted(epochs, at, side="right") - 1])
    pooled = np.concatenate(pooled)
    if not len(pooled):
        return []
    targets = {rounded(value) for value in np.quantile(pooled, np.linspace(0, 1, count))}
    return sorted(targets, reverse=metric_of(metric).falls)


def rounded(target):
    """A target as sentences write it, as a float."""
    return float(f"{target:.{DIGITS}g}")
