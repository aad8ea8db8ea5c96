"""The answer in a sentence or two, for a reader who has read nothing else."""

from batchscope.report.wording import (
    enumerate_some,
    interval,
    percent,
    setting,
    sizes_text,
    target_text,
)


def headline(recommendation, target, replicates, several):
    """Which batch size to take, and why.

    Args:
        recommendation: of a recipe, or over all, in recommendation.json.
        target: what it is about, likewise.
        replicates: replicates of every point.
        several: whether it is over several recipes, which are then named.

    Returns:
        text, with the answer in bold as Markdown has it.
    """
    if target["value"] is None:
        return "**No batch size can be recommended,** since no target could be set."
    first = recommendation["soonest"] or recommendation["cheapest"]
    if first is None:
        reliable = percent(recommendation["reliable"])
        return (
            f"**No batch size can be recommended:** none reaches {target_text(target)} in "
            f"{reliable} of its runs or more."
        )
    named = _names(first["points"], several)
    candidates = [
        candidate
        for candidate in recommendation["candidates"]
        if any(candidate.items() >= point.items() for point in first["points"])
    ]
    candidate = candidates[0]
    timed = recommendation["soonest"] is not None
    alone = len(recommendation["candidates"] + recommendation["excluded"]) == 1
    text = f"**There is only {named}.** " if alone else f"**Take {named}.** "
    text += "It reaches " if len(first["points"]) == 1 else "Each reaches "
    text += target_text(target)
    if not alone:
        text += " soonest" if timed else " with the fewest examples"
    cost = (
        f"{interval(candidate['expected_seconds'])} s of training"
        if timed
        else f"{interval(candidate['expected_examples'])} examples"
    )
    text += f": a run takes an expected {cost}"
    get = "run gets" if replicates == 1 else "runs get"
    text += f", and {candidate['reached']} of {replicates} {get} there."
    if first["undecided"]:
        verb = "is" if len(first["undecided"]) == 1 else "are"
        others = _names(first["undecided"], several)
        text += f" The data do not rule out that {others} {verb} as good."
    return text + _rate(candidates) + _edge(recommendation, first["points"])


def headlines(answer):
    """The answer over all recipes; of each one, where they cannot be compared."""
    overall, recipes = answer["overall"]["recommendation"], answer["recipes"]
    replicates = answer["intervals"]["replicates"]
    if overall:
        target = next(iter(recipes.values()))["target"]
        return [headline(overall, target, replicates, several=True)]
    return [
        f"{f'`{name}`: ' if len(recipes) > 1 else ''}"
        + headline(own["recommendation"], own["target"], replicates, several=False)
        for name, own in recipes.items()
    ]


def missing_sentences(answer):
    """Which points of the config the answer is without: a list of at most one sentence.

    Args:
        answer: what recommendation.json holds.
    """
    missing = answer["missing"]
    if not missing:
        return []
    total = len(missing) + len(answer["points"])
    several = len({point["recipe"] for point in missing + answer["points"]}) > 1
    verb = "is" if len(missing) == 1 else "are"
    return [f"{len(missing)} of {total} points {verb} missing: {_names(missing, several)}."]


def _rate(candidates):
    rates = {(candidate["learning_rate"], candidate["tuned"]) for candidate in candidates}
    rate, tuned = rates.pop()
    # Of several that are equally good each may have its own.
    if rates or rate is None:
        return ""
    best = ", the best of those tried; the time of trying is not counted"
    other = "; at another one the answer may be another"
    return f" The learning rate is {setting(rate)}{best if tuned else other}."


def _edge(recommendation, first):
    tried = [p["batch_size"] for p in recommendation["candidates"] + recommendation["excluded"]]
    if len(set(tried)) > 1 and min(tried) in [point["batch_size"] for point in first]:
        return f" {min(tried)} is the smallest tried: a smaller one may be better still."
    return ""


def status(recommendation, target, several):
    """What a target does, in a line to be read aloud when it has been moved.

    Args:
        recommendation: as of `headline`.
        target: likewise.
        several: likewise.
    """
    points = recommendation["candidates"] + recommendation["excluded"]
    reach = [point for point in points if point.get("reason") in (None, "same_training")]
    one, many = ("point", "points") if several else ("batch size", "batch sizes")
    what, their = (f"{one} reaches", "its") if len(points) == 1 else (f"{many} reach", "their")
    text = (
        f"{len(reach)} of {len(points)} {what} {target_text(target)} in "
        f"{percent(recommendation['reliable'])} of {their} runs or more."
    )
    if recommendation["soonest"]:
        text += f" Soonest: {_names(recommendation['soonest']['points'], several)}."
    return text


def _names(points, several):
    if not several:
        return sizes_text([point["batch_size"] for point in points])
    return enumerate_some([f"{p['recipe']} at batch size {p['batch_size']}" for p in points])
