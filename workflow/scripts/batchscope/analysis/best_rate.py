"""How the best learning rate depends on the batch size, from all rates of a grid.

At each batch size a parabola through the three best rates of the grid, in logarithms, says where
the best rate lies. Over batch sizes B the best rates are fitted as B^a by least squares
in logarithms: a is 1 where the rate has to follow the batch size (Goyal et al. 2017), 0.5 where its
square root (Malladi et al. 2022). It need be no power at all: Zhang et al. 2019, "Which algorithmic
choices matter at which batch sizes?", expect 1 below the critical batch size and 0 above it. Li et
al. 2024, "Surge phenomenon in optimal learning rate and batch size scaling", find rates that rise
and fall again. Limits hold how replicates differ, not that a curve is no parabola.
"""

import numpy as np

from batchscope.analysis.bootstrap import CONFIDENCE, FEWEST_TO_CONCLUDE
from batchscope.analysis.interval import Interval

# A power of the batch size has two parameters: fewer sizes could not contradict it.
FEWEST_SIZES = 3

# The exponent of all sizes, and of their smaller and larger half, which share the middle one.
EXPONENTS = ("exponent", "exponent_of_small", "exponent_of_large")

# Rates are good where what is to be least is within this share of the best.
GOOD = 0.05

# A rate at which no run reached is so much worse, in logarithms, that the parabola is as good as
# at its limit.
WORSE = 7.0


def best_rate(rates, values):
    """The best rate, by a parabola through the three best of the grid.

    Beyond a good rate training may fail all at once, which is no parabola; such a rate is seldom
    among the three best.

    Args:
        rates: logarithms of the rates, rising, float64 [rates].
        values: logarithms of what is to be least, float64 [..., rates]; inf where it is not
            reached.

    Returns:
        float64 [...], its logarithm, not beyond the neighbours of the best of the grid; -inf or inf
        where that is the lowest or the highest, NaN where nothing is known.
    """
    values = np.where(np.isnan(values), np.inf, values)
    index, lowest, last = values.argmin(axis=-1), values.min(axis=-1), len(rates) - 1
    # Of two rates the best is at an end.
    rate = _lowest_point(rates, values, lowest) if last > 1 else rates[index]
    rate = np.where(np.isnan(rate), rates[index], rate)
    rate = np.clip(rate, rates[np.maximum(index - 1, 0)], rates[np.minimum(index + 1, last)])
    rate = np.where(index == 0, -np.inf, np.where(index == last, np.inf, rate))
    return np.where(np.isinf(lowest), np.nan, rate)


def _lowest_point(rates, values, lowest):
    """Where the parabola through the three best is lowest, [...]; NaN if it does not bend up."""
    three = np.sort(np.argsort(values, axis=-1, kind="stable")[..., :3], axis=-1)
    x = rates[three]
    y = np.minimum(np.take_along_axis(values, three, axis=-1), lowest[..., None] + WORSE)
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = np.diff(y, axis=-1) / np.diff(x, axis=-1)
        bend = (slopes[..., 1] - slopes[..., 0]) / (x[..., 2] - x[..., 0])
        return np.where(bend > 0, (x[..., 0] + x[..., 1] - slopes[..., 0] / bend) / 2, np.nan)


def good_factor(rates, values):
    """The factor between the rates around the best of the grid that are `GOOD`.

    Between the rates of the grid logarithms are interpolated by lines. A curve that bends upwards
    lies below these, so the factor is at least this.

    Args:
        rates, values: as of `best_rate`.

    Returns:
        float64 [...], its logarithm; inf where the lowest or the highest rate is good, NaN where
        nothing is known.
    """
    values = np.where(np.isnan(values), np.inf, values)
    index, lowest = values.argmin(axis=-1), values.min(axis=-1)
    with np.errstate(invalid="ignore"):
        above = values - lowest[..., None] - np.log1p(GOOD)
    up = _reach(rates, above, index)
    down = _reach(-rates[::-1], above[..., ::-1], len(rates) - 1 - index)
    return np.where(np.isinf(lowest), np.nan, up + down)


def _reach(rates, above, index):
    """How far up from the rate of `index` the lines through `above` cross 0 first, [...]."""
    beyond = (np.arange(len(rates)) > index[..., None]) & (above > 0)
    outside = beyond.argmax(axis=-1)
    inside = np.maximum(outside - 1, 0)
    good, bad = (
        np.take_along_axis(above, at[..., None], axis=-1)[..., 0] for at in (inside, outside)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(np.isinf(bad), 0, good / (good - bad))
        crossing = rates[inside] + share * (rates[outside] - rates[inside])
    return np.where(beyond.any(axis=-1), crossing - rates[index], np.inf)


def judge_best_rates(boot, rates, sizes, best, drawn):
    """What is said of the best rates over batch sizes.

    Args:
        boot: the study's Bootstrap.
        rates: logarithms of the rates, float64 [rates].
        sizes: logarithms of the effective batch sizes, float64 [sizes].
        best: of the best rates, which lie within the grid, float64 [sizes].
        drawn: likewise, float64 [sizes, draws].

    Returns:
        (verdict, exponents): see recommendation.schema.yaml; dict name of `EXPONENTS` -> Interval.
    """
    exponents = dict.fromkeys(EXPONENTS, Interval(np.nan, np.nan, np.nan))
    if len(sizes) < FEWEST_SIZES:
        return "too_few_sizes", exponents
    # A draw whose best rate is at an end of the grid says no more than that.
    drawn, middle = np.clip(drawn, rates[0], rates[-1]), len(sizes) // 2
    slopes = []
    for name, part in zip(EXPONENTS, (np.s_[:], np.s_[: middle + 1], np.s_[middle:]), strict=True):
        value, of_draws = (_slope(sizes[part], x[part]) for x in (best, drawn))
        slopes.append(of_draws)
        limits = (np.nan, np.nan)
        if boot.kind == CONFIDENCE:
            limits = map(float, boot.limits(of_draws, anything=True))
        exponents[name] = Interval(float(value), *limits)
    for sign in (1, -1):
        top = np.argmax(sign * best)
        if all(boot.surely(sign * (drawn[top] - drawn[end]) > 0) for end in (0, -1)):
            return "not_monotone", exponents
    whole, below, beyond = slopes
    if boot.replicates < FEWEST_TO_CONCLUDE:
        return "too_few_replicates", exponents
    if boot.surely(below > beyond) or boot.surely(below < beyond):
        return "bends", exponents
    return "slope" if boot.surely(whole > 0) or boot.surely(whole < 0) else "no_slope", exponents


def _slope(sizes, best):
    """The least squares' slope of best [sizes, ...] over sizes: [...]."""
    centred = sizes - sizes.mean()
    return centred @ best / np.sum(centred**2)
