"""Whether the ranking of batch sizes survives another target or the other definition."""

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

    for way in ways:
        # The study's own target, made in another way, confirms nothing.
        alone = way is not ways[0] and _is_same(way, ways[0])
        compared, swapped = (0, 0) if alone else _compare(ways[0]["sizes"], way["sizes"])
        way |= {"compared": compared, "swapped": swapped}
    for way in ways:
        way["is_own_target"] = way is not ways[0] and _is_same(way, ways[0])
    confirming = [way for way in ways[1:] if not _is_same(way, ways[0])]
    compared = sum(way["compared"] for way in confirming)
    pairs = len(confirming) * math.comb(len(ways[0]["sizes"]), 2)
    verdict = "changes" if any(way["swapped"] for way in ways) else "survives"
    if not ways[0]["compared"]:
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


def _compare(one, other):
    """The pairs of batch sizes that have an order by both of two ways, and by how many they are
    swapped: (int, int)."""
    compared = swapped = 0
    for first, second in zip(_orders(one), _orders(other), strict=True):
        both = first * second
        compared, swapped = compared + int(np.sum(both != 0)), swapped + int(np.sum(both < 0))
    return compared, swapped


def _orders(sizes):
    """Whether each batch size is earlier than those behind it: yields int [those], 1 where it is
    earlier, -1 where it is later, 0 where they have no order."""
    times = np.array([(own["epoch"], own["later_than"]) for own in sizes], float)
    for row, own in enumerate(times):
        behind = times[row + 1 :]
        yield _is_earlier(own, behind) * 1 - _is_earlier(behind, own)


def _is_earlier(one, other):
    """Whether `one` is known to be earlier than `other`, which may be later than could be seen: of
    times [..., 2], NaN where there is none."""
    epoch, last = other[..., 0], other[..., 1]
    return np.where(np.isnan(epoch), one[..., 0] <= last, one[..., 0] < epoch)
