"""The batch-size law of one recipe as a table: what was measured, and what the law makes of it."""

import math

import numpy as np
import pandas as pd

from batchscope.analysis import law
from batchscope.analysis.bootstrap import median
from batchscope.analysis.measures import TIMES
from batchscope.report.wording import interval, number, thousands

# Above this the law does not describe the data.
LARGEST_RESIDUAL = 0.15

# The law has two parameters; with fewer sizes nothing is left to see whether it holds.
FEWEST_SIZES = 3


def scaling_table(points, jobs, measures, last, estimates, boot):
    """The table of one recipe.

    Args:
        points: its points, (recipe, batch size).
        jobs: from `read_jobs`.
        measures: from `run_measures`, the rows of these points.
        last: from `measures.last_times`, the rows of these points.
        estimates: from `measures.estimate`, the rows of these points.
        boot: the study's Bootstrap.

    Returns:
        DataFrame, a row per point: the effective batch size; median epochs, updates and seconds
        to the target with limits, inf where later than `last_epoch`, `last_updates` and
        `last_seconds`, which are empty where no run was completed; the law's `law_updates` with
        limits. The law's own numbers are the same in every row: `s_min` (updates), `e_min`
        (samples), `b_crit` (samples), each with limits, `rms_log_residual`, and `described`,
        whether that is small enough. They are empty where fewer than three batch sizes reached the
        target. A `b_crit` beyond the sizes trained is 0 or inf, `e_min` or `s_min` then empty.
        Diverged runs are no part of the law.
    """
    sizes = np.array([float(jobs[point]["effective_batch_size"]) for point in points])
    table = pd.DataFrame(points, columns=["recipe", "batch_size"])
    table["effective_batch_size"] = sizes.astype(int)
    table["replicates"] = boot.replicates
    table["reached"] = np.isfinite(measures["target_updates"]).sum(axis=1)
    for time in TIMES:
        _add(table, time, *estimates[f"target_{time}"][:3])
    for time in TIMES:
        table[f"last_{time}"] = median(last[f"target_{time}"])

    # What is neither reached nor later is left out.
    completed = np.isfinite(last["target_updates"])
    updates = np.where(completed, measures["target_updates"], np.inf)
    limits = np.where(completed, last["target_updates"], 0)
    medians = median(np.where(completed, updates, np.nan))
    enough = len(set(sizes[np.isfinite(medians)])) >= FEWEST_SIZES

    # The fit is made even of data that do not allow it, so that the columns are the same.
    whole = law.fit(sizes, updates, limits, np.ones((1, boot.replicates)))
    drawn = law.fit(sizes, updates, limits, boot.counts)
    trained = sizes[completed.any(axis=1)]
    beyond = (
        whole.b_crit[0] >= trained.max(initial=0),
        whole.b_crit[0] <= trained.min(initial=np.inf),
    )
    numbers = {
        "law_updates": (whole.updates(sizes)[0], drawn.updates(sizes).T, True),
        "s_min": (whole.s_min[0], drawn.s_min, not beyond[0]),
        "e_min": (whole.s_min[0] * whole.b_crit[0], drawn.s_min * drawn.b_crit, not beyond[1]),
        "b_crit": (_within(whole.b_crit[0], trained), _within(drawn.b_crit, trained), True),
    }
    for name, (value, draws, told) in numbers.items():
        found = value, *boot.limits(draws, anything=True)
        _add(table, name, *(np.where(told and enough, number, np.nan) for number in found))
    latest = table["last_updates"].fillna(0).to_numpy()
    residual = law.rms_log_residual(whole, sizes, medians, latest) if enough else np.nan
    table["rms_log_residual"] = residual
    table["described"] = bool(residual <= LARGEST_RESIDUAL)
    return table


def _within(b_crit, sizes):
    """B_crit, which is told within the sizes trained only: 0 below them and inf above."""
    smallest, largest = sizes.min(initial=np.inf), sizes.max(initial=0)
    return np.where(b_crit >= largest, np.inf, np.where(b_crit <= smallest, 0, b_crit))


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
    if pd.isna(first["b_crit"]):
        return [
            "**Batch-size law:** not fitted; it takes three batch sizes at which at least half of "
            "the replicates reach the target."
        ]
    residual = f"rms log residual {first['rms_log_residual']:.3f}"
    numbers = f"the critical batch size is B_crit = {b_crit_text(table)}"
    if pd.notna(first["s_min"]):
        updates = interval(*_limits(first, "s_min"), write=thousands)
        numbers = f"the fewest updates are S_min = {updates}, {numbers}"
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
    """The law of a table as a dict of plain values; b_crit is NaN where its text is a bound."""
    ends = ("", "_low", "_high")
    names = [name + end for name in ("s_min", "e_min", "b_crit") for end in ends]
    numbers = table.iloc[0][[*names, "rms_log_residual", "described"]].to_dict()
    text = None if pd.isna(numbers["b_crit"]) else b_crit_text(table)
    bounds = {name: np.nan for name in names if name.startswith("b_crit") and numbers[name] <= 0}
    return numbers | bounds | {"b_crit_text": text}


def b_crit_text(table):
    """B_crit with its limits; what lies outside the sweep is told as a bound only."""
    sizes = table.loc[table["last_updates"].notna(), "effective_batch_size"]

    def bounded(size):
        if size <= 0:
            return f"below {sizes.min()}"
        return number(size) if math.isfinite(size) else f"above {sizes.max()}"

    value, low, high = (bounded(size) for size in _limits(table.iloc[0], "b_crit"))
    if pd.isna(table["b_crit_low"].iloc[0]) or value == low == high:
        return value
    return f"{value} ({low} to {high})"


def _limits(row, name):
    return row[name], row[f"{name}_low"], row[f"{name}_high"]
