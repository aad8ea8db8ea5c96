"""What an update takes on a device: alpha + beta * B seconds at batch size B.

alpha is what every update takes whatever its size, beta what each of its samples takes. An epoch of
n samples has n / B updates, so beta also holds a share of what validation takes.
"""

from typing import NamedTuple

import numpy as np


class UpdateCost(NamedTuple):
    """The line, or its draws.

    Attributes:
        alpha: seconds of an update, float64 [...]; NaN where the line does not rise from above 0.
        beta: seconds of a sample, likewise.
    """

    alpha: np.ndarray
    beta: np.ndarray

    def seconds(self, sizes):
        """Seconds of an update at batch sizes [points]: float64 [..., points]."""
        return self.alpha[..., None] + self.beta[..., None] * sizes


def fit_update_cost(sizes, seconds):
    """The line with the least squares of relative errors.

    Args:
        sizes: mean batch sizes, float64 [points].
        seconds: of an update at each, float64 [..., points].

    Returns:
        UpdateCost [...]; NaN with fewer than two sizes.
    """
    weight = 1 / seconds**2
    mean = np.sum(weight * sizes, axis=-1) / np.sum(weight, axis=-1)
    apart = sizes - mean[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        beta = np.sum(weight * apart * seconds, axis=-1) / np.sum(weight * apart**2, axis=-1)
        alpha = np.sum(weight * seconds, axis=-1) / np.sum(weight, axis=-1) - beta * mean
    # A device whose updates take less the larger they are was not measured well enough.
    rises = (alpha > 0) & (beta > 0) & np.isfinite(beta)
    return UpdateCost(np.where(rises, alpha, np.nan), np.where(rises, beta, np.nan))
