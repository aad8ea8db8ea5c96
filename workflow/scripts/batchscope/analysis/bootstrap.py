"""Intervals by a paired bootstrap over replicates.

Replicate r is the same initial weights and the same orders at every point, so one resampling of
the replicates is used for all points at once: whatever is derived from several of them (a ratio, a
fitted law, a recommendation) keeps the pairing. Intervals are the percentiles of the draws (Efron
1979, "Bootstrap methods: another look at the jackknife").

A run that did not get there is at infinity and stays there in every draw that it is part of. A
value that is not known is NaN and left out.
"""

import numpy as np

DRAWS = 2000
LEVEL = 0.95

# With fewer replicates percentiles of draws mean nothing; the range is told instead.
FEWEST = 5

# What limits are: confidence intervals, the range over few replicates, or none of a single one.
CONFIDENCE, RANGE, NONE = "confidence", "range", "none"


class Bootstrap:
    """The draws of one study.

    Args:
        replicates: how many there are.

    Attributes:
        kind: what its limits are: CONFIDENCE, RANGE or NONE.
        indices: int [draws, n], the replicates in each draw. Without confidence intervals each
            replicate stands for itself, n = 1: limits are then the range over replicates.
    """

    def __init__(self, replicates):
        self.replicates = replicates
        if replicates >= FEWEST:
            self.kind = CONFIDENCE
            self.indices = np.random.default_rng(0).integers(replicates, size=(DRAWS, replicates))
        else:
            self.kind = RANGE if replicates > 1 else NONE
            self.indices = np.arange(replicates)[:, None]

    @property
    def counts(self):
        """How often each replicate is in each draw: float64 [draws, replicates]."""
        each = [np.sum(self.indices == r, axis=1) for r in range(self.replicates)]
        return np.stack(each, axis=1).astype(float)

    def medians(self, values):
        """The median over replicates, of all and in each draw.

        Args:
            values: float64 [..., replicates].

        Returns:
            (medians [...], drawn [..., draws]); NaN where no value is known.
        """
        return median(values), median(values[..., self.indices])

    def means(self, values):
        """As `medians`, for the mean."""
        return mean(values), mean(values[..., self.indices])

    def limits(self, drawn, anything=False):
        """Lower and upper limit of something from its values in the draws.

        Args:
            drawn: float64 [..., draws].
            anything: whether a NaN could be any value; else such draws are left out.

        Returns:
            (low [...], high [...]); infinite where no limit can be given, NaN for a single
            replicate, and for what is NaN in every draw.
        """
        if self.kind == NONE:
            nothing = np.full(drawn.shape[:-1], np.nan)
            return nothing, nothing
        tail = (1 - LEVEL) / 2 if self.kind == CONFIDENCE else 0
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
    return _at(np.sort(values, axis=-1), rounding(share * np.maximum(last, 0)).astype(int))


def _at(ordered, index):
    """The element of each row; sorted, what is not NaN comes first, so an index of -1 is NaN."""
    index = np.clip(index, -1, ordered.shape[-1] - 1)
    return np.take_along_axis(ordered, index[..., None], axis=-1)[..., 0]
