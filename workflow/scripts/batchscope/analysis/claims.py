"""The article's claims, judged by the study's own numbers."""

import numpy as np

from batchscope.analysis.bootstrap import CONFIDENCE
from batchscope.analysis.convergence import nearest_size
from batchscope.analysis.interval import finite
from batchscope.analysis.recommendation import RULE_OF_THUMB
from batchscope.results import validation

VERDICTS = {-1: "smaller", 0: "undecided", 1: "larger"}

# The verdict under which a claim on the small batch beside the large one is true.
CLAIMED = {
    "time_per_epoch": "larger",
    "epochs_to_target": "smaller",
    "epochs_to_stable": "smaller",
}


def judge_claims(measurements, among):
    """How two batch sizes of a recipe compare in what the article claims of them.

    Args:
        measurements: the study's Measurements.
        among: the recipe's rows, list of int.

    Returns:
        list of dict of plain values, `claim` of recommendation.schema.yaml; empty with fewer than
        two batch sizes that fitted into memory.
    """
    summaries = measurements.summaries
    sizes = {
        summaries[row]["batch_size"]: row for row in among if not summaries[row]["out_of_memory"]
    }
    if len(sizes) < 2:
        return []
    small, large = sizes[min(sizes)], sizes[max(sizes)]
    reference = sizes[nearest_size(sizes, RULE_OF_THUMB)]
    other = small if reference == large else reference
    shown = measurements.saved[0].shown
    # This one is on the large batch beside the other.
    claimed = CLAIMED | {"final_quality": "larger" if shown.falls else "smaller"}

    def judge(claim, measure, one, other, obstacle=None, budget=None):
        values = measurements.estimates[measure].value[[one, other]]
        ratio = values[0] / values[1] if np.isfinite(values).all() and values[1] else np.nan
        verdict = obstacle or VERDICTS[compare(measurements, one, other, measure)]
        return {
            "claim": claim,
            "measure": measure,
            "verdict": verdict,
            "holds": verdict == claimed[claim] if verdict in ("smaller", "larger") else None,
            "one": summaries[one]["batch_size"],
            "other": summaries[other]["batch_size"],
            "ratio": finite(ratio),
            "factor": finite(max(ratio, 1 / ratio)) if ratio else None,
            "budget": budget,
        }

    quality = f"final_{validation(shown)}"
    ended = np.isfinite(measurements.estimates[quality].value[[large, other]]).all()
    timed = np.isfinite(measurements.estimates["seconds_per_epoch"].value[[small, large]]).any()
    return [
        judge(
            "time_per_epoch",
            "seconds_per_epoch",
            small,
            large,
            obstacle=None if timed else "no_seconds",
        ),
        judge(
            "epochs_to_target",
            "target_epoch",
            small,
            large,
            obstacle="no_target" if summaries[small]["target"] is None else None,
            budget=_budget(measurements, small, large),
        ),
        judge("epochs_to_stable", "stable_epoch", small, large),
        judge("final_quality", quality, large, other, obstacle=None if ended else "not_completed"),
    ]


def compare(measurements, one, other, measure):
    """How two points compare in a measure.

    Args:
        measurements: the study's Measurements.
        one: a row.
        other: another row.
        measure: the measure's name.

    Returns:
        -1 where `one` is smaller in all draws that an interval holds, 1 where it is larger, 0 where
        the data do not tell, as with too few replicates. Of a time that was not reached it is only
        known that it is later than the latest that could have been seen.
    """
    boot, drawn = measurements.boot, measurements.estimates[measure].drawn
    if measure in measurements.qualities and boot.kind_of_means != CONFIDENCE:
        return 0

    def smaller(one, other):
        a, b = drawn[one], drawn[other]
        latest = measurements.interval(measure, other).later_than
        # Where all runs diverged nothing is later than a time, and they never reach.
        later = np.isfinite(a) if np.isnan(latest) else a <= latest
        surely = np.where(np.isinf(b), later, a < b) & np.isfinite(a)
        return boot.surely(surely)

    return int(smaller(other, one)) - int(smaller(one, other))


def _budget(measurements, small, large):
    """Whether the large batch may have lacked updates, and nothing else; None if it may not."""
    epochs = measurements.estimates["target_epoch"].value
    reached = [np.isfinite(epochs[row]) for row in (small, large)]
    summary = measurements.summaries[large]
    if reached != [True, False] or summary["diverged"] or summary["updates"] is None:
        return None
    needed = measurements.estimates["target_updates"].value[small]
    return "no_more" if summary["updates"] <= needed else "more"
