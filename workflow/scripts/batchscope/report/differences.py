"""How two studies differ, in words."""

from batchscope.report.wording import (
    UNKNOWN,
    count,
    enumerate_words,
    interval,
    metric_name,
    milliseconds,
    number,
    sizes_text,
)

# Measure -> its title, what B does where the change is less and more, and how a number is written.
TIMES = {
    "target_epoch": ("epochs to A's target", "takes fewer", "takes more", count),
    "target_seconds": ("seconds to A's target", "takes less", "takes more", number),
    "seconds_per_epoch": ("ms per epoch", "takes less", "takes more", milliseconds),
}
VERDICTS = {
    "less": "less in B",
    "more": "more in B",
    "undecided": "the data do not tell",
    "too_few_replicates": "too few replicates",
    "unknown": "not known",
}


def setting_rows(one, other):
    """What differs in what two studies were made from.

    Args:
        one: study.json of a study.
        other: likewise.

    Returns:
        list of (key, text of A, text of B).
    """
    flat = [dict(_flatten(made_from)) for made_from in (one, other)]
    keys = list(dict.fromkeys([*flat[0], *flat[1]]))
    rows = [(key, *(own.get(key, "–") for own in flat)) for key in keys]
    # Where a study writes to changes nothing in it.
    return [row for row in rows if row[1] != row[2] and not row[0].startswith("config.pathvars")]


def _flatten(value, path=""):
    """(path, text) of every value; a recipe is named, since its place in the list means nothing."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _flatten(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(i, dict) for i in value):
        for index, item in enumerate(value):
            yield from _flatten(item, f"{path}[{item.get('name', index)}]")
    else:
        listed = isinstance(value, list)
        yield path, ", ".join(map(str, value)) if listed else "–" if value is None else str(value)


def difference_sentences(found):
    """What the intervals support, a sentence per measure.

    Args:
        found: from `analysis.differences.differences`.

    Returns:
        list of text.
    """
    sentences = []
    for measure in _measures(found):
        title, *verbs = _title(measure)
        parts = [
            f"{verb} at {_listed(found, measure, verdict)}"
            for verb, verdict in zip(verbs, ("less", "more"), strict=False)
            if _listed(found, measure, verdict)
        ]
        if parts:
            sentence = f"**{title[0].upper()}{title[1:]}:** B {enumerate_words(parts)}."
        else:
            sentence = f"**{title[0].upper()}{title[1:]}:** no difference is shown."
        rest = {"undecided": "The data do not tell at {}.", "too_few_replicates": TOO_FEW}
        for verdict, words in rest.items():
            if listed := _listed(found, measure, verdict):
                sentence += f" {words.format(listed)}"
        if any(point[measure]["verdict"] != "unknown" for point in found):
            sentences.append(sentence)
    return sentences


TOO_FEW = "There are too few replicates to tell at {}."


def _title(measure):
    if measure in TIMES:
        return TIMES[measure]
    when, _, column = measure.partition("_")
    return f"{when} {metric_name(column)}", "is lower", "is higher", number


def _measures(found):
    return [name for name in found[0] if name not in ("recipe", "batch_size")]


def _listed(found, measure, verdict):
    """The points of a verdict, such as "batch sizes 4 and 8"; several recipes are named."""
    by_recipe = {}
    for point in found:
        if point[measure]["verdict"] == verdict:
            by_recipe.setdefault(point["recipe"], []).append(point["batch_size"])
    several = len({point["recipe"] for point in found}) > 1
    parts = [
        sizes_text(sizes) + (f" of {recipe}" if several else "")
        for recipe, sizes in by_recipe.items()
    ]
    return enumerate_words(parts) if parts else ""


def _change(told):
    """The change; against what was not reached it is no number."""
    unreached = "value" in told["one"]["above"] + told["other"]["above"]
    return UNKNOWN if unreached else interval(told["change"])


def difference_tables(found):
    """The numbers, a table per measure.

    Args:
        found: from `analysis.differences.differences`.

    Returns:
        list of (title, heading of the change, rows of text).
    """
    tables = []
    for measure in _measures(found):
        title, _, _, write = _title(measure)
        rows = [
            (
                point["recipe"],
                str(point["batch_size"]),
                interval(point[measure]["one"], write),
                interval(point[measure]["other"], write),
                _change(point[measure]),
                VERDICTS[point[measure]["verdict"]],
            )
            for point in found
        ]
        if any(point[measure]["verdict"] != "unknown" for point in found):
            tables.append((title, "B / A" if measure in TIMES else "B – A", rows))
    return tables
