"""Which batch size to take."""

from batchscope.report.wording import (
    enumerate_words,
    interval,
    of_draws,
    percent,
    setting,
    sizes_text,
)

# Why there is no `soonest`.
MISSING = {
    "no_candidate": "**No recommendation:** at no batch size did every replicate reach the target.",
    "several_devices": "**Soonest:** not known. Seconds on {devices} cannot be compared.",
    "seconds_unknown": (
        "**Soonest:** not known. At the batch sizes where every replicate reached the target, all "
        "trainings were interrupted, so their seconds are not known."
    ),
}

# What the rule of thumb costs against the soonest.
RULE_OF_THUMB = {
    "is_soonest": "{point} is the soonest.",
    "slower_or_equal": "{point} takes {ratio} times as long as {soonest}.{draws}",
    "unknown": "its cost against the soonest is not known, since {why}.",
}

EXCLUDED = {
    "not_reached": "not every replicate reached the target there",
    "out_of_memory": "the training does not fit into the device's memory",
}

EDGES = {"lowest": " (the lowest tried)", "highest": " (the highest tried)", None: ""}


def recommendation_sentences(recommendation, target, replicates, several):
    """Which batch size to take.

    Args:
        recommendation: of a recipe, or over all, in recommendation.json.
        target: what it is about, likewise.
        replicates: replicates of every point.
        several: whether it is over several recipes, which are then named.

    Returns:
        list of sentences.
    """

    def name(point):
        recipe = f"{point['recipe']} at " if several else ""
        return f"{recipe}batch size {point['batch_size']}"

    if target["value"] is None:
        # Then no size is to blame for not having reached it.
        excluded = [p for p in recommendation["excluded"] if p["reason"] != "not_reached"]
        return [
            "**No recommendation:** no target could be set.",
            *_excluded(excluded, replicates, name),
        ]
    best, cheapest = recommendation["soonest"], recommendation["cheapest"]
    sentences = []
    if best is None:
        devices = enumerate_words(recommendation["devices"])
        sentences.append(MISSING[recommendation["soonest_missing"]].format(devices=devices))
    else:
        sentences += [
            f"**Soonest:** {name(best)} reaches the target in {interval(best['seconds'])} s on "
            f"{recommendation['devices'][0]}."
            + _draws(" In {} no other is sooner.", best["share_of_draws"]),
            _within_margin(recommendation["within_margin"], name, several),
        ]
    if cheapest is not None:
        sentences.append(
            f"**Fewest examples:** {name(cheapest)} reaches the target after "
            f"{interval(cheapest['examples'])} examples (training samples, counted every time "
            "they are used)." + _draws(" In {} no other needs fewer.", cheapest["share_of_draws"])
        )
    if best is not None:
        sentences.append(_rule_of_thumb(recommendation, name))
    return [
        *sentences,
        *_tuned_rates(recommendation, name),
        *_excluded(recommendation["excluded"], replicates, name),
    ]


def _draws(sentence, share):
    return "" if share is None else sentence.format(of_draws(share))


def _within_margin(within, name, several):
    points = within["points"]
    sizes = sorted(point["batch_size"] for point in points)
    if several:
        listed = enumerate_words([name(point) for point in points])
    elif len(sizes) > 1 and within["contiguous"]:
        listed = f"batch sizes {sizes[0]} to {sizes[-1]}"
    else:
        listed = sizes_text(sizes)
    only = "only " if len(points) == 1 else ""
    return f"**Within {percent(within['margin'])} of the soonest:** {only}{listed}." + _draws(
        " In {} the soonest is one of these.", None if only else within["share_of_draws"]
    )


def _rule_of_thumb(recommendation, name):
    thumb = recommendation["rule_of_thumb"]
    facts = {
        "point": thumb["point"] and name(thumb["point"]),
        "soonest": name(recommendation["soonest"]),
        "ratio": interval(thumb["ratio"]),
        "draws": _draws(" In {} it is slower.", thumb["share_of_draws_slower"]),
        "why": _why_unknown(thumb["batch_size"], recommendation),
    }
    sentence = RULE_OF_THUMB[thumb["status"]].format(**facts)
    return f"**Rule of thumb, batch size {thumb['batch_size']}:** {sentence}"


def _why_unknown(size, recommendation):
    """Why a batch size is no candidate with known seconds."""
    for points, why in (
        (recommendation["candidates"], "its seconds are not known"),
        (recommendation["excluded"], "it is not considered (see below)"),
    ):
        if any(point["batch_size"] == size for point in points):
            return why
    return "it was not trained"


def _tuned_rates(recommendation, name):
    thumb = recommendation["rule_of_thumb"]
    named = recommendation["soonest"], recommendation["cheapest"], thumb and thumb["point"]
    rates = [
        f"{setting(point['learning_rate'])} for {name(point)}{EDGES[point['learning_rate_edge']]}"
        for point in named
        if point and point["tuned"]
    ]
    if rates:
        # The same point may have several roles.
        listed = enumerate_words(dict.fromkeys(rates))
        yield (
            f"**Tuned learning rates:** {listed}. All of the above takes them as given: it "
            "includes neither the time of tuning nor the uncertainty of its choice."
        )


def _excluded(points, replicates, name):
    for reason in dict.fromkeys(point["reason"] for point in points):
        listed = [
            name(point)
            + (f" ({point['reached']} of {replicates})" if reason == "not_reached" else "")
            for point in points
            if point["reason"] == reason
        ]
        yield f"**Not considered,** since {EXCLUDED[reason]}: {enumerate_words(listed)}."
