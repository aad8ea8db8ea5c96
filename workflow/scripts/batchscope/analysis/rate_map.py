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
import pandas as pd

from batchscope.analysis.bootstrap import CONFIDENCE, FEWEST_TO_CONCLUDE
from batchscope.analysis.choice import BEST_LOSS, TIME
from batchscope.analysis.expected import spent_and_reached
from batchscope.analysis.interval import Interval, finite, read_intervals

# A power of the batch size has two parameters: fewer sizes could not contradict it.
FEWEST_SIZES = 3

# The exponent of all sizes, and of their smaller and larger half, which share the middle one.
EXPONENTS = ("exponent", "exponent_of_small", "exponent_of_large")

# These sizes: the ends of both halves.
SIZES = ("smallest_size", "middle_size", "largest_size")

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
    index = values.argmin(axis=-1)
    lowest = values.min(axis=-1)
    with np.errstate(invalid="ignore"):
        above = values - lowest[..., None] - np.log1p(GOOD)
    factor = np.zeros(index.shape)
    for step in (1, -1):
        # Where the line to the next rate crosses what is still good.
        reach = np.full(index.shape, np.inf)
        for at in range(len(rates))[::-step]:
            beyond = at + step
            if not 0 <= beyond < len(rates):
                continue
            inside, outside = above[..., at], above[..., beyond]
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.where(np.isinf(outside), 0, -inside / (outside - inside))
            crossing = abs(rates[at] - rates[index]) + share * abs(rates[beyond] - rates[at])
            ahead = (at - index) * step >= 0
            reach = np.where(ahead & (outside > 0), crossing, reach)
        factor += reach
    return np.where(np.isinf(lowest), np.nan, factor)


def rate_map(measurements, recipe, by):
    """The map of one recipe that has a grid.

    Args:
        measurements: the study's Measurements.
        recipe: the recipe's name.
        by: what is least at the best rate, as of `choice.best_rates`.

    Returns:
        DataFrame, a row per learning rate and batch size that has the grid: `expected_epochs` to
        the target and `best_val_loss`, the mean over completed replicates, each with limits. The
        same in all rows of a batch size: `best_rate` and `good_factor`, each with limits. The same
        in every row: `measure`, which of the two the best is of; `verdict`, see
        recommendation.schema.yaml;
        `exponent`, and `exponent_of_small` and `exponent_of_large` of the smaller and the larger
        half of the sizes, each with limits; `smallest_size`, `middle_size` and `largest_size`,
        which they are of.
    """
    boot, grid = measurements.boot, measurements.grid
    rates_of = [grid.choice.rows[row] for row in measurements.rows(recipe)]
    # An override may give a size one rate.
    rows = np.stack([own for own in rates_of if len(own) > 1])
    rates = np.array([grid.saved[row].learning_rate for row in rows[0]])
    sizes = np.array([float(grid.saved[row].job["effective_batch_size"]) for row in rows[:, 0]])
    found = _measures(boot, {name: own[rows.ravel()] for name, own in grid.runs.items()})
    measure = "expected_epochs" if by == TIME else BEST_LOSS
    with np.errstate(divide="ignore"):
        value, drawn = (np.log(x) for x in (found[measure][0], found[measure][3]))
    curves = value.reshape(rows.shape), np.moveaxis(drawn.reshape(*rows.shape, -1), 1, -1)
    best = [best_rate(np.log(rates), curve) for curve in curves]
    good = [good_factor(np.log(rates), curve) for curve in curves]
    kept = _sizes_in_the_grid(sizes, best[0])
    verdict, exponents = _judge(boot, np.log(rates), np.log(sizes[kept]), *(x[kept] for x in best))
    ends = kept[[0, len(kept) // 2, -1]] if len(kept) >= FEWEST_SIZES else []
    batch_sizes = [grid.saved[rows[index, 0]].batch_size for index in ends] or [None] * 3

    table = []
    for index, size in enumerate(rows):
        own = {
            "best_rate": _interval(boot, *(x[index] for x in best)),
            "good_factor": _interval(boot, *(x[index] for x in good)),
        }
        for number, rate in enumerate(rates):
            entry = {
                "recipe": recipe,
                "batch_size": grid.saved[size[0]].batch_size,
                "effective_batch_size": int(sizes[index]),
                "learning_rate": rate,
                "measure": measure,
                "verdict": verdict,
                **dict(zip(SIZES, batch_sizes, strict=True)),
            }
            cell = index * len(rates) + number
            for name, (middle, low, high, _) in found.items():
                entry |= Interval(middle[cell], low[cell], high[cell]).as_columns(name, ("above",))
            for name, interval in own.items():
                entry |= interval.as_columns(name, ("above", "below"))
            for name, interval in exponents.items():
                entry |= interval.as_columns(name)
            table.append(entry)
    return pd.DataFrame(table)


def _measures(boot, runs):
    """Of each row, value, limits and draws of both measures."""
    spent, reached = spent_and_reached(runs)
    losses, drawn_losses = boot.means(runs[BEST_LOSS])
    with np.errstate(divide="ignore", invalid="ignore"):
        value = spent.sum(axis=1) / reached.sum(axis=1)
        drawn = (spent @ boot.counts.T) / (reached @ boot.counts.T)
    return {
        "expected_epochs": (value, *boot.limits_of_means(runs["target_epoch"], drawn), drawn),
        BEST_LOSS: (losses, *boot.limits_of_means(runs[BEST_LOSS], drawn_losses), drawn_losses),
    }


def _interval(boot, value, drawn):
    """The Interval of a number from logarithms; a NaN among the draws could be anything."""
    if boot.kind != CONFIDENCE:
        return Interval(float(np.exp(value)), np.nan, np.nan)
    low, high = boot.limits(drawn, anything=True)
    return Interval(*(_above_zero(number) for number in (value, low, high)))


def _above_zero(log):
    """exp, but for what lies below all that was tried."""
    return float(log) if np.isinf(log) else float(np.exp(log))


def _sizes_in_the_grid(sizes, best):
    """The sizes whose best rate is known and at no end of the grid, rising: int [kept].

    Of two full batches one is enough.
    """
    first = np.unique(sizes, return_index=True)[1]
    return first[np.isfinite(best[first])]


def _judge(boot, rates, sizes, best, drawn):
    """(verdict, exponents): what is said of the best rates over batch sizes, and dict name ->
    Interval.

    Args:
        boot: the study's Bootstrap.
        rates: logarithms of the rates, float64 [rates].
        sizes: logarithms of the effective batch sizes, float64 [sizes].
        best: of the best rates, float64 [sizes].
        drawn: likewise, float64 [sizes, draws].
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


def rate_facts(table):
    """The map of one recipe as recommendation.json has it.

    Args:
        table: from `rate_map`, or as read from its file.

    Returns:
        dict of plain values, `rate_map` of recommendation.schema.yaml.
    """
    first, sizes = table.iloc[0], table.drop_duplicates("batch_size")

    def intervals(rows, name):
        columns = zip(*(part for part in read_intervals(rows, name)), strict=True)
        return [Interval(*map(float, parts)).as_json() for parts in columns]

    return {
        "measure": first["measure"],
        "verdict": first["verdict"],
        **{name: None if pd.isna(first[name]) else int(first[name]) for name in SIZES},
        **{name: intervals(table[:1], name)[0] for name in EXPONENTS},
        "sizes": [
            {"batch_size": int(size), "best_rate": rate, "good_factor": factor}
            for size, rate, factor in zip(
                sizes["batch_size"],
                intervals(sizes, "best_rate"),
                intervals(sizes, "good_factor"),
                strict=True,
            )
        ],
        "lowest_rate": finite(table["learning_rate"].min()),
        "highest_rate": finite(table["learning_rate"].max()),
    }
