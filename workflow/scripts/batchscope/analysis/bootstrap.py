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

# With fewer replicates percentiles of draws mean nothing; the range is printed instead.
FEWEST = 5


class Bootstrap:
    """The draws of one study.

    Args:
        replicates: how many there are.

    Attributes:
        indices: int [draws, n], the replicates in each draw. With fewer than `FEWEST` replicates
            each stands for itself, n = 1: limits are then the range over replicates.
        name: what its limits are to be called: "95% interval", "range", or None for a single
            replicate, which has neither.
    """

    def __init__(self, replicates):
        self.replicates = replicates
        if replicates >= FEWEST:
            self.name = f"{LEVEL:.0%} interval"
            self.indices = np.random.default_rng(0).integers(replicates, size=(DRAWS, replicates))
        else:
            self.name = "range" if replicates > 1 else None
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
        if self.name is None:
            return np.full(drawn.shape[:-1], np.nan), np.full(drawn.shape[:-1], np.nan)
        tail = (1 - LEVEL) / 2 if self.replicates >= FEWEST else 0
        unknown = np.isnan(drawn)
        known = drawn.shape[-1] - np.sum(unknown, axis=-1, keepdims=True)
        low, high = drawn, drawn
        if anything:
            low, high = (np.where(unknown, worst, drawn) for worst in (-np.inf, np.inf))
            known = np.where(known > 0, drawn.shape[-1], 0)
        # Infinite values cannot be interpolated between, so limits are values that were drawn;
        # sorted, the known ones come first.
        last = np.maximum(known - 1, 0)
        picks = np.floor(tail * last), np.ceil((1 - tail) * last)
        limits = (
            np.take_along_axis(np.sort(values, axis=-1), pick.astype(int), -1)
            for values, pick in zip((low, high), picks, strict=True)
        )
        return tuple(np.where(known > 0, limit, np.nan)[..., 0] for limit in limits)

    def probability(self, drawn):
        """The share of draws [..., draws] in which something is so; NaN for fewer replicates."""
        share = np.mean(drawn, axis=-1)
        return share if self.replicates >= FEWEST else np.full_like(share, np.nan)


def median(values):
    """The median along the last axis, of the values that are not NaN; NaN if there are none."""
    values = np.asarray(values)
    ordered = np.sort(values, axis=-1)
    known = np.sum(~np.isnan(values), axis=-1, keepdims=True)
    middle = np.maximum([known - 1, known], 0) // 2
    middle = np.minimum(middle, values.shape[-1] - 1)
    lower, upper = (np.take_along_axis(ordered, index, -1)[..., 0] for index in middle)
    return (lower + upper) / 2


def mean(values):
    """The mean along the last axis, of the values that are not NaN; NaN if there are none."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.sum(np.where(known, values, 0), axis=-1) / np.sum(known, axis=-1)
