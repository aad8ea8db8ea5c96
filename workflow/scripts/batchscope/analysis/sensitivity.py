"""Whether the ranking of batch sizes survives another target or the other definition."""

import itertools

import numpy as np
import pandas as pd

from batchscope.analysis.bootstrap import median
from batchscope.analysis.convergence import falls
from batchscope.analysis.measures import times_to
from batchscope.report.wording import count, enumerate_words, number

CONFIGURED, STABLE = "the study's target", "a stable curve"


def sensitivity_medians(epochs, sensitivity):
    """Median epochs and seconds of one recipe by each way to call a run converged.

    Args:
        epochs: rows of epochs.csv of the recipe.
        sensitivity: rows of sensitivity.csv of the recipe.

    Returns:
        dict name of the way -> DataFrame with a row per batch size, in their order: `epoch` and
        `seconds`, inf where later than `last`; and `all_reached`.
    """
    ways = {CONFIGURED: epochs[epochs["definition"] == "target"]}
    for factor, rows in sensitivity.groupby("factor"):
        times = factor if falls(rows["metric"].iloc[0]) else 2 - factor
        ways[f"{times:g} × best ({number(rows['target'].iloc[0], 4)})"] = rows
    ways[STABLE] = epochs[epochs["definition"] == "stable"]
    return {name: _medians(rows) for name, rows in ways.items()}


def _medians(rows):
    found = {}
    for batch_size, runs in rows.groupby("batch_size", sort=False):
        found[batch_size] = {
            "epoch": float(median(times_to(runs, "epoch"))),
            "seconds": float(median(times_to(runs, "seconds"))),
            "last": float(median(runs["last_epoch"].astype(float))),
            "all_reached": runs["status"].eq("reached").all(),
        }
    return pd.DataFrame.from_dict(found, orient="index")


def sensitivity_rows(ways):
    """The ways as rows of a table for reading: median epochs, and the soonest size in seconds."""
    rows = []
    for name, medians in ways.items():
        timed = medians.loc[medians["all_reached"] & np.isfinite(medians["seconds"]), "seconds"]
        rows.append(
            {"converged by": name}
            | {
                str(size): _cell(epoch, last)
                for size, epoch, last in medians[["epoch", "last"]].itertuples()
            }
            | {"soonest in seconds": str(timed.idxmin()) if len(timed) else "–"}
        )
    return rows


def _cell(epoch, last):
    if np.isfinite(epoch):
        return count(epoch)
    return f"> {count(last)}" if np.isinf(epoch) and np.isfinite(last) else "–"


def ranking_sentence(ways):
    """Whether pairs of batch sizes keep the order that the study's target gives them.

    A pair that shares its median has no order; nor has one whose order is not known, since one of
    them, or both, had not got there by the end of its runs.
    """
    base = _orders(ways[CONFIGURED])
    changes, compared = [], 0
    for name, medians in list(ways.items())[1:]:
        other = _orders(medians)
        both = base.keys() & other.keys()
        compared += len(both)
        swapped = sum(base[pair] != other[pair] for pair in both)
        if swapped:
            changes.append(f"{swapped} of {len(both)} pairs swap under {name}")
    if not base:
        return "**Ranking:** the study's target orders no two batch sizes."
    if not compared:
        return "**Ranking:** no other target, nor the stable curve, orders two of the same sizes."
    if not changes:
        return (
            "**Ranking:** the order of the batch sizes by median epochs survives: in "
            f"{compared} comparisons of a pair, under four other targets and by the stable curve, "
            "none swaps."
        )
    return (
        "**Ranking:** the order of the batch sizes by median epochs does not survive everywhere: "
        f"{enumerate_words(changes)}."
    )


def _orders(medians):
    """Whether the first of each pair of batch sizes is earlier, for pairs that have an order."""
    orders = {}
    for one, other in itertools.combinations(medians.itertuples(), 2):
        earlier, later = (
            a.epoch <= b.last if np.isinf(b.epoch) else a.epoch < b.epoch
            for a, b in ((one, other), (other, one))
        )
        if earlier != later:
            orders[one.Index, other.Index] = earlier
    return orders
