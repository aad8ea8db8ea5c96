"""The article's claims, judged by the study's own numbers."""

import math

from batchscope.convergence import nearest_size
from batchscope.wording import count, interval, number

UNDECIDED = "the data do not tell"


def judge_claims(points):
    """Sentences that answer what the article claims.

    Args:
        points: rows of the summary table of one recipe, as dicts.

    Returns:
        list of sentences. A verdict is given only where two 95% intervals do not overlap.
    """
    points = sorted(points, key=lambda point: point["batch_size"])
    if len(points) == 1:
        return [f"With batch size {points[0]['batch_size']} alone there is nothing to compare."]
    sizes = [point["batch_size"] for point in points]
    reference = points[sizes.index(nearest_size(sizes, 32))]
    return [
        _time_per_epoch(points[0], points[-1]),
        _epochs_to_target(points[0], points[-1]),
        _stable(points[0], points[-1]),
        _final_quality(points[-1], reference if reference is not points[-1] else points[0]),
        _good_default(points, reference),
    ]


def compare(one, other, measure, last=None):
    """-1 where `one` is surely smaller, 1 where surely larger, 0 where the data do not tell.

    Args:
        one: a row of the summary table.
        other: another.
        measure: the column; its interval is read from measure_low and measure_high.
        last: column with the latest value that could have been seen; a limit of inf means no
            more than "later than that".
    """

    def limits(point):
        low, high = point[f"{measure}_low"], point[f"{measure}_high"]
        return (point[last] if math.isinf(low) else low), high

    (low, high), (other_low, other_high) = limits(one), limits(other)
    if high < other_low or (high == other_low and math.isinf(other[f"{measure}_low"])):
        return -1
    if other_high < low or (other_high == low and math.isinf(one[f"{measure}_low"])):
        return 1
    return 0


def _name(point):
    return f"batch size {point['batch_size']}"


def _text(point, measure, write=number, last=None):
    value = (point[measure], point[f"{measure}_low"], point[f"{measure}_high"])
    return interval(*value, write=write, last=point[last] if last else None)


def _milliseconds(seconds):
    return number(1000 * seconds)


def _time_per_epoch(small, large):
    order = compare(large, small, "seconds_per_epoch")
    ratio = small["seconds_per_epoch"] / large["seconds_per_epoch"]
    verdict = {
        -1: f"it falls with batch size, {number(ratio, 2)} times from end to end",
        0: f"{UNDECIDED} whether it falls",
        1: f"it rises with batch size, {number(1 / ratio, 2)} times from end to end",
    }[order]
    return (
        "**Time per epoch:** an epoch takes "
        f"{_text(small, 'seconds_per_epoch', _milliseconds)} ms at {_name(small)} and "
        f"{_text(large, 'seconds_per_epoch', _milliseconds)} ms at {_name(large)}: {verdict}."
    )


def _epochs_to_target(small, large):
    if math.isnan(small["target"]):
        return (
            "**Epochs to the target:** too few replicates of the reference stayed finite to set "
            f"one, so {UNDECIDED}."
        )
    order = compare(small, large, "target_epoch", last="epochs")
    verdict = {
        -1: "the small batch converges in fewer epochs",
        0: f"{UNDECIDED} which of them needs fewer epochs",
        1: "the small batch needs more epochs",
    }[order]
    return (
        f"**Epochs to the target** ({small['target_metric']} {number(small['target'], 4)}): "
        f"{_reached(small, 'target')} and {_reached(large, 'target')}: {verdict}."
    )


def _reached(point, definition):
    epochs = _text(point, f"{definition}_epoch", count, last="epochs")
    return f"{epochs} at {_name(point)} ({_share(point, definition)})"


def _share(point, definition):
    return f"{point[f'{definition}_reached']} of {point['replicates']} got there"


def _stable(small, large):
    order = compare(small, large, "stable_epoch", last="epochs")
    verdict = {
        -1: "the small batch is stable earlier",
        0: f"{UNDECIDED} which of them is stable earlier",
        1: "the small batch is stable later",
    }[order]
    return (
        "**Epochs to a stable curve**, which is what the eye sees and says nothing of how good "
        f"the level is: {_reached(small, 'stable')} and "
        f"{_reached(large, 'stable')}: {verdict}."
    )


def _final_quality(large, other):
    measure = "final_val_accuracy"
    if math.isnan(large[measure]) or math.isnan(other[measure]):
        return f"**Final accuracy:** not every size has a completed replicate, so {UNDECIDED}."
    verdict = {
        -1: f"{_name(large)} ends worse after {large['epochs']} epochs",
        0: f"{UNDECIDED} whether {_name(large)} ends worse",
        1: f"{_name(large)} ends better",
    }[compare(large, other, measure)]
    return (
        f"**Final validation accuracy:** {_text(large, measure)} at {_name(large)} after "
        f"{large['updates_per_epoch'] * large['epochs']} updates and {_text(other, measure)} at "
        f"{_name(other)} after {other['updates_per_epoch'] * other['epochs']}: {verdict}."
    )


def _good_default(points, reference):
    measure = "target_seconds"
    reached = [point for point in points if math.isfinite(point[measure])]
    if not reached:
        return (
            "**A good default:** at no batch size do half of the replicates reach the target, so "
            f"{UNDECIDED}."
        )
    fastest = min(reached, key=lambda point: point[measure])

    def seconds(point):
        time = _text(point, measure, last="seconds_per_run")
        return f"{time} s at {_name(point)} ({_share(point, 'target')})"

    if fastest is reference:
        return f"**A good default:** the lowest median time to the target is {seconds(reference)}."
    verdict = {
        -1: f"{_name(reference)} is slower",
        0: f"{UNDECIDED} whether {_name(reference)} is slower",
        1: f"{_name(reference)} is faster",
    }[compare(fastest, reference, measure, last="seconds_per_run")]
    return (
        f"**A good default:** the lowest median time to the target is {seconds(fastest)}, against "
        f"{seconds(reference)}: {verdict}."
    )
