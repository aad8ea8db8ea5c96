"""When does a learning curve count as converged: two definitions, over saved curves.

Curves are float64 [replicates, epochs]; column e - 1 is epoch e. Epochs that a diverged run did
not live to see, and values that are not numbers, are NaN. Results are float64 [replicates] with
NaN where a run did not reach; whether it is censored or diverged is the caller's to say.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from batchscope.results import metric_of

# Accuracies are fractions of whole samples, so ties with a band are real; rounding must not
# decide them.
TIE = 1e-9


def best_values(curves, metric):
    """Each replicate's best value [replicates]; the worst possible for one without any."""
    worst, best = (np.inf, np.min) if metric_of(metric).falls else (-np.inf, np.max)
    filled = np.where(np.isfinite(curves), curves, worst)
    return best(filled, axis=1, initial=worst)


def nearest_size(batch_sizes, reference):
    """The reference batch size, else the next one below, else the next one above."""
    below = [size for size in batch_sizes if size <= reference]
    return max(below) if below else min(batch_sizes)


def auto_target(curves, metric, tolerance):
    """A target that the reference itself reaches with some room.

    Args:
        curves: the reference batch size's curves.
        metric: their column of history.csv.
        tolerance: fraction by which the target is worse than the median over replicates of the
            best value.

    Returns:
        float; NaN if half of the replicates or more have no finite value.
    """
    best = np.median(best_values(curves, metric))
    if not np.isfinite(best):
        return np.nan
    return float(best * (1 + tolerance if metric_of(metric).falls else 1 - tolerance))


def target_epoch(curves, metric, target, hold):
    """The first epoch at which the target is reached and held for `hold` epochs in a row.

    A value equal to the target reaches it. The first of the held epochs is returned; `hold`
    epochs must fit before the curve's end.
    """
    good = curves <= target if metric_of(metric).falls else curves >= target
    if good.shape[1] < hold:
        return np.full(len(curves), np.nan)
    held = sliding_window_view(good, hold, axis=1).all(axis=2)
    return np.where(held.any(axis=1), held.argmax(axis=1) + 1.0, np.nan)


def stable_epoch(curves, window, band, level_epochs, min_epochs):
    """The first epoch from which the curve stays near its own final level, to the end.

    The moving average at epoch e is the mean of epochs e - window + 1 … e, so there is none
    before epoch `window`. It is in the band while it differs from the mean of the last
    `level_epochs` epochs by at most `band`. Reached only if at least `min_epochs` epochs, the
    found one included, are left.
    """
    epochs = curves.shape[1]
    if epochs < window:
        return np.full(len(curves), np.nan)
    average = sliding_window_view(curves, window, axis=1).mean(axis=2)
    level = curves[:, -level_epochs:].mean(axis=1, keepdims=True)
    inside = np.abs(average - level) <= band + TIE
    stays = np.logical_and.accumulate(inside[:, ::-1], axis=1)[:, ::-1]
    first = stays.argmax(axis=1) + float(window)
    reached = stays.any(axis=1) & (epochs - first + 1 >= min_epochs)
    return np.where(reached, first, np.nan)
