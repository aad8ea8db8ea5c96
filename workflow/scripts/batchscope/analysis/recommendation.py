"""Which batch size to take: what the saved runs say, and how sure they are of it.

A batch size is a candidate only if every replicate reached the target there. Examples are what a
run costs, seconds how long one waits for it (McCandlish et al. 2018, "An empirical model of
large-batch training"). Shares are of the draws of `bootstrap`; a candidate that shares the first
place of a draw counts as first.
"""

import numpy as np

from batchscope.analysis.interval import finite

# Batch sizes that take so much longer than the best are as good, for most purposes.
MARGIN = 0.1

# The article's advice.
RULE_OF_THUMB = 32


def recommend(measurements, rows, among):
    """Choose among points that share a target.

    Args:
        measurements: the study's Measurements.
        rows: from `summary_table.summary_rows`.
        among: the rows to choose from, list of int.

    Returns:
        dict of plain values, `recommendation` of recommendation.schema.yaml.
    """
    seconds = measurements.estimates["target_seconds"]
    candidates = [row for row in among if rows[row]["target_reached"] == rows[row]["replicates"]]
    devices = list(dict.fromkeys(rows[row]["device"] for row in among))
    timed = [row for row in candidates if np.isfinite(seconds.value[row])]
    missing = None
    if not candidates:
        missing = "no_candidate"
    elif len(devices) > 1:
        missing, timed = "several_devices", []
    elif not timed:
        missing = "seconds_unknown"
    return {
        "devices": devices,
        "candidates": [_name(rows[row]) for row in candidates],
        "excluded": [
            _name(rows[row])
            | {
                "reason": "out_of_memory" if rows[row]["out_of_memory"] else "not_reached",
                "reached": rows[row]["target_reached"],
            }
            for row in among
            if row not in candidates
        ],
        "soonest": _first(measurements, rows, timed, "seconds"),
        "soonest_missing": missing,
        "cheapest": _first(measurements, rows, candidates, "examples"),
        "within_margin": _within_margin(measurements, rows, timed, among),
        "rule_of_thumb": _rule_of_thumb(measurements, rows, timed),
    }


def _name(row):
    return {"recipe": row["recipe"], "batch_size": row["batch_size"]}


def _chosen(row):
    """A point with its learning rate, and whether that was tuned."""
    return _name(row) | {
        "learning_rate": row["learning_rate"],
        "tuned": row["tuning_seconds"] > 0,
        "learning_rate_edge": row["learning_rate_edge"],
    }


def _lowest(estimate, among):
    return among[np.argmin(estimate.value[among])]


def _first(measurements, rows, among, what):
    """The row with the lowest estimate of a time, and how sure that is; None without rows."""
    if not among:
        return None
    estimate = measurements.estimates[f"target_{what}"]
    row = _lowest(estimate, among)
    first = estimate.drawn[row] <= np.fmin.reduce(estimate.drawn[among])
    return _chosen(rows[row]) | {
        what: measurements.interval(f"target_{what}", row).as_json(),
        "share_of_draws": finite(measurements.boot.share(first)),
    }


def _within_margin(measurements, rows, timed, among):
    if not timed:
        return None
    seconds = measurements.estimates["target_seconds"]
    limit = (1 + MARGIN) * seconds.value[timed].min()
    within = [row for row in timed if seconds.value[row] <= limit]
    first = np.fmin.reduce(seconds.drawn[within]) <= np.fmin.reduce(seconds.drawn[timed])
    sizes = [rows[row]["batch_size"] for row in within]
    between = [row for row in among if min(sizes) <= rows[row]["batch_size"] <= max(sizes)]
    return {
        "margin": MARGIN,
        "points": [_name(rows[row]) for row in within],
        "contiguous": between == within,
        "share_of_draws": finite(measurements.boot.share(first)),
    }


def _rule_of_thumb(measurements, rows, timed):
    """The best of the candidates at the rule's batch size against the best of all."""
    if not timed:
        return None
    told = {"batch_size": RULE_OF_THUMB, "point": None, "ratio": None}
    own = [row for row in timed if rows[row]["batch_size"] == RULE_OF_THUMB]
    if not own:
        return told | {"status": "unknown", "share_of_draws_slower": None}
    seconds = measurements.estimates["target_seconds"]
    row, best = _lowest(seconds, own), _lowest(seconds, timed)
    drawn = seconds.drawn[row] / seconds.drawn[best]
    ratio = measurements.from_draws(seconds.value[row] / seconds.value[best], drawn)
    return told | {
        "status": "is_soonest" if row == best else "slower_or_equal",
        "point": _chosen(rows[row]),
        "ratio": ratio.as_json(),
        "share_of_draws_slower": finite(measurements.boot.share(drawn > 1)),
    }
