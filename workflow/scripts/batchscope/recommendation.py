"""Which batch size to take: what the saved runs say, and how sure they are of it.

A batch size is a candidate only if every replicate reached the target there. Examples are what a
run costs, seconds how long one waits for it (McCandlish et al. 2018, "An empirical model of
large-batch training"). Probabilities are shares of the draws of `bootstrap`; a candidate that
shares the first place of a draw counts as first.
"""

import math

import numpy as np

from batchscope.wording import enumerate_words, interval, number, percent, thousands

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


def recommendation_sentences(found, several):
    """A recommendation in words.

    Args:
        found: from `recommend`.
        several: whether it is over several recipes, which are then named.

    Returns:
        list of sentences.
    """

    def name(point):
        recipe = f"{point['recipe']} at " if several else ""
        return f"{recipe}batch size {point['batch_size']}"

    sentences = []
    if not found["candidates"]:
        return [
            "**No recommendation:** at no batch size did every replicate reach the target.",
            *_excluded_sentences(found, name),
        ]
    best = found["soonest"]
    if best is None:
        why = "the seconds are known of no run; all were interrupted"
        if len(found["devices"]) > 1:
            why = f"the seconds of {' and '.join(found['devices'])} do not compare"
        sentences.append(f"**Soonest:** {why}.")
    else:
        sentences.append(
            f"**Soonest:** {name(best)} reaches the target in "
            f"{interval(best['median'], best['low'], best['high'])} s on "
            f"{found['devices'][0]}{_likely(best['probability'], 'of being the soonest')}."
        )
        within = found["within_margin"]
        sizes = enumerate_words([name(point) for point in within["points"]])
        if not several:
            sizes = _sizes(within["points"], [*found["candidates"], *found["excluded"]])
        sentences.append(
            f"**Within {percent(MARGIN)} of the soonest:** {sizes}"
            + _likely(within["probability"], "that the soonest is among them")
            + "."
        )
    cheap = found["cheapest"]
    sentences.append(
        f"**Fewest examples:** {name(cheap)} reaches the target after "
        f"{interval(cheap['median'], cheap['low'], cheap['high'], thousands)} examples"
        f"{_likely(cheap['probability'], 'of being the fewest')}."
    )
    if best is not None:
        sentences.append(f"**The rule of thumb, {RULE_OF_THUMB}:** {_thumb(found, name)}.")
    return [*sentences, *_tuning_sentences(found, name), *_excluded_sentences(found, name)]


def _tuning_sentences(found, name):
    named = [found[role] for role in ("soonest", "cheapest", "rule_of_thumb") if found[role]]
    rates = {
        name(point): number(point["learning_rate"])
        + (f", the {point['learning_rate_edge']} tried" if point["learning_rate_edge"] else "")
        for point in named
        if point["tuned"]
    }
    if rates:
        listed = enumerate_words([f"{rate} at {point}" for point, rate in rates.items()])
        yield (
            f"**Given the learning rates that tuning chose** ({listed}): the choice itself is in "
            "no interval, no probability and no time above."
        )


def _excluded_sentences(found, name):
    for reason, why in (
        ("not_reached", "since not every replicate reached the target there"),
        ("out_of_memory", "since it does not fit into the device's memory"),
    ):
        points = [point for point in found["excluded"] if point["reason"] == reason]
        listed = [
            name(point)
            + (f" ({point['reached']} of {found['replicates']})" if reason == "not_reached" else "")
            for point in points
        ]
        if listed:
            yield f"**Not considered,** {why}: {enumerate_words(listed)}."


def _likely(probability, what):
    if math.isnan(probability):
        return ""
    # Some thousand draws know nothing of certainty.
    return f" (probability {percent(min(max(probability, 1e-9), 1 - 1e-9))} {what})"


def _sizes(points, trained):
    """ "batch sizes 8 to 32" where no trained one between is missing, else all of them."""
    sizes = sorted(point["batch_size"] for point in points)
    if len(sizes) == 1:
        return f"only batch size {sizes[0]}"
    between = [point for point in trained if sizes[0] <= point["batch_size"] <= sizes[-1]]
    if len(between) == len(sizes):
        return f"batch sizes {sizes[0]} to {sizes[-1]}"
    return f"batch sizes {enumerate_words(map(str, sizes))}"


def _thumb(found, name):
    thumb = found["rule_of_thumb"]
    if thumb is None:
        return "not among the candidates, so its cost is not known"
    best = found["soonest"]
    if (thumb["recipe"], thumb["batch_size"]) == (best["recipe"], best["batch_size"]):
        return "it is the soonest"
    times = interval(thumb["times_the_soonest"], thumb["low"], thumb["high"])
    return f"{name(thumb)} takes {times} times as long as {name(best)}" + _likely(
        thumb["probability_slower"], "of being slower"
    )


def plain(value):
    """Any nesting of values as JSON knows it: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
