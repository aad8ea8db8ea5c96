"""The learning-rate map of a recipe as a table: what each rate of its grid comes to.

See `best_rate` for what is made of it.
"""

import numpy as np
import pandas as pd

from batchscope.analysis.best_rate import (
    EXPONENTS,
    FEWEST_SIZES,
    best_rate,
    good_factor,
    judge_best_rates,
)
from batchscope.analysis.bootstrap import CONFIDENCE
from batchscope.analysis.choice import BEST_LOSS, TIME
from batchscope.analysis.expected import expected_epochs
from batchscope.analysis.interval import Interval, finite, read_intervals

# These sizes: the ends of both halves.
SIZES = ("smallest_size", "middle_size", "largest_size")


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
        recommendation.schema.yaml; `exponent`, and `exponent_of_small` and `exponent_of_large` of
        the smaller and the larger half of the sizes, each with limits; `smallest_size`,
        `middle_size` and `largest_size`, which they are of.
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
    verdict, exponents = judge_best_rates(
        boot, np.log(rates), np.log(sizes[kept]), *(x[kept] for x in best)
    )
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
    expected, drawn = expected_epochs(boot.means, runs)
    losses, drawn_losses = boot.means(runs[BEST_LOSS])
    return {
        "expected_epochs": (expected, *boot.limits_of_means(runs["target_epoch"], drawn), drawn),
        BEST_LOSS: (losses, *boot.limits_of_means(runs[BEST_LOSS], drawn_losses), drawn_losses),
    }


def _interval(boot, value, drawn):
    """The Interval of a number from logarithms; a NaN among the draws could be anything."""
    limits = (np.nan, np.nan)
    if boot.kind == CONFIDENCE:
        limits = boot.limits(drawn, anything=True)
    # Below all that was tried is not 0.
    return Interval(*(float(x if np.isinf(x) else np.exp(x)) for x in (value, *limits)))


def _sizes_in_the_grid(sizes, best):
    """The sizes whose best rate is known and at no end of the grid, rising: int [kept].

    Of two full batches one is enough.
    """
    first = np.unique(sizes, return_index=True)[1]
    return first[np.isfinite(best[first])]


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
