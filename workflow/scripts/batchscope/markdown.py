"""summary.md: the summary table for reading, with the sentences that follow from it."""

import itertools

import pandas as pd

from batchscope.claims import judge_claims
from batchscope.wording import count, interval, number


def summary_markdown(summary):
    """The text of summary.md for the table of `summary_table`."""
    blocks = ["# What batch size did"]
    for recipe, points in summary.groupby("recipe", sort=False):
        first = points.iloc[0]
        target = (
            f"The target is {first['target_metric']} {number(first['target'], 4)}."
            if pd.notna(first["target"])
            else "No target could be set: the reference batch size diverged."
        )
        points = points.to_dict("records")
        blocks += [
            f"## {recipe}",
            f"{target} Times and epochs are medians, accuracy and loss means"
            + (
                ", with 95% intervals."
                if first["replicates"] > 1
                else " of one replicate, so there is no interval."
            )
            + f" Measured on {first['device']}.",
            pd.DataFrame([_row(point) for point in points]).to_markdown(
                index=False, disable_numparse=True, colalign=["right"] * len(_row(points[0]))
            ),
            *(f"- {sentence}" for sentence in judge_claims(points)),
        ]
    return _join(blocks)


def _row(point):
    def cell(measure, write=number, last=None):
        value = (point[measure], point[f"{measure}_low"], point[f"{measure}_high"])
        return interval(*value, write=write, last=point[last] if last else None)

    def milliseconds(seconds):
        return number(1000 * seconds)

    replicates = point["replicates"]
    row = {
        "batch size": str(point["batch_size"]),
        "updates per epoch": str(point["updates_per_epoch"]),
        "ms per epoch": cell("seconds_per_epoch", milliseconds),
        "seconds per run": cell("seconds_per_run"),
        "epochs to target": cell("target_epoch", count, last="epochs"),
        "updates to target": cell("target_updates", count, last="updates"),
        "seconds to target": cell("target_seconds", last="seconds_per_run"),
        "reached": f"{point['target_reached']}/{replicates}",
        "stable epoch": cell("stable_epoch", count, last="epochs"),
        "stable": f"{point['stable_reached']}/{replicates}",
        "final val_accuracy": cell("final_val_accuracy"),
        "final val_loss": cell("final_val_loss"),
        "diverged": f"{point['diverged']}/{replicates}",
    }
    return row


def _join(blocks):
    """Paragraphs apart, list items together."""
    text = blocks[0]
    for before, block in itertools.pairwise(blocks):
        text += ("\n" if before.startswith("- ") and block.startswith("- ") else "\n\n") + block
    return text + "\n"
