"""A recommendation in words."""

import math

from batchscope.analysis.recommendation import MARGIN, RULE_OF_THUMB
from batchscope.report.wording import enumerate_words, interval, number, percent, thousands


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
        listed = "; ".join(f"{point}: {rate}" for point, rate in rates.items())
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
