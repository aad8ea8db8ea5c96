"""The article's claims, judged by the study's own numbers."""

import math

import numpy as np

from batchscope.analysis.bootstrap import LEVEL
from batchscope.analysis.convergence import nearest_size
from batchscope.report.wording import count, measure_text, number

UNDECIDED = "the data do not tell"


def judge_claims(points, compare):
    """Sentences that answer what the article claims.

    Args:
        points: rows of the summary table of one recipe, as dicts.
        compare: from `ordering`.

    Returns:
        list of sentences.
    """
    fitting = (point for point in points if not point["out_of_memory"])
    points = sorted(fitting, key=lambda point: point["batch_size"])
    if len(points) < 2:
        return ["With fewer than two batch sizes trained there is nothing to compare."]
    sizes = [point["batch_size"] for point in points]
    reference = points[sizes.index(nearest_size(sizes, 32))]
    other = reference if reference is not points[-1] else points[0]
    return [
        _time_per_epoch(points[0], points[-1], compare),
        _epochs_to_target(points[0], points[-1], compare),
        _stable(points[0], points[-1], compare),
        _final_quality(points[-1], other, compare),
    ]


def ordering(table, estimates, boot):
    """How two points compare in some measure.

    Args:
        table: the summary table, whose rows are those of the estimates.
        estimates: from `measures.estimate`.
        boot: the study's Bootstrap.

    Returns:
        A function of (one, other, measure): -1 where `one` is smaller in all but 2.5% of the
        draws, 1 where it is larger, 0 where the data do not tell, as with too few replicates. Of
        a time that was not reached it is only known that it is later than the latest that could
        have been seen.
    """
    rows = {
        (recipe, size): row
        for row, (recipe, size) in enumerate(zip(table["recipe"], table["batch_size"], strict=True))
    }

    def smaller(one, other, measure):
        a, b = (
            estimates[measure].drawn[rows[point["recipe"], point["batch_size"]]]
            for point in (one, other)
        )
        # Where all runs diverged nothing is later than a time, and they never get there.
        latest = other.get(f"later_than_{measure}", np.nan)
        later = np.isfinite(a) if math.isnan(latest) else a <= latest
        surely = np.where(np.isinf(b), later, a < b) & np.isfinite(a)
        return boot.probability(surely) >= (1 + LEVEL) / 2

    def compare(one, other, measure):
        return int(smaller(other, one, measure)) - int(smaller(one, other, measure))

    return compare


def _name(point):
    return f"batch size {point['batch_size']}"


def _milliseconds(seconds):
    return number(1000 * seconds)


def _time_per_epoch(small, large, compare):
    if small["device"] != large["device"]:
        return (
            f"**Time per epoch:** {_name(small)} was trained on {small['device']} and "
            f"{_name(large)} on {large['device']}, so {UNDECIDED}."
        )
    order = compare(large, small, "seconds_per_epoch")
    ratio = small["seconds_per_epoch"] / large["seconds_per_epoch"]
    verdict = {
        -1: f"it falls with batch size, {number(ratio, 2)} times from end to end",
        0: f"{UNDECIDED} whether it falls",
        1: f"it rises with batch size, {number(1 / ratio, 2)} times from end to end",
    }[order]
    times = (
        f"{measure_text(point, 'seconds_per_epoch', _milliseconds)} ms at {_name(point)}"
        for point in (small, large)
    )
    return (
        "**Time per epoch,** which is the machine's part: an epoch takes "
        f"{' and '.join(times)}: {verdict}."
    )


def _epochs_to_target(small, large, compare):
    if math.isnan(small["target"]):
        return (
            "**Epochs to the target:** too few replicates of the reference were completed to set "
            f"one, so {UNDECIDED}."
        )
    order = compare(small, large, "target_epoch")
    verdict = {
        -1: "the small batch converges in fewer epochs",
        0: f"{UNDECIDED} which of them needs fewer epochs",
        1: "the small batch needs more epochs",
    }[order]
    return (
        f"**Epochs to the target** ({small['target_metric']} {number(small['target'], 4)}): "
        f"{_reached(small, 'target')} and {_reached(large, 'target')}: {verdict}."
        + _budget(small, large)
    )


def _budget(small, large):
    """Whether the large batch may have lacked updates, and nothing else."""
    reached = [math.isfinite(point["target_epoch"]) for point in (small, large)]
    if reached != [True, False] or large["diverged"]:
        return ""
    needed, made = small["target_updates"], large["updates"]
    comparison = "no more than" if made <= needed else "more than"
    return (
        f" The budget's part: {_name(large)} made {made} updates in all, {comparison} the "
        f"{count(needed)} that {_name(small)} needed."
    )


def _reached(point, definition):
    epochs = measure_text(point, f"{definition}_epoch", count)
    return f"{epochs} at {_name(point)} ({_share(point, definition)})"


def _share(point, definition):
    return f"{point[f'{definition}_reached']} of {point['replicates']} got there"


def _stable(small, large, compare):
    order = compare(small, large, "stable_epoch")
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


def _final_quality(large, other, compare):
    measure = "final_val_accuracy"
    if math.isnan(large[measure]) or math.isnan(other[measure]):
        return f"**Final accuracy:** not every size has a completed replicate, so {UNDECIDED}."
    verdict = {
        -1: f"{_name(large)} ends worse after {large['epochs']} epochs",
        0: f"{UNDECIDED} whether {_name(large)} ends worse",
        1: f"{_name(large)} ends better",
    }[compare(large, other, measure)]
    ends = (
        f"{measure_text(point, measure)} at {_name(point)} after {point['updates']} updates"
        for point in (large, other)
    )
    return f"**Final validation accuracy:** {' and '.join(ends)}: {verdict}." + _survivors(
        large, other
    )


def _survivors(*points):
    """Who the means are of, where some diverged."""
    told = [
        f"{point['replicates'] - point['diverged']} of {point['replicates']} at {_name(point)}"
        for point in points
        if point["diverged"]
    ]
    return f" That is of the runs that did not diverge: {' and '.join(told)}." if told else ""
