"""The law of large-batch training, fitted to the updates that runs needed.

    S = S_min * (1 + B_crit / B)

S is the number of updates to a target, B the effective batch size (McCandlish et al. 2018, "An
Empirical Model of Large-Batch Training", arXiv 1812.06162). With E = S * B and
E_min = S_min * B_crit it is their (S / S_min - 1) * (E / E_min - 1) = 1.

The updates of runs at one batch size are taken as lognormal around the law, with one sigma for
all batch sizes; a run that did not reach the target is later than its last update. The fit
maximises the likelihood of both together (the censored regression of Tobin 1958, "Estimation of
Relationships for Limited Dependent Variables").
"""

from dataclasses import dataclass

import numpy as np

from batchscope.analysis.likelihood import SIGMA_MIN, Likelihood, maximise

# How far beyond the ends of the sweep B_crit may lie. From there on the law is within 0.1% of not
# depending on B, or of falling as 1 / B; no data could tell how much further it is.
BEYOND = 1000


@dataclass(frozen=True)
class Law:
    """A law fitted in each draw: float64 [draws] each, NaN where nothing identifies it.

    Attributes:
        s_min: updates that a run of any batch size needs at least.
        b_crit: critical batch size, in samples; there a run needs twice s_min.
        sigma: standard deviation of log updates between replicates.
    """

    s_min: np.ndarray
    b_crit: np.ndarray
    sigma: np.ndarray

    def updates(self, batch_sizes):
        """The median over runs of the updates at batch sizes: float64 [draws, batch sizes]."""
        return self.s_min[:, None] * (1 + self.b_crit[:, None] / np.asarray(batch_sizes, float))


def fit(batch_sizes, updates, last_updates, weights):
    """The law with the largest likelihood, in each draw.

    Args:
        batch_sizes: effective batch sizes, float64 [points].
        updates: updates to the target, float64 [points, replicates]; inf where a run did not
            reach it.
        last_updates: the last update of each run, float64 [points, replicates]. A run that did
            not reach the target and has no update at all says nothing and is left out.
        weights: how often each replicate counts in each draw, at all points alike, float64
            [draws, replicates].

    Returns:
        Law; NaN in draws in which runs reached the target at fewer than two batch sizes (or whose
        fit is not done after `STEPS`).
    """
    likelihood = Likelihood(batch_sizes, updates, last_updates, weights)
    lower = np.array([-np.inf, np.log(np.min(batch_sizes) / BEYOND), np.log(SIGMA_MIN)])
    upper = np.array([np.inf, np.log(np.max(batch_sizes) * BEYOND), np.inf])
    draws = np.flatnonzero(likelihood.identified())
    start = likelihood.start(draws, np.linspace(lower[1], upper[1], 61))
    fitted = np.full((len(weights), 3), np.nan)
    fitted[draws] = maximise(likelihood, draws, start, lower, upper)
    return Law(*np.exp(fitted.T))


def rms_log_residual(law, batch_sizes, medians, last_updates):
    """How far the medians over replicates lie from a law.

    Medians and not runs, since the law is one of medians and the spread of runs around them no
    fault of it.

    Args:
        law: its first draw counts.
        batch_sizes: effective batch sizes, float64 [points].
        medians: the median over replicates of the updates to the target, float64 [points]; inf
            where it was not reached.
        last_updates: float64 [points]. An unreached median is later than this: a law that puts
            it before is wrong by the difference at least, any other may be right. Without a
            single update it says nothing and is left out.

    Returns:
        Root mean square over points of log(median / law), a float; NaN without points or a law.
    """
    fitted = law.updates(batch_sizes)[0]
    reached = np.isfinite(medians)
    known = reached | (last_updates > 0)
    if not known.any():
        return np.nan
    late = np.maximum(last_updates, fitted)
    residuals = np.log(np.where(reached, medians, late) / fitted)
    return float(np.sqrt(np.mean(residuals[known] ** 2)))
