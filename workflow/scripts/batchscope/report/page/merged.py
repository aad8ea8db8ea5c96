"""Two studies as one, for a page of both: the recipes of each are named after it."""

# What the two are called.
NAMES = ("A", "B")


def recipe_name(study, recipe):
    """A recipe of one of the two."""
    return f"{study}: {recipe}"


def prefixed(mappings):
    """Mappings by recipe, one of each study, as one."""
    return {
        recipe_name(study, recipe): value
        for study, own in zip(NAMES, mappings, strict=True)
        for recipe, value in own.items()
    }


def merge_answers(answers):
    """Two of recommendation.json as one that a page can show. Nothing is said over all recipes."""
    first = answers[0]
    return first | {
        "imported": any(answer["imported"] for answer in answers),
        "recipes": prefixed([answer["recipes"] for answer in answers]),
        "overall": {"status": "own_targets", "recipes_without_target": [], "recommendation": None},
        "points": _points(answers),
        "causes": [],
    }


def merge_told(*views):
    """Two of `retarget.under_target` as one: (a part of recommendation.json, laws)."""
    told, laws = zip(*views, strict=True)
    merged = {
        "recipes": prefixed([own["recipes"] for own in told]),
        "overall": {"recommendation": None},
        "points": _points(told),
    }
    return merged, prefixed(laws)


def _points(answers):
    return [
        point | {"recipe": recipe_name(study, point["recipe"])}
        for study, answer in zip(NAMES, answers, strict=True)
        for point in answer["points"]
    ]
