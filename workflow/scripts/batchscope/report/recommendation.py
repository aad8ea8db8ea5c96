"""Which batch size to take."""

from batchscope.report.wording import (
    enumerate_some,
    interval,
    of_draws,
    percent,
    setting,
)

# Why there is no `soonest`.
MISSING = {
    "no_candidate": (
        "**No recommendation:** at no batch size did {reliable} of the replicates or more reach "
        "the target."
    ),
    "seconds_unknown": (
        "**Soonest:** not known. Of no batch size that reaches the target reliably are seconds "
        "known."
    ),
}

# What the rule of thumb costs against the soonest.
AGAINST_SOONEST = {
    "is_soonest": "no batch size is sooner.",
    "slower": "{point} takes {ratio} times as long as {soonest}.{draws}",
    "excluded": "it is not considered (see below).",
    "seconds_unknown": "its seconds are not known.",
    "not_trained": "it was not trained.",
}

EXCLUDED = {
    "not_reached": "fewer than {reliable} of the replicates reached the target there",
    "out_of_memory": "the training does not fit into the device's memory",
    "same_training": "it is full batch and trains exactly as another batch size does",
}

NEEDS = {"sooner": ("takes", "take"), "fewer": ("needs", "need")}

BETTER = {"sooner": " In {} no other is sooner.", "fewer": " In {} no other needs fewer."}

EDGES = {"lowest": "the lowest tried", "highest": "the highest tried", None: None}

TUNED = (
    "**Tuned learning rates:** {rates}. In a draw each run is taken at the rate that is best in "
    "the other runs of the draw. So intervals and shares hold how sure the choice is. Values "
    "before an interval are those of the rates named here. No number includes the time of tuning."
)


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
        return _name(point, several)

    if target["value"] is None:
        # Then no size is to blame for not having reached it.
        recommendation = recommendation | {
            "excluded": [p for p in recommendation["excluded"] if p["reason"] != "not_reached"]
        }
        excluded = _excluded(recommendation, replicates, name)
        return ["**No recommendation:** no target could be set.", *excluded]
    soonest, cheapest = recommendation["soonest"], recommendation["cheapest"]
    sentences = []
    if soonest is None:
        sentence = MISSING[recommendation["soonest_missing"]]
        reliable = percent(recommendation["reliable"])
        sentences.append(sentence.format(reliable=reliable))
    else:
        sentences.append(_first("Soonest", "sooner", soonest, recommendation, name))
    if cheapest is not None:
        sentences.append(_first("Fewest examples", "fewer", cheapest, recommendation, name))
    if soonest is not None:
        sentences.append(rule_of_thumb_sentence(recommendation, several))
    return [
        *sentences,
        *_tuned_rates(recommendation, name),
        *_excluded(recommendation, replicates, name),
    ]


def _name(point, several):
    recipe = f"{point['recipe']} at " if several else ""
    return f"{recipe}batch size {point['batch_size']}"


def candidate_rows(recommendation, several):
    """The candidates as rows of a table: what a run to the target is expected to take.

    Args:
        recommendation: of a recipe, or over all, in recommendation.json.
        several: whether it is over several recipes, which are then named.

    Returns:
        list of dicts; empty without candidates.
    """
    soonest, cheapest = (_to(recommendation[role], several) for role in ("soonest", "cheapest"))
    return [
        ({"recipe": point["recipe"]} if several else {})
        | {
            "batch size": str(point["batch_size"]),
            "runs that reach": f"{percent(point['success']['value'])} "
            f"({percent(point['success']['low'])}–{percent(point['success']['high'])})",
            "expected seconds": interval(point["expected_seconds"]),
            f"seconds, ratio to {soonest}": interval(point["times_the_soonest"]),
            "expected examples": interval(point["expected_examples"]),
            f"examples, ratio to {cheapest}": interval(point["times_the_cheapest"]),
        }
        for point in recommendation["candidates"]
    ]


def _to(first, several):
    """What a column's ratios are to."""
    if first is None:
        return "the soonest"
    point = first["points"][0]
    return f"{point['recipe']} at {point['batch_size']}" if several else str(point["batch_size"])


def _candidate(recommendation, point):
    """The candidate that a name is of."""
    names = ("recipe", "batch_size")
    return next(
        candidate
        for candidate in recommendation["candidates"]
        if all(candidate[key] == point[key] for key in names)
    )


def _first(title, better, first, recommendation, name):
    """The candidates with the lowest expected time."""
    point = _candidate(recommendation, first["points"][0])
    costs = {
        "sooner": f"{interval(point['expected_seconds'])} s",
        "fewer": f"{interval(point['expected_examples'])} examples (training samples, counted "
        "every time they are used)",
    }
    names = enumerate_some([name(tied) for tied in first["points"]])
    take = "takes" if len(first["points"]) == 1 else "take"
    draws = ""
    if len(recommendation["candidates"]) > len(first["points"]):
        draws = _draws(BETTER[better], first["share_of_draws"])
    undecided = ""
    if first["undecided"]:
        others = enumerate_some([name(point) for point in first["undecided"]])
        needs = NEEDS[better][len(first["undecided"]) > 1]
        undecided = f" The data do not tell whether {others} {needs} more."
    return (
        f"**{title}:** {names} {take} an expected {costs[better]} to the target.{draws}{undecided}"
    )


def _draws(sentence, share):
    return "" if share is None else sentence.format(of_draws(share))


def rule_of_thumb_sentence(recommendation, several):
    """What the rule of thumb costs, where there is a soonest; arguments as above."""

    def name(point):
        return _name(point, several)

    thumb = recommendation["rule_of_thumb"]
    ratio = thumb["point"] and _candidate(recommendation, thumb["point"])["times_the_soonest"]
    sentence = AGAINST_SOONEST[thumb["status"]].format(
        point=thumb["point"] and name(thumb["point"]),
        soonest=name(recommendation["soonest"]["points"][0]),
        ratio=interval(ratio),
        draws=_draws(" In {} it is slower.", thumb["share_of_draws_slower"]),
    )
    return f"**Rule of thumb, batch size {thumb['batch_size']}:** {sentence}"


def _tuned_rates(recommendation, name):
    named = []
    for role in ("soonest", "cheapest"):
        named += recommendation[role]["points"] if recommendation[role] else []
    if recommendation["rule_of_thumb"] and recommendation["rule_of_thumb"]["point"]:
        named.append(recommendation["rule_of_thumb"]["point"])
    known = {(own["recipe"], own["batch_size"]): own for own in recommendation["candidates"]}
    points = [known[point["recipe"], point["batch_size"]] for point in named]
    # The same point may have several roles.
    rates = dict.fromkeys(_tuned_rate(point, name) for point in points if point["tuned"])
    if rates:
        yield TUNED.format(rates=enumerate_some(list(rates)))


def _tuned_rate(point, name):
    """ "0.01 for batch size 8 (the highest tried, in 80% of the draws)"."""
    share = point["learning_rate_share"]
    known = [EDGES[point["learning_rate_edge"]], share and f"in {of_draws(share)}"]
    known = ", ".join(filter(None, known))
    return f"{setting(point['learning_rate'])} for {name(point)}{known and f' ({known})'}"


def _excluded(recommendation, replicates, name):
    points = recommendation["excluded"]
    for reason in dict.fromkeys(point["reason"] for point in points):
        details = {
            "not_reached": " ({reached} of {replicates})",
            "same_training": " (as {same_as})",
        }.get(reason, "")
        listed = [
            name(point) + details.format(replicates=replicates, **point)
            for point in points
            if point["reason"] == reason
        ]
        why = EXCLUDED[reason].format(reliable=percent(recommendation["reliable"]))
        yield f"**Not considered,** since {why}: {enumerate_some(listed)}."
