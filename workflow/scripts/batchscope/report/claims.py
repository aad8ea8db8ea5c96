"""The article's claims, each judged at two batch sizes of a recipe."""

from batchscope.report.wording import (
    UNKNOWN,
    count,
    interval,
    metric_name,
    milliseconds,
    number,
    sizes_text,
    target_text,
)

CLAIMS = {
    "time_per_epoch": "Large batches take less time per epoch.",
    "epochs_to_target": "Small batches converge in fewer epochs.",
    "epochs_to_stable": "Judged by eye, small batches converge in fewer epochs.",
    "final_quality": "Large batches end worse.",
}

# Whether a claim holds, of two sizes that compare.
HOLDS = {
    True: "True of these two sizes",
    False: "The opposite is true of these two sizes",
    None: "The data do not decide it",
}

# Verdicts on two sizes that compare, and on two that do not.
JUDGED = ("smaller", "larger", "undecided")
NOT_JUDGED = {
    "no_seconds": "Not judged: what an epoch takes is not known.",
    "no_target": "Not judged: no target could be set.",
    "not_completed": "Not judged: no replicate was completed at {unknown}.",
}

BUDGET = {
    "no_more": (
        " Half or more of the replicates at {large} did not reach the target. Fewer updates may be "
        "the reason: they made {made} updates in all, no more than the {needed} that {small} "
        "needed."
    ),
    "more": (
        " Half or more of the replicates at {large} did not reach the target. Fewer updates are "
        "not the reason: they made {made} updates in all, more than the {needed} that {small} "
        "needed."
    ),
    None: "",
}


def claim_sentences(claims, points, target):
    """What each claim is, and what the data say of it.

    Args:
        claims: of a recipe in recommendation.json.
        points: the recipe's points there, by batch size.
        target: the recipe's, likewise.

    Returns:
        list of texts.
    """
    if not claims:
        return ["There are fewer than two batch sizes to compare."]
    return [
        f"**{CLAIMS[claim['claim']]}** "
        + _judged(claim, *(points[size] for size in _sizes(claim)), target)
        for claim in claims
    ]


def _sizes(claim):
    """The smaller and the larger batch size."""
    return sorted((claim["one"], claim["other"]))


def _judged(claim, small, large, target):
    if claim["verdict"] not in JUDGED:
        unknown = [point for point in (small, large) if not point["completed"]]
        return NOT_JUDGED[claim["verdict"]].format(
            unknown=sizes_text([point["batch_size"] for point in unknown or (small, large)])
        )
    evidence = {
        "time_per_epoch": _time_per_epoch,
        "epochs_to_target": _epochs_to_target,
        "epochs_to_stable": _epochs_to_stable,
        "final_quality": _final_quality,
    }
    return f"{HOLDS[claim['holds']]}: {evidence[claim['claim']](claim, small, large, target)}"


def _name(point):
    return f"batch size {point['batch_size']}"


def _column(claim):
    """The metric that the final quality is judged by."""
    return claim["measure"].removeprefix("final_")


def _time_per_epoch(claim, small, large, target):
    def takes(point):
        time = interval(point["measures"][claim["measure"]], milliseconds)
        return f"{'an unknown time' if time == UNKNOWN else f'{time} ms'} at {_name(point)}"

    factor = ""
    if claim["holds"] is not None:
        factor = f", a factor of {number(claim['factor'], 2)}"
    return (
        f"an epoch takes {takes(small)} and {takes(large)}{factor}. This depends on the machine "
        "and says nothing about convergence."
    )


def _epochs_to_target(claim, small, large, target):
    needed = small["measures"]["target_updates"]["value"]
    budget = BUDGET[claim["budget"]].format(
        small=_name(small),
        large=_name(large),
        made=count(large["updates"]),
        needed=count(needed),
    )
    epochs = (_epoch(point, claim, "target_reached", "reached it") for point in (small, large))
    return (
        f"the median epoch that reaches the target, {target_text(target)}, is "
        f"{' and '.join(epochs)}.{budget}"
    )


def _epochs_to_stable(claim, small, large, target):
    epochs = (_epoch(point, claim, "stable_reached", "became stable") for point in (small, large))
    return (
        f"the median epoch from which the curve is stable is {' and '.join(epochs)}. This is what "
        "the eye sees; it says nothing about how good the level of the curve is."
    )


def _epoch(point, claim, reached, verb):
    epoch = interval(point["measures"][claim["measure"]], count)
    diverged = f", {point['diverged']} diverged" if point["diverged"] else ""
    return (
        f"{'none' if epoch == UNKNOWN else epoch} at {_name(point)} "
        f"({point[reached]} of {point['replicates']} replicates {verb}{diverged})"
    )


def _final_quality(claim, small, large, target):
    def ends(point):
        end = f"{interval(point['measures'][claim['measure']])} at {_name(point)}"
        if point["epochs"] is None:
            return f"{end} after runs of different lengths"
        epochs, updates = count(point["epochs"]), count(point["updates"])
        return f"{end} after {epochs} epochs, that is {updates} updates"

    survivors = [
        f"{point['completed']} of {point['replicates']} at {_name(point)}"
        for point in (small, large)
        if point["diverged"]
    ]
    sentence = f"the mean final {metric_name(_column(claim))} is {ends(small)}, and {ends(large)}."
    if survivors:
        sentence += f" It is over the replicates that did not diverge: {' and '.join(survivors)}."
    return sentence
