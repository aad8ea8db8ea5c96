"""Which points are shown where a picture or a page cannot hold all of them."""

import numpy as np

# Points of a page: the content of each takes tens of kB, and seconds for all of its targets.
ON_PAGE = 64

# Runs of a page: when each reaches which target takes hundreds of bytes.
RUNS_ON_PAGE = 8000


def evenly(items, most):
    """Some of a list, evenly apart, the first one among them, and the last if they are more than
    one; all if they are not more than `most`."""
    if len(items) <= most:
        return list(items)
    return [items[index] for index in np.linspace(0, len(items) - 1, most).round().astype(int)]


def most_on_page(replicates):
    """How many points of so many replicates a page shows."""
    return max(1, min(ON_PAGE, RUNS_ON_PAGE // replicates))


def shown_points(names, answer, most):
    """The points that a page shows.

    Args:
        names: (recipe, batch size) of each point, in the config's order.
        answer: what recommendation.json holds.
        most: all points are shown if they are not more than this.

    Returns:
        list of names in their order: `most` of them evenly apart, and those that the answer over
        all recipes, or that of a recipe which is shown, names first as best, or as the rule of
        thumb. As best it may name thousands, if all are as good.
    """
    names = list(map(tuple, names))
    shown = set(evenly(names, most))
    if len(shown) < len(names):
        recipes = {recipe for recipe, _ in shown}
        told = [own["recommendation"] for name, own in answer["recipes"].items() if name in recipes]
        for recommendation in [*told, answer["overall"]["recommendation"]]:
            shown |= set(_named(recommendation or {}))
    return [name for name in names if name in shown]


def _named(recommendation):
    """The points that a recommendation names, of each kind the first: yields their names."""
    for role in ("soonest", "cheapest"):
        if first := recommendation.get(role):
            yield first["points"][0]["recipe"], first["points"][0]["batch_size"]
    rule = recommendation.get("rule_of_thumb")
    if rule and rule["point"]:
        yield rule["point"]["recipe"], rule["point"]["batch_size"]


def answer_of(names, answer):
    """What recommendation.json holds of some points, and of their recipes.

    Args:
        names: (recipe, batch size) of each.
        answer: what recommendation.json holds.
    """
    names = set(names)
    recipes = {recipe for recipe, _ in names}
    return answer | {
        "recipes": {name: own for name, own in answer["recipes"].items() if name in recipes},
        "points": [p for p in answer["points"] if (p["recipe"], p["batch_size"]) in names],
    }
