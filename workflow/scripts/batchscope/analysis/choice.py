"""Which learning rate of a grid is taken at each point.

Every replicate is trained at every rate of a grid. The rate is taken at which a run to the target
is expected to take least, failures paid for: a batch size is judged at its best rate (Shallue et
al. 2019, "Measuring the effects of data parallelism on neural network training"). Or that with the
lowest loss.

The best of several rates looks better than it is in the runs that it was chosen by. So in a draw of
the bootstrap each run is taken at the rate that is best in all other runs of the draw: no run
judges itself (leave-one-out cross-validation, Stone 1974, "Cross-validatory choice and assessment
of statistical predictions"). docs/statistics.md compares ways to choose.
"""

from typing import NamedTuple

import numpy as np

from batchscope.analysis.bootstrap import CONFIDENCE, mean, median
from batchscope.analysis.draws import Draws
from batchscope.analysis.expected import spent_and_reached
from batchscope.results import LOSS, validation

TIME, BEST_LOSS = "time", f"best_{validation(LOSS)}"


class Choice(NamedTuple):
    """The learning rates that are taken.

    Attributes:
        rows: of each point, the rows of its rates, the smallest first: list of int [rates].
        value: the row that is taken of each point by all replicates, int [points].
        drawn: point -> which of its rows each replicate is taken from in each draw, uint [draws,
            replicates]; only of points with several rates, and only with confidence intervals.
    """

    rows: list
    value: np.ndarray
    drawn: dict

    def medians(self, boot, values):
        """As `Bootstrap.medians`, of values [rows, replicates]: (medians [points], Draws)."""
        own = values[self.value]
        return median(own), self._drawn(values, boot.medians, boot.median_of_each_draw)

    def means(self, boot, values):
        """As `medians`, of `Bootstrap.means`."""
        own = values[self.value]
        return mean(own), self._drawn(values, boot.means, boot.mean_of_each_draw)

    def _drawn(self, values, statistic, of_each_draw):
        def of_block(points):
            _, drawn = statistic(values[self.value[points]])
            for index, point in enumerate(range(points.start, points.stop)):
                if point in self.drawn:
                    taken = self.rows[point][self.drawn[point]]
                    drawn[index] = of_each_draw(np.take_along_axis(values, taken, axis=0))
            return drawn

        return Draws.by_block(len(self.value), of_block)

    def share(self, boot):
        """The share of the runs of all draws that are taken at the rate of `value`: float64
        [points]; NaN where nothing is drawn."""
        share = np.full(len(self.value), np.nan)
        for point, taken in self.drawn.items():
            own = self.rows[point] == self.value[point]
            share[point] = np.average(own[taken], weights=boot.counts)
        return share


def rows_of_points(saved):
    """The rows of each point: list of int [rates]."""
    rows = {}
    for row, trained in enumerate(saved):
        rows.setdefault((trained.recipe, trained.batch_size), []).append(row)
    return [np.array(own) for own in rows.values()]


def choose_rates(boot, saved, runs, by):
    """Choose a learning rate at each point, and in each draw.

    Args:
        boot: the study's Bootstrap.
        saved: list of SavedPoint, the rows.
        runs, by: as of `best_rates`.

    Returns:
        Choice. A replicate that is alone in its draw is taken at the rate of `value`.
    """
    rows = rows_of_points(saved)
    value = best_rates(rows, runs, by)
    drawn = {}
    if boot.kind == CONFIDENCE:
        alone = boot.counts == boot.replicates
        for point, own in enumerate(rows):
            if len(own) > 1:
                best = _without_each(own, runs, by, boot.counts)
                best[alone] = np.flatnonzero(own == value[point])
                # There are as many of them as draws and replicates of each point.
                drawn[point] = best.astype(np.min_scalar_type(len(own)))
    return Choice(rows, value, drawn)


def best_rates(rows, runs, by):
    """The best learning rate of each point by all replicates.

    Args:
        rows: from `rows_of_points`.
        runs: dict of matrices [rows, replicates]: `target_epoch`, `epochs` and `BEST_LOSS`.
        by: what is to be least: TIME, the expected time to the target, or `loss`, the mean of the
            best losses. Where no run reaches the target, it is the loss; one that was not
            completed has an infinite one.

    Returns:
        Its row, int [points]. Of equal rates the smallest is taken.
    """
    everyone = [np.sum(own, axis=1) for own in _costs(runs)]
    return np.array([own[_best(*(x[own] for x in everyone), by)] for own in rows])


def _costs(runs):
    """What is summed over runs to judge a rate, float64 [rows, replicates] each: the epochs spent,
    the runs that reached, the best loss where there is one, the runs that have none."""
    known = np.isfinite(runs[BEST_LOSS])
    return (
        *spent_and_reached(runs),
        np.where(known, runs[BEST_LOSS], 0),
        ~known * 1.0,
    )


def _without_each(own, runs, by, counts):
    """The best of a point's rates in each draw without each replicate: int [draws, replicates]."""
    sums = []
    for cost in _costs(runs):
        each = counts[None] * cost[own][:, None]
        sums.append(each.sum(axis=2, keepdims=True) - each)
    return _best(*sums, by)


def _best(spent, reached, loss, lost, by):
    """Which rate is best, given sums over runs [rates, ...]: int [...]."""
    # Differences of sums are exact where they are whole numbers; losses are not.
    loss = np.where(lost > 0, np.inf, np.round(loss, 9))
    if by != TIME:
        return loss.argmin(axis=0)
    time = np.where(reached > 0, spent / np.where(reached > 0, reached, 1), np.inf)
    return np.where(np.isinf(time).all(axis=0), loss, time).argmin(axis=0)


def edge(rate, rates):
    """ "lowest" or "highest" where a better rate may lie beyond those trained, else None."""
    if len(rates) < 2:
        return None
    return {min(rates): "lowest", max(rates): "highest"}.get(rate)
