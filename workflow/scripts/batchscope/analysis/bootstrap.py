"""Intervals by a paired bootstrap over replicates.

Replicate r is the same initial weights and the same orders at every point, so one resampling of
the replicates is used for all points at once: whatever is derived from several of them (a ratio, a
fitted law, a recommendation) keeps the pairing (Efron 1979, "Bootstrap methods: another look at
the jackknife").

Percentiles of draws are too narrow with few replicates: draws spread less than samples by
sqrt((n - 1) / n), and a normal tail is taken where Student's t belongs. Both are mended by
sqrt(n / (n - 1)) * t / z times the distance, either in how far out the percentiles are taken
(expanded percentiles; Hesterberg 2015, "What Teachers Should Know About the Bootstrap", The
American Statistician 69) or in the draws themselves. docs/statistics.md shows what they cover.

A run that did not reach is at infinity and stays there in every draw that it is part of. A
value that is not known is NaN and left out.
"""

import itertools

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from batchscope.analysis.draws import Draws

DRAWS = 20_000
LEVEL = 0.95

# With fewer replicates a median has no interval: the range of all is told instead. Of a mean the
# draws of so few tell too little of the tails.
FEWEST, FEWEST_FOR_MEANS = 5, 10

# Five pairs all have the same order by chance once in 16 times: too often to conclude from.
FEWEST_TO_CONCLUDE = 6

# What limits are: confidence intervals, the range over few replicates, or none of a single one.
CONFIDENCE, RANGE, NONE = "confidence", "range", "none"


class Bootstrap:
    """The draws of one study.

    Args:
        replicates: how many there are, n.
        seed: of the draws. Those of another seed are independent.
        draws: how many there are. Fewer are the first of the many.

    Attributes:
        kind: what its limits are: CONFIDENCE, RANGE or NONE.
        kind_of_means: what those of means are.
        counts: how often each replicate is in each draw, float64 [draws, n]. Without confidence
            intervals each replicate is a draw of its own: limits are then the range of them.
        tail: the share of draws that an interval leaves out at each end.
        stretch: how much further out than draws an estimate may be.
    """

    def __init__(self, replicates, seed=0, draws=DRAWS):
        self.replicates = replicates
        few = RANGE if replicates > 1 else NONE
        self.kind = CONFIDENCE if replicates >= FEWEST else few
        self.kind_of_means = CONFIDENCE if replicates >= FEWEST_FOR_MEANS else few
        self.counts, self.tail, self.stretch = np.eye(replicates), 0, 1
        if self.kind == CONFIDENCE:
            share = np.full(replicates, 1 / replicates)
            self.counts = np.random.default_rng(seed).multinomial(replicates, share, draws) * 1.0
            end = (1 + LEVEL) / 2
            distance = np.sqrt(replicates / (replicates - 1)) * stdtrit(replicates - 1, end)
            self.tail = ndtr(-distance)
            self.stretch = distance / ndtri(end)
        # Small integers, in rows of draws, make medians a hundred times as quick as sorting draws.
        small = np.min_scalar_type(2 * replicates)
        self._small = np.ascontiguousarray(self.counts.T.astype(small))

    def medians(self, values):
        """The median over replicates, of all and in each draw.

        Args:
            values: float64 [points, replicates].

        Returns:
            (medians [points], drawn [points, draws]); NaN where no value is known.
        """
        return median(values), np.stack([self._medians(own) for own in values])

    def _medians(self, values):
        """The median of values [replicates] in each draw: float64 [draws]."""
        order = np.argsort(values)
        values, known = values[order], np.sum(~np.isnan(values))
        if not known:
            return np.full(len(self.counts), np.nan)
        # How many of a draw are at most each of the known values, smallest first.
        reached = self._small[order[:known]]
        for before, row in itertools.pairwise(reached):
            row += before
        total = reached[-1]
        low, high = (
            values[np.sum(reached <= rank, axis=0, dtype=total.dtype).clip(max=known - 1)]
            for rank in (np.where(total > 0, total - 1, 0) // 2, total // 2)
        )
        return np.where(total > 0, (low + high) / 2, np.nan)

    def median_of_each_draw(self, values):
        """The median in each draw, where that has values of its own.

        Args:
            values: float64 [draws, replicates]; NaN is left out.

        Returns:
            float64 [draws]; NaN where no value is known.
        """
        order = np.argsort(values, axis=1)
        values = np.take_along_axis(values, order, axis=1)
        counts = np.take_along_axis(self.counts, order, axis=1)
        reached = np.cumsum(np.where(np.isnan(values), 0, counts), axis=1)
        total = reached[:, -1:]
        low, high = (
            _at(values, np.sum(reached <= rank, axis=1).clip(max=values.shape[1] - 1))
            for rank in ((total - 1) // 2, total // 2)
        )
        return np.where(total[:, 0] > 0, (low + high) / 2, np.nan)

    def mean_of_each_draw(self, values):
        """As `median_of_each_draw`, for the mean of finite values."""
        known = ~np.isnan(values)
        with np.errstate(invalid="ignore"):
            return np.sum(np.where(known, values, 0) * self.counts, axis=1) / np.sum(
                known * self.counts, axis=1
            )

    def means(self, values):
        """As `medians`, for the mean of finite values."""
        known = ~np.isnan(values)
        with np.errstate(invalid="ignore"):
            drawn = (np.where(known, values, 0) @ self.counts.T) / (known @ self.counts.T)
        return mean(values), drawn

    def limits(self, drawn, anything=False):
        """Lower and upper limit of something from its values in the draws: expanded percentiles.

        Args:
            drawn: float64 [..., draws], or Draws.
            anything: whether a NaN could be any value; else such draws are left out.

        Returns:
            (low [...], high [...]); infinite where no limit can be given, NaN for a single
            replicate, and for what is NaN in every draw.
        """
        if isinstance(drawn, Draws):
            limits = (self.limits(block, anything) for block in drawn.blocks())
            return tuple(map(np.concatenate, zip(*limits, strict=True)))
        return self._percentiles(drawn, self.tail, anything)

    def limits_of_means(self, values, drawn):
        """As `limits`, of means: `values` [..., replicates] are what they are means of. Where
        there are too few, the smallest and the largest."""
        if self.kind_of_means == CONFIDENCE:
            return self.limits(drawn)
        return self._percentiles(values, 0)

    def limits_around(self, value, drawn):
        """As `limits`, of something positive whose draws are spread smoothly around its value
        [...]: their ratios to it are stretched, and the percentiles are the plain ones. A NaN
        could be any value.

        Of few replicates the expanded percentiles are the outermost draws, and those have an end
        (the draws of one replicate alone); stretching goes beyond it.
        """
        stretched = value[..., None] * (drawn / value[..., None]) ** self.stretch
        tail = (1 - LEVEL) / 2 if self.kind == CONFIDENCE else 0
        return self._percentiles(stretched, tail, anything=True)

    def _percentiles(self, drawn, tail, anything=False):
        if self.kind == NONE:
            nothing = np.full(drawn.shape[:-1], np.nan)
            return nothing, nothing
        low, high = drawn, drawn
        if anything:
            somewhere = ~np.isnan(drawn).all(axis=-1, keepdims=True)
            unknown = np.isnan(drawn) & somewhere
            low, high = (np.where(unknown, end, drawn) for end in (-np.inf, np.inf))
        return _percentile(low, tail, np.floor), _percentile(high, 1 - tail, np.ceil)

    def share(self, drawn):
        """The share of draws [..., draws] in which something is so; NaN without intervals."""
        share = np.mean(drawn, axis=-1)
        return share if self.kind == CONFIDENCE else np.full_like(share, np.nan)

    def surely(self, drawn):
        """Whether something is so in so many draws [..., draws] that an interval at `LEVEL` leaves
        all others out: bool [...]. Never with fewer replicates than conclusions take."""
        return (self.share(drawn) >= 1 - self.tail) & (self.replicates >= FEWEST_TO_CONCLUDE)


def median(values):
    """The median along the last axis, of the values that are not NaN; NaN if there are none."""
    values = np.asarray(values)
    known = np.sum(~np.isnan(values), axis=-1)
    ordered = np.sort(values, axis=-1)
    return (_at(ordered, (known - 1) // 2) + _at(ordered, known // 2)) / 2


def mean(values):
    """The mean along the last axis, of the values that are not NaN; NaN if there are none."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.sum(np.where(known, values, 0), axis=-1) / np.sum(known, axis=-1)


def _percentile(values, share, rounding):
    """The value at a share of those that are not NaN; NaN if there are none.

    Infinite values cannot be interpolated between, so it is one of the values themselves.
    """
    last = np.sum(~np.isnan(values), axis=-1) - 1
    index = rounding(share * np.maximum(last, 0)).astype(int)
    return _at(np.partition(values, np.unique(index), axis=-1), np.where(last < 0, -1, index))


def _at(ordered, index):
    """The element of each row; sorted, what is not NaN comes first, so an index of -1 is NaN."""
    index = np.clip(index, -1, ordered.shape[-1] - 1)
    return np.take_along_axis(ordered, index[..., None], axis=-1)[..., 0]
