"""What a run to the target is expected to take, failures paid for.

The epochs of all runs over the number of runs that reached; a run that did not reach counts with
its whole length. This is the expected running time of Hansen et al. 2021, "COCO: a platform for
comparing continuous optimizers in a black-box setting".
"""

from typing import NamedTuple

import numpy as np


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


def expected_times(measurements):
    """What a run to the target is expected to take at each point: examples and seconds.

    Args:
        measurements: the study's Measurements.

    Returns:
        (examples, seconds), an Expected each: the expected epochs, times the samples of an epoch
        and times the median seconds of one.
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
