"""The batch-size law of one recipe as a table: what was measured, and what the law makes of it."""

import numpy as np
import pandas as pd

from batchscope.analysis import law
from batchscope.analysis.bootstrap import median
from batchscope.analysis.interval import Interval, finite, read_intervals
from batchscope.analysis.measures import TIMES

# Above this the law does not describe the data.
LARGEST_RESIDUAL = 0.15

# The law has two parameters; with fewer sizes nothing is left to see whether it holds.
FEWEST_SIZES = 3

# The law's own numbers: column of the table -> name in recommendation.json, with its unit.
NUMBERS = {"s_min": "s_min_updates", "e_min": "e_min_examples", "b_crit": "b_crit_samples"}


def law_table(measurements, recipe):
    """The table of one recipe.

    Args:
        measurements: the study's Measurements.
        recipe: the recipe's name.

    Returns:
        DataFrame, a row per point: the effective batch size; median epochs, updates and seconds
        to the target with limits (see `interval.Interval.as_columns`), and `last_epoch`,
        `last_updates` and `last_seconds`, which one that is not reached is later than; the law's
        `law_updates` with limits. The law's own numbers are the same in every row: `s_min`
        (updates), `e_min` (samples), `b_crit` (samples), each with limits, `rms_log_residual`,
        and `described`, whether that is small enough. They are empty where fewer than three batch
        sizes reached the target. Of a `b_crit` beyond the sizes trained it is told on which side
        it lies; `s_min` or `e_min` is then empty. Diverged runs are no part of the law.
    """
    rows, boot = measurements.rows(recipe), measurements.boot
    points = [measurements.saved[row] for row in rows]
    sizes = np.array([float(point.job["effective_batch_size"]) for point in points])
    last = measurements.last["target_updates"][rows]
    # What is neither reached nor later is left out.
    completed = np.isfinite(last)
    updates = np.where(completed, measurements.runs["target_updates"][rows], np.inf)
    medians = median(np.where(completed, updates, np.nan))

    # The fit is made even of data that do not allow it, so that the columns are the same.
    late = np.where(completed, last, 0)
    whole = law.fit(sizes, updates, late, np.ones((1, boot.replicates)))
    drawn = law.fit(sizes, updates, late, boot.counts)
    enough = len(set(sizes[np.isfinite(medians)])) >= FEWEST_SIZES
    fitted = _fitted(measurements, whole, drawn, sizes[completed.any(axis=1)], enough)
    residual = np.nan
    if enough:
        latest = np.nan_to_num(median(last))
        residual = law.rms_log_residual(whole, sizes, medians, latest)

    curve = whole.updates(sizes)[0], *boot.limits(drawn.updates(sizes).T, anything=True)
    if not enough:
        curve = np.full((3, len(rows)), np.nan)
    table = []
    for index, (row, point) in enumerate(zip(rows, points, strict=True)):
        entry = {
            "recipe": recipe,
            "batch_size": point.batch_size,
            "effective_batch_size": int(sizes[index]),
            "replicates": boot.replicates,
            "reached": int(np.isfinite(measurements.runs["target_updates"][row]).sum()),
        }
        for time in TIMES:
            interval = measurements.interval(f"target_{time}", row)
            entry |= interval.as_columns(time, ("above",)) | {f"last_{time}": interval.later_than}
        law_updates = Interval(*(float(limit[index]) for limit in curve))
        entry |= law_updates.as_columns("law_updates", ("above", "below"))
        for name, interval in fitted.items():
            entry |= interval.as_columns(name, ("above", "below"))
        table.append(entry)
    described = bool(residual <= LARGEST_RESIDUAL)
    return pd.DataFrame(table).assign(rms_log_residual=residual, described=described)


def _fitted(measurements, whole, drawn, trained, enough):
    """The law's own numbers, dict name -> Interval.

    Args:
        measurements: the study's Measurements.
        whole: the Law of all replicates, its first draw.
        drawn: the Law of each draw.
        trained: effective batch sizes at which a run was completed.
        enough: whether enough batch sizes reached the target.
    """
    smallest, largest = trained.min(initial=np.inf), trained.max(initial=0)

    def within(b_crit):
        """B_crit is told within the sizes trained only; beyond them it is told on which side."""
        return np.where(b_crit >= largest, np.inf, np.where(b_crit <= smallest, -np.inf, b_crit))

    b_crit = within(whole.b_crit[0])
    e_min = whole.s_min[0] * whole.b_crit[0], drawn.s_min * drawn.b_crit
    numbers = {
        # Updates that no batch size saves, and examples that none saves, are seen on one side.
        "s_min": (whole.s_min[0], drawn.s_min, b_crit < np.inf),
        "e_min": (*e_min, b_crit > -np.inf),
        "b_crit": (b_crit, within(drawn.b_crit), True),
    }
    unknown = Interval(np.nan, np.nan, np.nan)
    return {
        name: measurements.from_draws(value, draws, anything=True) if told and enough else unknown
        for name, (value, draws, told) in numbers.items()
    }


def law_facts(table):
    """The law of one recipe as recommendation.json has it.

    Args:
        table: from `law_table`, or as read from its file.

    Returns:
        dict of plain values; the verdict is `not_fitted`, `holds` or `does_not_hold`.
    """
    first = table.iloc[:1]
    intervals = {
        name: Interval(*(column.iloc[0] for column in read_intervals(first, column)))
        for column, name in NUMBERS.items()
    }
    residual, trained = float(first["rms_log_residual"].iloc[0]), table["last_updates"].notna()
    sizes = table.loc[trained, "effective_batch_size"]
    verdict = "holds" if first["described"].iloc[0] else "does_not_hold"
    return {
        "verdict": "not_fitted" if np.isnan(residual) else verdict,
        "rms_log_residual": finite(residual),
        "largest_residual": LARGEST_RESIDUAL,
        "fewest_sizes": FEWEST_SIZES,
        "smallest_size": int(sizes.min()) if len(sizes) else None,
        "largest_size": int(sizes.max()) if len(sizes) else None,
    } | {name: interval.as_json() for name, interval in intervals.items()}
