"""The points of a recipe as tables, and what a reader has to know of their settings."""

from batchscope.report.training import WAYS
from batchscope.report.wording import (
    UNKNOWN,
    count,
    enumerate_words,
    interval,
    metric_name,
    milliseconds,
    number,
    setting,
    sizes_text,
)

# Sign and sentence for a learning rate at an end of its grid.
EDGES = {
    "lowest": (
        "↓",
        "The lowest learning rate of the grid was the best at {}. A lower one may be better still.",
    ),
    "highest": (
        "↑",
        "The highest learning rate of the grid was the best at {}. A higher one may be better "
        "still.",
    ),
}


def convergence_row(point):
    """When a point converged."""
    measures, replicates = point["measures"], point["replicates"]
    reached = f"{point['target_reached']}/{replicates}"
    if point["out_of_memory"]:
        reached = "out of memory"
    elif point["diverged"]:
        reached += f", {point['diverged']} diverged"
    return {
        "batch size": str(point["batch_size"]),
        "epochs to target": interval(measures["target_epoch"], count),
        "updates to target": interval(measures["target_updates"], count),
        "seconds to target": interval(measures["target_seconds"]),
        "reached target": reached,
        "stable epoch": interval(measures["stable_epoch"], count),
        "became stable": f"{point['stable_reached']}/{replicates}",
    }


def quality_row(point):
    """How good a point got."""
    row = {"batch size": str(point["batch_size"])}
    for measure, value in point["measures"].items():
        when, _, column = measure.partition("_")
        if when in ("best", "final"):
            row[f"{when} {metric_name(column)}"] = interval(value)
    return row


def cost_row(point):
    """How a point was trained, and what that cost."""
    measures = point["measures"]
    trained = {name: count(point[name]) for name in ("epochs", "updates")}
    if point["out_of_memory"]:
        trained = dict.fromkeys(trained, UNKNOWN)
    rate = UNKNOWN if point["learning_rate"] is None else setting(point["learning_rate"])
    edge = point["learning_rate_edge"]
    sign = "" if edge is None else f" {EDGES[edge][0]}"
    return {
        "batch size": str(point["batch_size"]),
        "trained by": WAYS[point["trained_by"]][0],
        "learning rate": rate + sign,
        **trained,
        "ms per epoch": interval(measures["seconds_per_epoch"], milliseconds),
        "seconds per run": interval(measures["seconds_per_run"]),
        "samples per second": interval(measures["samples_per_second"]),
        "peak memory, MiB": number(point["peak_memory_mib"]),
    }


def learning_rate_sentences(points, tuning_seconds):
    """What a reader has to know of the learning rates of some points, and of what tuning took."""
    for edge, (sign, sentence) in EDGES.items():
        sizes = [p["batch_size"] for p in points if p["learning_rate_edge"] == edge]
        if sizes:
            yield f"{sign} {sentence.format(sizes_text(sizes))}"
    if tuning_seconds is not None:
        yield (
            f"Tuning took {number(tuning_seconds)} s of training, at the learning rates that were "
            "not taken. No number above includes it."
        )
    for clamped in dict.fromkeys(tuple(p["clamped"]) for p in points if p["clamped"]):
        sizes = [p["batch_size"] for p in points if tuple(p["clamped"]) == clamped]
        yield (
            f"At {sizes_text(sizes)} the square root rule puts {enumerate_words(clamped)} below 0; "
            "0 was taken instead."
        )


def timescale_sentences(moving):
    """What a reader has to know of weight decay: `moving_timescale` of recommendation.json."""
    if moving is not None:
        shortest, longest = (
            f"{number(moving[end]['epochs'])} epochs at batch size {moving[end]['batch_size']}"
            for end in ("shortest", "longest")
        )
        yield (
            f"The timescale of weight decay moves with the batch size, from {shortest} to "
            f"{longest}, since Keras multiplies the decay by the learning rate. Without a grid, "
            "`keep_timescale: true` holds it."
        )
