"""Which batch size to take: what the saved runs say, and how sure they are of it.

A candidate is a batch size that reaches the target reliably. Candidates are ranked by what a run to
the target is expected to take, failures paid for; see `expected`. Examples are what a run costs,
seconds how long one waits for it (McCandlish et al. 2018, "An empirical model of large-batch
training"). Shares are of the draws of `bootstrap`. A candidate that shares the first place of a
draw counts as first.
"""

import functools

import numpy as np
from scipy import stats

from batchscope.analysis.bootstrap import LEVEL
from batchscope.analysis.expected import expected_times
from batchscope.analysis.interval import Interval, finite

# The share of replicates that have to reach the target. docs/statistics.md compares rules.
RELIABLE = 0.8

# The article's advice.
RULE_OF_THUMB = 32


def recommend(measurements, among):
    """Choose among points that share a target.

    Args:
        measurements: the study's Measurements.
        among: the rows to choose from, list of int.

    Returns:
        dict of plain values, `recommendation` of recommendation.schema.yaml.
    """
    summaries = measurements.summaries
    excluded = _excluded(measurements, among)
    candidates = [row for row in among if row not in excluded]
    devices = [summaries[row]["device"] for row in among if summaries[row]["device"]]
    devices = list(dict.fromkeys(devices))
    examples, seconds = expected_times(measurements)
    timed = [row for row in candidates if np.isfinite(seconds.value[row])]
    times_the_cheapest = _times_the_first(measurements, examples, candidates)
    times_the_soonest = _times_the_first(measurements, seconds, timed)
    missing = None
    if not candidates:
        missing = "no_candidate"
    elif not timed:
        missing = "seconds_unknown"
    return {
        "devices": devices,
        "seconds_device": measurements.seconds_device,
        "reliable": RELIABLE,
        "candidates": [
            _chosen(summaries[row])
            | {
                "reached": summaries[row]["target_reached"],
                "success": success(summaries[row]).as_json(),
                "expected_examples": _interval(measurements, examples, row),
                "times_the_cheapest": times_the_cheapest[row],
                "expected_seconds": _interval(measurements, seconds, row)
                if row in times_the_soonest
                else None,
                "times_the_soonest": times_the_soonest.get(row),
            }
            for row in candidates
        ],
        "excluded": [_name(summaries[row]) | why for row, why in excluded.items()],
        "soonest": _first(measurements, timed, seconds, times_the_soonest),
        "soonest_missing": missing,
        "cheapest": _first(measurements, candidates, examples, times_the_cheapest),
        "rule_of_thumb": _rule_of_thumb(measurements, timed, seconds, excluded),
    }


def is_reliable(reached, replicates):
    """Whether so many of the replicates reached that a batch size is worth choosing."""
    return reached >= RELIABLE * replicates


def success(summary):
    """The share of a point's runs that reach, with the Wilson interval of a binomial share."""
    reached, replicates = summary["target_reached"], summary["replicates"]
    share = stats.binomtest(reached, replicates).proportion_ci(LEVEL, method="wilson")
    return Interval(reached / replicates, share.low, share.high)


def _excluded(measurements, among):
    """The rows that are no candidates, each with its reason, the reached runs and its double."""
    summaries, excluded, seen = measurements.summaries, {}, {}
    for row in among:
        summary, reason = summaries[row], None
        # An override may give one of two full batches more epochs or another rate, and then the
        # arguments of no rule.
        facts = ("recipe", "effective_batch_size", "epochs", "learning_rate")
        arguments = measurements.saved[row].job["point"].get("arguments", {})
        training = (*(summary[fact] for fact in facts), *sorted(arguments.items()))
        same = seen.setdefault(training, row)
        if summary["out_of_memory"]:
            reason = "out_of_memory"
        elif not is_reliable(summary["target_reached"], summary["replicates"]):
            reason = "not_reached"
        elif same != row:
            reason = "same_training"
        if reason:
            excluded[row] = {
                "reason": reason,
                "reached": summary["target_reached"],
                "same_as": summaries[same]["batch_size"] if reason == "same_training" else None,
            }
    return excluded


def _name(summary):
    return {"recipe": summary["recipe"], "batch_size": summary["batch_size"]}


def _chosen(summary):
    """A point with its learning rate, and whether that was tuned."""
    return _name(summary) | {
        "learning_rate": summary["learning_rate"],
        "tuned": summary["tuning_seconds"] is not None,
        "learning_rate_edge": summary["learning_rate_edge"],
        "learning_rate_share": summary["learning_rate_share"],
    }


def _lowest(expected, among):
    return among[np.argmin(expected.value[among])]


def _least(expected, among):
    """The lowest time of some points in each draw, float64 [draws]."""
    return functools.reduce(np.fmin, (expected.drawn[row] for row in among))


def _interval(measurements, expected, row):
    return _json(measurements, *(numbers[row] for numbers in expected))


def _times_the_first(measurements, expected, among):
    """The time of each point over that of the first: dict row -> interval of JSON."""
    if not among:
        return {}
    first = [numbers[_lowest(expected, among)] for numbers in expected]
    with np.errstate(invalid="ignore"):
        return {
            row: _json(
                measurements,
                *(numbers[row] / of for numbers, of in zip(expected, first, strict=True)),
            )
            for row in among
        }


def _json(measurements, value, drawn, runs):
    """An interval of JSON; of too few runs for an interval of means it is their range."""
    low, high = measurements.boot.limits_of_means(runs, drawn)
    return Interval(float(value), float(low), float(high)).as_json()


def _first(measurements, among, expected, times):
    """The rows with the lowest time, which may be tied, and how sure that is; None without rows."""
    if not among:
        return None
    summaries, lowest = measurements.summaries, expected.value[among].min()
    tied = [row for row in among if np.isclose(expected.value[row], lowest, rtol=1e-12, atol=0)]
    first = _least(expected, tied) <= _least(expected, among)
    return {
        "points": [_name(summaries[row]) for row in tied],
        "undecided": [
            _name(summaries[row])
            for row in among
            if row not in tied and times[row]["low"] is not None and times[row]["low"] <= 1
        ],
        "share_of_draws": finite(measurements.boot.share(first)),
    }


def _rule_of_thumb(measurements, timed, seconds, excluded):
    """The best of the candidates at the rule's batch size against the best of all."""
    if not timed:
        return None
    summaries = measurements.summaries
    told = {"batch_size": RULE_OF_THUMB, "point": None, "share_of_draws_slower": None}
    own = [row for row in timed if summaries[row]["batch_size"] == RULE_OF_THUMB]
    if not own:
        left_out = any(summaries[row]["batch_size"] == RULE_OF_THUMB for row in excluded)
        trained = any(summary["batch_size"] == RULE_OF_THUMB for summary in summaries)
        unknown = "seconds_unknown" if trained else "not_trained"
        return told | {"status": "excluded" if left_out else unknown}
    row, best = _lowest(seconds, own), _lowest(seconds, timed)
    slower = seconds.drawn[row] > seconds.drawn[best]
    return told | {
        "status": "is_soonest" if seconds.value[row] == seconds.value[best] else "slower",
        "point": _name(summaries[row]),
        "share_of_draws_slower": finite(measurements.boot.share(slower)),
    }
