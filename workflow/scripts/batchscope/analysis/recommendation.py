"""Which batch size to take: what the saved runs say, and how sure they are of it.

A candidate is a batch size that reaches the target reliably. Candidates are ranked by what a run to
the target is expected to take, failures paid for: the time of all runs over the number of runs that
reached. A run that did not reach counts with its whole length. This is the expected running time of
Hansen et al. 2021, "COCO: a platform for comparing continuous optimizers in a black-box setting".
Examples are what a run costs, seconds how long one waits for it (McCandlish et al. 2018, "An
empirical model of large-batch training"). Shares are of the draws of `bootstrap`; a candidate that
shares the first place of a draw counts as first.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from batchscope.analysis.bootstrap import LEVEL
from batchscope.analysis.interval import Interval, finite

# The share of replicates that have to reach the target. docs/statistics.md compares rules.
RELIABLE = 0.8

# The article's advice.
RULE_OF_THUMB = 32


class Expected(NamedTuple):
    """What a run to the target is expected to take.

    Attributes:
        value: float64 [points]; inf where no run reached.
        drawn: float64 [points, draws].
        runs: what each run took, float64 [points, replicates]; inf for one that did not reach.
    """

    value: np.ndarray
    drawn: np.ndarray
    runs: np.ndarray


def recommend(measurements, rows, among):
    """Choose among points that share a target.

    Args:
        measurements: the study's Measurements.
        rows: from `summary_table.summary_rows`.
        among: the rows to choose from, list of int.

    Returns:
        dict of plain values, `recommendation` of recommendation.schema.yaml.
    """
    excluded = _excluded(rows, among)
    candidates = [row for row in among if row not in excluded]
    devices = list(dict.fromkeys(rows[row]["device"] for row in among))
    examples, seconds = expected_times(measurements)
    timed = [row for row in candidates if np.isfinite(seconds.value[row])]
    missing = None
    if not candidates:
        missing = "no_candidate"
    elif len(devices) > 1:
        missing, timed = "several_devices", []
    elif not timed:
        missing = "seconds_unknown"
    return {
        "devices": devices,
        "reliable": RELIABLE,
        "candidates": [
            _chosen(rows[row])
            | {
                "reached": rows[row]["target_reached"],
                "success": success(rows[row]["target_reached"], rows[row]["replicates"]).as_json(),
                "expected_examples": _interval(measurements, examples, row),
                "times_the_cheapest": _times_the_first(measurements, examples, row, candidates),
                "expected_seconds": _interval(measurements, seconds, row) if row in timed else None,
                "times_the_soonest": _times_the_first(measurements, seconds, row, timed),
            }
            for row in candidates
        ],
        "excluded": [_name(rows[row]) | why for row, why in excluded.items()],
        "soonest": _first(measurements, rows, timed, seconds),
        "soonest_missing": missing,
        "cheapest": _first(measurements, rows, candidates, examples),
        "rule_of_thumb": _rule_of_thumb(measurements, rows, timed, seconds, excluded),
    }


def success(reached, replicates):
    """The share of runs that reach, with the Wilson interval of a binomial share."""
    share = stats.binomtest(reached, replicates).proportion_ci(LEVEL, method="wilson")
    return Interval(reached / replicates, share.low, share.high)


def expected_times(measurements):
    """What a run to the target is expected to take at each point: examples and seconds.

    Args:
        measurements: the study's Measurements.

    Returns:
        (examples, seconds), an Expected each.
    """
    counts, saved = measurements.boot.counts, measurements.saved
    epochs = measurements.runs["target_epoch"]
    reached = np.isfinite(epochs)
    whole = np.stack([point.runs["epochs"].to_numpy(float) for point in saved])
    spent = np.where(reached, epochs, whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = spent.sum(axis=1, keepdims=True) / reached.sum(axis=1, keepdims=True)
        drawn = (spent @ counts.T) / (reached @ counts.T)
    samples = np.array([[point.job["samples_per_epoch"]] for point in saved])
    pace = measurements.estimates["seconds_per_epoch"]
    seconds = pace.value[:, None]
    return (
        Expected((value * samples)[:, 0], drawn * samples, epochs * samples),
        Expected((value * seconds)[:, 0], drawn * pace.drawn, epochs * seconds),
    )


def _excluded(rows, among):
    """The rows that are no candidates, each with its reason, the reached runs and its double."""
    excluded, seen = {}, {}
    for row in among:
        point = rows[row]
        same = seen.setdefault((point["recipe"], point["effective_batch_size"]), row)
        reason = None
        if point["out_of_memory"]:
            reason = "out_of_memory"
        elif point["target_reached"] < RELIABLE * point["replicates"]:
            reason = "not_reached"
        elif same != row:
            reason = "same_training"
        if reason:
            excluded[row] = {
                "reason": reason,
                "reached": point["target_reached"],
                "same_as": rows[same]["batch_size"] if reason == "same_training" else None,
            }
    return excluded


def _name(row):
    return {"recipe": row["recipe"], "batch_size": row["batch_size"]}


def _chosen(row):
    """A point with its learning rate, and whether that was tuned."""
    return _name(row) | {
        "learning_rate": row["learning_rate"],
        "tuned": row["tuning_seconds"] > 0,
        "learning_rate_edge": row["learning_rate_edge"],
    }


def _lowest(expected, among):
    return among[np.argmin(expected.value[among])]


def _interval(measurements, expected, row):
    return _json(measurements, *(numbers[row] for numbers in expected))


def _times_the_first(measurements, expected, row, among):
    """A point's time over that of the first, as an interval of JSON; None without its time."""
    if row not in among:
        return None
    first = _lowest(expected, among)
    with np.errstate(invalid="ignore"):
        return _json(measurements, *(numbers[row] / numbers[first] for numbers in expected))


def _json(measurements, value, drawn, runs):
    """An interval of JSON; of too few runs for an interval of means it is their range."""
    low, high = measurements.boot.limits_of_means(runs, drawn)
    return Interval(float(value), float(low), float(high)).as_json()


def _first(measurements, rows, among, expected):
    """The rows with the lowest time, which may be tied, and how sure that is; None without rows."""
    if not among:
        return None
    lowest = expected.value[among].min()
    tied = [row for row in among if np.isclose(expected.value[row], lowest, rtol=1e-12, atol=0)]
    first = np.fmin.reduce(expected.drawn[tied]) <= np.fmin.reduce(expected.drawn[among])
    return {
        "points": [_name(rows[row]) for row in tied],
        "share_of_draws": finite(measurements.boot.share(first)),
    }


def _rule_of_thumb(measurements, rows, timed, seconds, excluded):
    """The best of the candidates at the rule's batch size against the best of all."""
    if not timed:
        return None
    told = {"batch_size": RULE_OF_THUMB, "point": None, "share_of_draws_slower": None}
    own = [row for row in timed if rows[row]["batch_size"] == RULE_OF_THUMB]
    if not own:
        left_out = any(rows[row]["batch_size"] == RULE_OF_THUMB for row in excluded)
        trained = any(row["batch_size"] == RULE_OF_THUMB for row in rows)
        unknown = "seconds_unknown" if trained else "not_trained"
        return told | {"status": "excluded" if left_out else unknown}
    row, best = _lowest(seconds, own), _lowest(seconds, timed)
    slower = seconds.drawn[row] > seconds.drawn[best]
    return told | {
        "status": "is_soonest" if seconds.value[row] == seconds.value[best] else "slower",
        "point": _name(rows[row]),
        "share_of_draws_slower": finite(measurements.boot.share(slower)),
    }
