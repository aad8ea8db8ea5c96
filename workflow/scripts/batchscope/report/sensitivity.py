"""Whether the ranking of batch sizes depends on the way to call a run converged."""

from batchscope.report.wording import UNKNOWN, count, enumerate_words, number

DEFINITIONS = {"target": "the study's target", "stable": "a stable curve"}

VERDICTS = {
    "survives": (
        "wherever two batch sizes have an order both by the study's target and in another row of "
        "this table, it is the same ({compared} comparisons)."
    ),
    "changes": (
        "the order of two batch sizes is not always the same by the study's target and in another "
        "row of this table. Of {compared} comparisons, {changes}."
    ),
    "no_order": "the study's target gives no two batch sizes an order.",
    "no_comparison": (
        "no other row of this table gives an order to two batch sizes that have one by the study's "
        "target."
    ),
}


def sensitivity_rows(ways):
    """A row per way to call a run converged: median epochs, and the soonest size in seconds.

    Args:
        ways: of `sensitivity` of a recipe in recommendation.json.

    Returns:
        list of dicts.
    """
    return [
        {"converged by": _name(way)}
        | {str(size["batch_size"]): _epoch(size) for size in way["sizes"]}
        | {
            "lowest median seconds": UNKNOWN
            if way["lowest_median_seconds"] is None
            else str(way["lowest_median_seconds"])
        }
        for way in ways
    ]


def ranking_sentence(sensitivity):
    """Whether the order of the batch sizes is the same by the other ways.

    Args:
        sensitivity: of a recipe in recommendation.json.

    Returns:
        text.
    """
    _, *others = sensitivity["ways"]
    changes = [
        f"{way['swapped']} of {way['compared']} swap{'s' if way['swapped'] == 1 else ''} by "
        f"{_name(way)}"
        for way in others
        if way["swapped"]
    ]
    sentence = VERDICTS[sensitivity["verdict"]].format(
        compared=sensitivity["compared"], changes=enumerate_words(changes)
    )
    same = [_name(way) for way in others if way["is_own_target"]]
    more = ""
    if without := sensitivity["not_compared"]:
        more = (
            f" {count(without)} other comparison{'s' * (without > 1)} cannot be made: the medians "
            "are equal in one of the two rows, or the runs were too short."
        )
    if same:
        more += f" The study's own target ({enumerate_words(same)}) is not counted."
    return f"**Ranking:** {sentence}{more}"


def _name(way):
    if way["times_best"] is None:
        return DEFINITIONS[way["definition"]]
    return f"{way['times_best']:g} × best ({number(way['target'], 4)})"


def _epoch(size):
    if size["epoch"] is not None:
        return count(size["epoch"])
    return UNKNOWN if size["later_than"] is None else f"> {count(size['later_than'])}"
