"""What a run to the target is expected to take, failures paid for.

The epochs of all runs over the number of runs that reached; a run that did not reach counts with
its whole length. This is the expected running time of Hansen et al. 2021, "COCO: a platform for
comparing continuous optimizers in a black-box setting".
"""

from typing import NamedTuple

import numpy as np

from batchscope.analysis.draws import Draws


class Expected(NamedTuple):
    """What a run to the target is expected to take.

    Attributes:
        value: float64 [points]; inf where no run reached.
        drawn: its Draws.
        runs: what each run took, float64 [points, replicates]; inf for one that did not reach.
    """

    value: np.ndarray
    drawn: Draws
    runs: np.ndarray


def spent_and_reached(runs):
    """The epochs that each run spent on the target, and whether it reached: float64 [rows,
    replicates] each.

    Args:
        runs: dict of matrices [rows, replicates]: `target_epoch`, not finite where a run did not
            reach, and `epochs`, all that it trained.
    """
    reached = np.isfinite(runs["target_epoch"])
    return np.where(reached, runs["target_epoch"], runs["epochs"]), reached * 1.0


def expected_epochs(means, runs):
    """Expected epochs of a run to the target.

    Args:
        means: `Bootstrap.means`, or those of a Choice.
        runs: as of `spent_and_reached`.

    Returns:
        (value, drawn), as of `means`; inf where no run reached.
    """
    parts = map(means, spent_and_reached(runs))
    with np.errstate(divide="ignore", invalid="ignore"):
        return tuple(spent / reached for spent, reached in zip(*parts, strict=True))


def expected_times(measurements):
    """What a run to the target is expected to take at each point: examples and seconds.

    Args:
        measurements: the study's Measurements.

    Returns:
        (examples, seconds), an Expected each: the expected epochs, times the samples of an epoch
        and times the median seconds of one.
    """
    epochs, pace = (
        measurements.estimates[name] for name in ("expected_epochs", "seconds_per_epoch")
    )
    runs = measurements.runs["target_epoch"]
    samples = np.array([point.job["samples_per_epoch"] for point in measurements.saved])
    return tuple(
        Expected(epochs.value * value, epochs.drawn * drawn, runs * value[:, None])
        for value, drawn in ((samples, samples[:, None]), (pace.value, pace.drawn))
    )
