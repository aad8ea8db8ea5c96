"""advice.md: which batch size on which device, for reading."""

from batchscope.report.recommendation import candidate_rows, recommendation_sentences
from batchscope.report.text import items, join, table
from batchscope.report.wording import (
    interval,
    number,
    of_draws,
    percent,
    setting,
    size_number,
    sizes_text,
    target_sentence,
)

HOW = (
    "The epochs to the target are those of this study's trainings. Seconds are these epochs times "
    "the seconds of an epoch, which were measured on each device at each batch size. On another "
    "device than the study's this is a prediction: it takes for granted that trainings need as "
    "many epochs there, and that two processes differ by as much as on the study's device. Nothing "
    "is said of batch sizes outside of those trained."
)

MEASURED = {True: "measured here", False: "predicted"}

NO_OPTIMUM = {
    "too_few_sizes": "not told. It takes {fewest} batch sizes that reach the target.",
    "no_line": (
        "not told. Seconds of an update do not rise with the batch size from a number above 0, so "
        "no line describes them."
    ),
    "no_law": (
        "not told. It takes the batch-size law, which these updates to the target do not follow or "
        "cannot be judged by (see summary.md)."
    ),
}

LARGEST = {
    "samples": "Batch size {size}, all training samples, fits into memory.",
    "memory": "The largest batch size that fits into memory is between {size} and {refused}.",
    "estimate": (
        "Batch size {size} fits into memory. By estimate {refused} does not; it was not tried."
    ),
    "nothing": "Not even batch size 1 fits into memory.",
}


def advice_markdown(advice):
    """The text of advice.md.

    Args:
        advice: what advice.json holds, valid against its schema.

    Returns:
        Markdown.
    """
    blocks = ["# Which batch size on which device", HOW]
    for name, recipe in advice["recipes"].items():
        blocks.append(f"## {name}")
        blocks.append(target_sentence(recipe["target"]))
        if recipe["target"]["value"] is None:
            continue
        blocks += items(_over_devices(recipe, advice["devices"]))
        for device, told in zip(advice["devices"], recipe["devices"], strict=True):
            blocks += _about_device(recipe, device, told, advice["intervals"])
    return join(blocks)


def _over_devices(recipe, devices):
    for role, words in (
        ("soonest_device", "Soonest device"),
        ("cheapest_device", "Cheapest device"),
    ):
        if recipe[role] is not None:
            first = devices[recipe[role]["device"]]
            share = recipe[role]["share_of_draws"]
            draws = "" if share is None else f" That is so in {of_draws(share)}."
            yield f"**{words},** each at its best batch size: {_name(first)}.{draws}"


def _name(device):
    return device["device"] or "a device without known seconds"


def _about_device(recipe, device, told, intervals):
    recommendation = told["recommendation"]
    price = device["price_per_hour"]
    paid = "" if price is None else f", {setting(price)} an hour"
    rows = candidate_rows(recommendation, several=False)
    scale = _runs(told["costs"])
    for row, cost in zip(rows, told["costs"], strict=True):
        title = f"expected cost of {scale:,} runs" if scale > 1 else "expected cost"
        row[title] = interval(cost, lambda value: number(scale * value))
    sentences = recommendation_sentences(
        recommendation, recipe["target"], intervals["replicates"], several=False
    )
    largest = told["largest"]
    return [
        f"### {_name(device)} ({MEASURED[device['own']]}{paid})",
        *items(sentences),
        *(table(rows) if rows else []),
        *items(_line(told)),
        *items([_optimum(told)]),
        *items(_check(told["check"])),
        *items([LARGEST[largest["limit"]].format(**largest)] if largest else []),
    ]


def _runs(costs):
    """Of how many runs costs are told, so that none starts with many zeros."""
    known = [cost["value"] for cost in costs if cost]
    scale = 1
    while known and scale * min(known) < 0.001:
        scale *= 1000
    return scale


def _line(told):
    if told["alpha"] is not None:
        yield (
            "**Seconds of an update** at batch size B are about alpha + beta B, with an alpha of "
            f"{_microseconds(told['alpha'])} and a beta of {_microseconds(told['beta'])} for each "
            "sample, with its share of validation. The line misses what was measured by "
            f"{percent(told['misfit'])} at most."
        )


def _microseconds(item):
    return f"{interval(item, lambda seconds: number(1e6 * seconds))} microseconds"


def _optimum(told):
    title = "**Best batch size by law and line:**"
    if told["status"] != "told":
        why = NO_OPTIMUM[told["status"]].format(fewest=told["fewest_sizes"])
        return f"{title} {why}"
    best = interval(told["optimum"], size_number, (told["smallest_size"], told["largest_size"]))
    seconds = ""
    if told["optimum_seconds"] is not None:
        seconds = f" A median run takes {interval(told['optimum_seconds'])} s to the target there."
    return (
        f"{title} sqrt(alpha B_crit / beta) is {best}.{seconds} This is a prediction, not a "
        "measurement, and holds as far as the law and the line do."
    )


def _check(checks):
    known = [check for check in checks if check["predicted_seconds"] is not None]
    if known:
        yield (
            f"**Check of law and line:** from {sizes_text(known[0]['from_sizes'])} alone they "
            f"predict the median seconds to the target: {'; '.join(map(_compared, known))}."
        )


def _compared(check):
    predicted, measured = check["predicted_seconds"], check["measured_seconds"]
    return (
        f"for {check['batch_size']} it is {number(predicted)} s, "
        f"{number(predicted / measured['value'])} times the {interval(measured)} s measured"
    )
