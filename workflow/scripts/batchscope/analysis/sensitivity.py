"""Whether the ranking of batch sizes survives another target or the other definition."""

import itertools
import math

import numpy as np
import pandas as pd

from batchscope.analysis.bootstrap import median
from batchscope.analysis.interval import finite
from batchscope.analysis.measures import STABLE, TARGET, times_to
from batchscope.analysis.recommendation import is_reliable
from batchscope.results import REACHED, metric_of


def find_sensitivity(convergence, sensitivity):
    """Median epochs of one recipe by each way to call a run converged, and how their orders agree.

    A pair of batch sizes that shares its median has no order; nor has one whose order is not known,
    since one of them, or both, had not reached by the end of its runs.

    Args:
        convergence: the recipe's rows of epochs.csv.
        sensitivity: the recipe's rows of sensitivity.csv.

    Returns:
        dict of plain values, `sensitivity` of recommendation.schema.yaml.
    """
    convergence, sensitivity = (rows[rows["chosen"]] for rows in (convergence, sensitivity))
    of_target = convergence[convergence["definition"] == TARGET]
    ways = [_way(of_target)]
    for factor, rows in sensitivity.groupby("factor"):
        ways.append(
            _way(rows, factor if metric_of(rows["metric"].iloc[0]).falls else round(2 - factor, 9))
        )
    ways.append(_way(convergence[convergence["definition"] == STABLE]))

    base, *others = (_orders(way["sizes"]) for way in ways)
    ways[0] |= {"compared": len(base), "swapped": 0}
    for way, orders in zip(ways[1:], others, strict=True):
        # The study's own target, made in another way, confirms nothing.
        both = set() if _is_same(way, ways[0]) else base.keys() & orders.keys()
        swapped = sum(base[pair] != orders[pair] for pair in both)
        way |= {"compared": len(both), "swapped": swapped}
    for way in ways:
        way["is_own_target"] = way is not ways[0] and _is_same(way, ways[0])
    confirming = [way for way in ways[1:] if not _is_same(way, ways[0])]
    compared = sum(way["compared"] for way in confirming)
    pairs = len(confirming) * math.comb(len(ways[0]["sizes"]), 2)
    verdict = "changes" if any(way["swapped"] for way in ways) else "survives"
    if not base:
        verdict = "no_order"
    elif not compared:
        verdict = "no_comparison"
    return {
        "ways": ways,
        "verdict": verdict,
        "compared": compared,
        "not_compared": pairs - compared,
        "pairs": pairs,
    }


def _is_same(way, own):
    """Whether a way is the study's own target, made in another way."""
    if way["target"] is None or own["target"] is None:
        return False
    return math.isclose(way["target"], own["target"], rel_tol=1e-9)


def _way(rows, times_best=None):
    """One way: the medians of each batch size, and the soonest of the reliable ones."""
    sizes, seconds = [], {}
    for batch_size, runs in rows.groupby("batch_size", sort=False):
        sizes.append(
            {
                "batch_size": int(batch_size),
                "epoch": finite(median(times_to(runs, "epoch"))),
                "later_than": finite(median(runs["last_epoch"].astype(float))),
            }
        )
        if is_reliable(runs["status"].eq(REACHED).sum(), len(runs)):
            seconds[int(batch_size)] = float(median(times_to(runs, "seconds")))
    timed = pd.Series(seconds, dtype=float).where(np.isfinite).dropna()
    return {
        "definition": rows["definition"].iloc[0],
        "times_best": None if times_best is None else float(times_best),
        "target": finite(rows["target"].iloc[0]),
        "sizes": sizes,
        "lowest_median_seconds": int(timed.idxmin()) if len(timed) else None,
    }


def _orders(sizes):
    """Whether the first of each pair of batch sizes is earlier, for pairs that have an order."""
    orders = {}
    for one, other in itertools.combinations(sizes, 2):
        earlier, later = _is_earlier(one, other), _is_earlier(other, one)
        if earlier != later:
            orders[one["batch_size"], other["batch_size"]] = earlier
    return orders


def _is_earlier(one, other):
    """Whether `one` is known to be earlier than `other`, which may be later than could be seen."""
    if one["epoch"] is None:
        return False
    if other["epoch"] is None:
        return other["later_than"] is not None and one["epoch"] <= other["later_than"]
    return one["epoch"] < other["epoch"]
