"""The batch-size law of one recipe as a table: what was measured, and what the law makes of it."""

import numpy as np
import pandas as pd

from batchscope import law
from batchscope.measures import TIMES
from batchscope.wording import interval, number, thousands

# Above this the law does not describe the data.
LARGEST_RESIDUAL = 0.15

# The law has two parameters; with fewer sizes nothing is left to see whether it holds.
FEWEST_SIZES = 3


def scaling_table(points, jobs, measures, estimates, boot):
    """The table of one recipe.

    Args:
        points: its points, (recipe, batch size).
        jobs: from `read_jobs`.
        measures: from `run_measures`, the rows of these points.
        estimates: from `measures.estimate`, the rows of these points.
        boot: the study's Bootstrap.

    Returns:
        DataFrame, a row per point: the effective batch size; median epochs, updates and seconds
        to the target with limits, inf where later than `last_epoch`, `last_updates` and
        `last_seconds`; the law's `law_updates` with limits. The law's own numbers are the same in
        every row: `s_min` (updates), `e_min` (samples), `b_crit` (samples), each with limits,
        `rms_log_residual`, and `described`, whether that is small enough. They are empty where
        fewer than three batch sizes reached the target.
    """
    sizes = np.array([float(jobs[point]["effective_batch_size"]) for point in points])
    table = pd.DataFrame(points, columns=["recipe", "batch_size"])
    table["effective_batch_size"] = sizes.astype(int)
    table["replicates"] = boot.replicates
    table["reached"] = np.isfinite(measures["target_updates"]).sum(axis=1)
    for time in TIMES:
        _add(table, time, *estimates[f"target_{time}"][:3])
    table["last_epoch"] = measures["last_epoch"].max(axis=1)
    table["last_updates"] = measures["last_updates"].max(axis=1)
    table["last_seconds"] = estimates["seconds_per_run"].value

    medians, last = estimates["target_updates"].value, table["last_updates"].to_numpy()
    enough = len(set(sizes[np.isfinite(medians)])) >= FEWEST_SIZES

    # Of a run without an update the fit leaves the time out.
    updates = np.nan_to_num(measures["target_updates"], nan=np.inf, posinf=np.inf)

    def fitted(weights):
        return law.fit(sizes, updates, measures["last_updates"], weights)

    # The fit is made even of data that do not allow it, so that the columns are the same.
    whole, drawn = fitted(np.ones((1, boot.replicates))), fitted(boot.counts)
    numbers = {
        "law_updates": (whole.updates(sizes)[0], drawn.updates(sizes).T),
        "s_min": (whole.s_min[0], drawn.s_min),
        "e_min": (whole.s_min[0] * whole.b_crit[0], drawn.s_min * drawn.b_crit),
        "b_crit": (whole.b_crit[0], drawn.b_crit),
    }
    for name, (value, draws) in numbers.items():
        limits = boot.limits(draws)
        _add(table, name, *(np.where(enough, number, np.nan) for number in (value, *limits)))
    residual = law.rms_log_residual(whole, sizes, medians, last) if enough else np.nan
    table["rms_log_residual"] = residual
    table["described"] = bool(residual <= LARGEST_RESIDUAL)
    return table


def _add(table, name, value, low, high):
    table[name], table[f"{name}_low"], table[f"{name}_high"] = value, low, high


def law_sentences(table):
    """What the law says of one recipe, in words.

    Args:
        table: from `scaling_table`, or as read from its file.

    Returns:
        list of sentences.
    """
    first = table.iloc[0]
    if pd.isna(first["s_min"]):
        return [
            "**Batch-size law:** not fitted; it takes three batch sizes at which at least half of "
            "the replicates reach the target."
        ]
    residual = f"rms log residual {first['rms_log_residual']:.3f}"
    updates = interval(*_limits(first, "s_min"), write=thousands)
    numbers = (
        f"the fewest updates are S_min = {updates}, the critical batch size is "
        f"B_crit = {b_crit_text(table)}"
    )
    if not first["described"]:
        return [
            f"**Batch-size law:** it does not describe these data ({residual}, above "
            f"{LARGEST_RESIDUAL}), so the following is no verdict: {numbers}."
        ]
    return [
        f"**Batch-size law:** S = S_min (1 + B_crit / B) describes the updates to the target "
        f"({residual}): {numbers}. Far below B_crit a doubled batch needs half the updates; far "
        "above it saves none."
    ]


def law_numbers(table):
    """The law of a table as a dict of plain values."""
    ends = ("", "_low", "_high")
    names = [name + end for name in ("s_min", "e_min", "b_crit") for end in ends]
    numbers = table.iloc[0][[*names, "rms_log_residual", "described"]].to_dict()
    return numbers | {"b_crit_text": None if pd.isna(numbers["s_min"]) else b_crit_text(table)}


def b_crit_text(table):
    """B_crit with its limits; what lies outside the sweep is told as a bound only."""
    sizes = table["effective_batch_size"]

    def bounded(size):
        if size <= sizes.min():
            return f"below {sizes.min()}"
        if size >= sizes.max():
            return f"above {sizes.max()}"
        return number(size)

    value, low, high = (bounded(size) for size in _limits(table.iloc[0], "b_crit"))
    if pd.isna(table["b_crit_low"].iloc[0]) or value == low == high:
        return value
    return f"{value} ({low} to {high})"


def _limits(row, name):
    return row[name], row[f"{name}_low"], row[f"{name}_high"]
