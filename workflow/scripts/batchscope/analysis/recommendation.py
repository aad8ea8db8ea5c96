"""Which batch size to take: what the saved runs say, and how sure they are of it.

A batch size is a candidate only if every replicate reached the target there. Examples are what a
run costs, seconds how long one waits for it (McCandlish et al. 2018, "An empirical model of
large-batch training"). Probabilities are shares of the draws of `bootstrap`; a candidate that
shares the first place of a draw counts as first.
"""

import math

import numpy as np

# Batch sizes that take so much longer than the best are as good, for most purposes.
MARGIN = 0.1

# The article's advice.
RULE_OF_THUMB = 32


def recommend(table, estimates, boot):
    """Choose among points that share a target.

    Args:
        table: the rows of the summary table to choose from; their index counts the estimates'.
        estimates: from `measures.estimate`.
        boot: the study's Bootstrap.

    Returns:
        dict of plain values, with None for what there is not: `candidates` and `excluded` with
        reasons; `soonest`, the candidate with the lowest median seconds to the target, if all were
        trained on one device; `cheapest`, with the fewest examples; `within_margin`, those whose
        seconds are within 10% of the soonest; `rule_of_thumb`, what batch size 32 costs against
        the soonest.
    """
    seconds, examples = estimates["target_seconds"], estimates["target_examples"]
    reached = table["target_reached"] == table["replicates"]
    candidates = table.index[reached].to_numpy()
    devices = table["device"].unique().tolist()
    timed = candidates[np.isfinite(seconds.value[candidates]) & (len(devices) == 1)]
    soonest = _first(table, timed, seconds, boot)
    return {
        "target": {"metric": table["target_metric"].iloc[0], "value": table["target"].iloc[0]},
        "devices": devices,
        "replicates": boot.replicates,
        "limits": boot.name,
        "candidates": [_point(table.loc[row]) for row in candidates],
        "excluded": [
            _point(row)
            | {
                "reason": "out_of_memory" if row["out_of_memory"] else "not_reached",
                "reached": int(row["target_reached"]),
            }
            for _, row in table[~reached].iterrows()
        ],
        "soonest": soonest,
        "cheapest": _first(table, candidates, examples, boot),
        "within_margin": _within_margin(table, timed, seconds, boot) if soonest else None,
        "rule_of_thumb": _rule_of_thumb(table, timed, seconds, boot) if soonest else None,
    }


def _point(row):
    return {"recipe": row["recipe"], "batch_size": int(row["batch_size"])}


def _with_rate(row):
    """A point with its learning rate, and whether that was tuned."""
    edge, tuned = row["learning_rate_edge"], row["tuning_seconds"] > 0
    return _point(row) | {
        "learning_rate": float(row["learning_rate"]),
        "tuned": bool(tuned),
        "learning_rate_edge": edge if isinstance(edge, str) else None,
    }


def _first(table, rows, estimate, boot):
    """The row with the lowest estimate, and how sure that is; None without rows."""
    if len(rows) == 0:
        return None
    row = rows[np.argmin(estimate.value[rows])]
    first = estimate.drawn[row] <= np.fmin.reduce(estimate.drawn[rows])
    return _with_rate(table.loc[row]) | {
        "median": float(estimate.value[row]),
        "low": float(estimate.low[row]),
        "high": float(estimate.high[row]),
        "probability": float(boot.probability(first)),
    }


def _within_margin(table, rows, seconds, boot):
    within = seconds.value[rows] <= (1 + MARGIN) * seconds.value[rows].min()
    first = np.fmin.reduce(seconds.drawn[rows[within]]) <= np.fmin.reduce(seconds.drawn[rows])
    return {
        "points": [_point(table.loc[row]) for row in rows[within]],
        "probability": float(boot.probability(first)),
    }


def _rule_of_thumb(table, rows, seconds, boot):
    """The best of the candidates at the rule's batch size against the best of all."""
    own = rows[table.loc[rows, "batch_size"] == RULE_OF_THUMB]
    if len(own) == 0:
        return None
    row, best = (some[np.argmin(seconds.value[some])] for some in (own, rows))
    drawn = seconds.drawn[row] / seconds.drawn[best]
    low, high = boot.limits(drawn)
    return _with_rate(table.loc[row]) | {
        "times_the_soonest": float(seconds.value[row] / seconds.value[best]),
        "low": float(low),
        "high": float(high),
        "probability_slower": float(boot.probability(drawn > 1)),
    }


def plain(value):
    """Any nesting of values as JSON knows it: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
