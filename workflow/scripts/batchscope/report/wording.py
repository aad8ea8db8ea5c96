"""How numbers, intervals, names and lists are written for reading."""

from batchscope.results import TEST, VALIDATION, metric_of

UNKNOWN = "–"

# Points that a sentence lists. Tables have all.
MOST_LISTED = 20


def number(value, digits=3):
    """A number with `digits` significant digits, its thousands apart and no exponent.

    Digits before the decimal point are never rounded away; None is a dash.
    """
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    # This exponent is of the rounded value: 99.96 has that of 100.
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{value:,.{max(0, digits - 1 - exponent)}f}"


def setting(value):
    """A number that somebody chose, such as a learning rate: without the zeros at its end."""
    text = number(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(value):
    """An epoch or a number of updates; a median may fall between two. None is a dash."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def size_number(value):
    """A batch size that follows from others; one that was trained is a whole number."""
    return count(value) if isinstance(value, int) else number(value)


def milliseconds(seconds):
    """Seconds as a number of milliseconds."""
    return number(1000 * seconds)


def percent(share):
    """A share in per cent; one that is not quite none or all is not rounded to it."""
    if -0.005 < share < 0:
        return "0%"
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def of_draws(share):
    """How many of the bootstrap's draws a share is."""
    return "all of the draws" if share == 1 else f"{percent(share)} of the draws"


def interval(item, write=number, seen=None):
    """A value with its limits, such as "27 (25–30)", "80 (70 to > 98)" or "above 512".

    Args:
        item: an interval of recommendation.json, or None for an unknown one.
        write: writes one number.
        seen: (smallest, largest) number that could have been seen, where `item` is no time.
    """

    def end(name):
        if item[name] is not None:
            return write(item[name])
        if name in item["above"] and item["later_than"] is not None:
            return f"> {write(item['later_than'])}"
        if seen and name in item["above"]:
            return f"above {write(seen[1])}"
        if seen and name in item["below"]:
            return f"below {write(seen[0])}"
        return None

    if item is None:
        return UNKNOWN
    value, low, high = (end(name) for name in ("value", "low", "high"))
    if value is None:
        return UNKNOWN
    if "low" in item["above"] or "high" in item["below"]:
        return value
    if low is None and high is None:
        return f"{value} (no limits)" if "high" in item["above"] else value
    if high is None:
        return f"{value} ({low} or more)"
    if low is None:
        return f"{value} ({high} or less)"
    plain = item["low"] is not None and item["high"] is not None and item["low"] >= 0
    return f"{value} ({low}{'–' if plain else ' to '}{high})"


def enumerate_words(words):
    """ "4, 8 and 16"."""
    *most, last = words or [""]
    return f"{', '.join(most)} and {last}" if most else last


def enumerate_some(words):
    """As `enumerate_words`; of many words the first ones alone: "4, 8, 16 and 2,481 more"."""
    more = len(words) - MOST_LISTED
    # One more takes no more room than its number.
    return enumerate_words([*words[:MOST_LISTED], f"{more:,} more"] if more > 1 else words)


def sizes_text(sizes):
    """ "batch size 4", or "batch sizes 4, 8 and 16"."""
    listed = enumerate_some([str(size) for size in sizes])
    return f"batch size {listed}" if len(sizes) == 1 else f"batch sizes {listed}"


def metric_name(column):
    """The name for reading of a metric's column, of history.csv or of the test samples."""
    for prefix, samples in ((VALIDATION, "validation "), (TEST, "test ")):
        if column.startswith(prefix):
            return samples + metric_of(column).label
    return metric_of(column).label


def target_text(target):
    """A target, such as "a validation loss of at most 0.43"."""
    return f"{bound_text(target['metric'])} {number(target['value'], 4)}"


def bound_text(column):
    """What stands before the value of a target, such as "a validation loss of at most"."""
    bound = "most" if metric_of(column).falls else "least"
    return f"a {metric_name(column)} of at {bound}"


def target_sentence(target):
    """What the target is, or why there is none."""
    if target["value"] is None:
        return (
            "No target could be set, since half or more of the replicates at the reference batch "
            "size were not completed."
        )
    return f"The target is {target_text(target)}."
