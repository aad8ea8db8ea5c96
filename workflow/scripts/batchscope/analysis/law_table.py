"""The batch-size law of one recipe as a table: what was measured, and what the law makes of it."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from batchscope.analysis import law
from batchscope.analysis.interval import Interval, finite, read_intervals
from batchscope.analysis.law_verdict import (
    FEWEST_EPOCHS,
    FEWEST_SIZES,
    FEWEST_TO_DESCRIBE,
    LAW_DRAWS,
    SMALLEST_P,
    STANDING,
    WELL_BEYOND,
    Judgement,
    judge_law,
)
from batchscope.analysis.likelihood import Runs
from batchscope.analysis.measures import TIMES

# The law's own numbers: column of the table -> name in recommendation.json, with its unit.
NUMBERS = {
    "s_min": "s_min_updates",
    "e_min": "e_min_examples",
    "b_crit": "b_crit_samples",
    "exponent": "exponent",
}

# What else is the same in every row, in the table and in recommendation.json.
FACTS = ("verdict", "lack_of_fit", "power_law_lack_of_fit", "rms_log_residual")


def law_table(measurements, recipe):
    """The table of one recipe.

    Args:
        measurements: the study's Measurements.
        recipe: the recipe's name.

    Returns:
        DataFrame, a row per point: the effective batch size; updates and median seconds of an
        epoch; median epochs, updates and seconds to the target with limits (see
        `interval.Interval.as_columns`), and `last_epoch`, `last_updates` and `last_seconds`, which
        one that is not reached is later than; the law's `law_updates` with limits, and
        `law_extent`, whether that is `within` the sizes that reached the target or
        `extrapolated`, and then without limits.

        The rest is the same in every row: the `verdict` (see recommendation.schema.yaml), and
        what it is from; the law's own `s_min` (updates), `e_min` (samples) and `b_crit`
        (samples), and the `exponent` of a power law, each with limits. These are empty where the
        verdict does not let them be told. Of a number beyond what the sizes reached show it is
        told on which side it lies. Diverged runs are no part of the law, nor is a second point
        of one effective batch size.
    """
    rows, boot = measurements.rows(recipe), measurements.boot
    points = [measurements.saved[row] for row in rows]
    sizes = np.array([float(point.job["effective_batch_size"]) for point in points])
    table = []
    for row, point, size in zip(rows, points, sizes, strict=True):
        entry = {
            "recipe": recipe,
            "batch_size": point.batch_size,
            "effective_batch_size": int(size),
            "updates_per_epoch": point.job["updates_per_epoch"],
            "seconds_per_epoch": measurements.estimates["seconds_per_epoch"].value[row],
            "replicates": boot.replicates,
            "reached": int(np.isfinite(measurements.runs["target_updates"][row]).sum()),
        }
        for time in TIMES:
            interval = measurements.interval(f"target_{time}", row)
            entry |= interval.as_columns(time, ("above",)) | {f"last_{time}": interval.later_than}
        table.append(entry)
    judged = judge_sweep(measurements, recipe).judged
    curve = _curve(boot, judged, sizes, [entry["updates"] for entry in table])
    facts = {name: getattr(judged, name) for name in FACTS}
    for name in NUMBERS:
        facts |= getattr(judged, name).as_columns(name, ("above", "below"))
    return pd.concat([pd.DataFrame(table), curve], axis=1).assign(**facts)


class Sweep(NamedTuple):
    """The points of a recipe that the law is fitted to, by rising effective batch size.

    Attributes:
        rows: their rows in the measurements, int [points].
        sizes: effective batch sizes, float64 [points], all different.
        low: what each run needed more updates than, float64 [points, replicates], as of `law.fit`.
        high: what it needed at most, likewise.
        judged: the Judgement of the law.
    """

    rows: np.ndarray
    sizes: np.ndarray
    low: np.ndarray
    high: np.ndarray
    judged: Judgement


def judge_sweep(measurements, recipe):
    """Fit the law to a recipe and judge it: a Sweep."""
    rows, estimates = np.array(measurements.rows(recipe)), measurements.estimates
    points = [measurements.saved[row] for row in rows]
    sizes = np.array([float(point.job["effective_batch_size"]) for point in points])
    # Of two full batches, the one that was given more epochs tells more.
    longest = sorted(range(len(rows)), key=lambda index: -points[index].runs["epochs"].max())
    sizes, first = np.unique(sizes[longest], return_index=True)
    rows = rows[np.array(longest)[first]]
    chosen = measurements.grid.choice.value[rows]
    low, high = _limits_of_runs(measurements.grid)
    most = estimates["target_updates"].high[rows]
    judged = judge_law(
        measurements.boot,
        sizes,
        low[chosen],
        high[chosen],
        estimates["target_epoch"].value[rows],
        np.where(np.isnan(most), estimates["target_updates"].value[rows], most),
        _drawn_runs(measurements, rows, low, high),
    )
    return Sweep(rows, sizes, low[chosen], high[chosen], judged)


def _limits_of_runs(grid):
    """What each run needed more updates than, and at most, at all learning rates: float64 [rows,
    replicates]."""
    updates, epochs = grid.runs["target_updates"], grid.runs["target_epoch"]
    reached = np.isfinite(updates)
    # A run is looked at when an epoch ends. One that reached the target in epoch e did so after
    # the updates of e - 1. Of one that diverged, or never was, nothing is known.
    before = np.where(reached, updates, 0) * (1 - 1 / np.where(reached, epochs, 1))
    last = np.nan_to_num(grid.last["target_updates"])
    return np.where(reached, before, last), np.where(reached, updates, np.inf)


def _drawn_runs(measurements, points, low, high):
    """The `Runs` of the first draws, each at the learning rates that the draw takes."""
    choice, counts = measurements.grid.choice, measurements.boot.counts[:LAW_DRAWS]
    # Of each point there are as many; most are small.
    counts = counts.astype(np.min_scalar_type(measurements.boot.replicates))
    rows, of_point, weights = [], [], []
    for index, point in enumerate(points):
        own, taken = choice.value[[point]], np.zeros(counts.shape, int)
        if point in choice.drawn:
            own, taken = choice.rows[point], choice.drawn[point][: len(counts)]
        for number in np.unique(taken):
            rows.append(own[number])
            of_point.append(index)
            weights.append(counts * (taken == number))
    return Runs(low[rows], high[rows], np.array(of_point), np.stack(weights, axis=1))


def _curve(boot, judged, sizes, measured):
    """The law's columns at sizes, given the median updates measured there: a DataFrame."""
    curve = [Interval(np.nan, np.nan, np.nan)] * len(sizes)
    extent = [None] * len(sizes)
    if judged.fitted is not None:
        value = law.updates(judged.fitted.parameters, sizes)
        reached = sizes[np.isfinite(measured)]
        within = (reached.min() <= sizes) & (sizes <= reached.max())
        extent = np.where(within, "within", "extrapolated")
        limits = np.full((2, len(sizes)), np.nan)
        if judged.verdict in STANDING:
            drawn = law.updates(judged.fitted.drawn, sizes)
            limits = np.where(within, boot.limits_around(value, drawn.T), np.nan)
        curve = map(Interval, value, *limits)
    columns = pd.DataFrame(own.as_columns("law_updates", ("above", "below")) for own in curve)
    return columns.assign(law_extent=extent)


def law_facts(table):
    """The law of one recipe as recommendation.json has it.

    Args:
        table: from `law_table`, or as read from its file.

    Returns:
        dict of plain values, `law` of recommendation.schema.yaml.
    """
    first = table.iloc[0]
    sizes = table.loc[
        table["updates"].notna() & ~np.isinf(table["updates"]), "effective_batch_size"
    ]
    return {
        "verdict": first["verdict"],
        "smallest_size": int(sizes.min()) if len(sizes) else None,
        "largest_size": int(sizes.max()) if len(sizes) else None,
        **{name: finite(first[name]) for name in FACTS[1:]},
        "smallest_p": SMALLEST_P,
        "fewest_sizes": FEWEST_SIZES,
        "fewest_to_describe": FEWEST_TO_DESCRIBE,
        "fewest_epochs": FEWEST_EPOCHS,
        "well_beyond": WELL_BEYOND,
    } | {
        name: Interval(*(part.iloc[0] for part in read_intervals(table, column))).as_json()
        for column, name in NUMBERS.items()
    }
