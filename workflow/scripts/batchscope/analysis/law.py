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
from scipy.special import erfcx, log_ndtr

# How far beyond the ends of the sweep B_crit may lie. From there on the law is within 0.1% of not
# depending on B, or of falling as 1 / B; no data could tell how much further it is.
BEYOND = 1000

# The smallest sigma. A single replicate, ties or exact data would drive it to zero and the
# likelihood to infinity; a spread of 0.1% changes no conclusion.
SIGMA_MIN = 1e-3

# A draw is done when a step promises to raise its log likelihood by less than this: some 1e-5
# standard errors. That takes 5 to 20 steps, and below 200 where little but limits is known.
GAIN = 1e-10
STEPS = 1000


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
    seen = likelihood.count > 0
    largest = np.max(np.where(seen, batch_sizes, -np.inf), axis=1)
    identified = largest > np.min(np.where(seen, batch_sizes, np.inf), axis=1)

    # Levenberg-Marquardt steps of all draws side by side; a draw that is done leaves.
    fitted = np.full((len(weights), 3), np.nan)
    rows = np.flatnonzero(identified)
    current = likelihood.start(rows, np.linspace(lower[1], upper[1], 61))
    height = likelihood.value(current, rows)
    damping = np.full(len(rows), 1e-6)
    for _ in range(STEPS):
        if not len(rows):
            break
        slope, curvature, scale = likelihood.derivatives(current, rows)
        held = ((current <= lower) & (slope < 0)) | ((current >= upper) & (slope > 0))
        scale = np.where(held, 0, scale)
        # Away from the maximum some curvatures have the wrong sign; the steps must still go up.
        sizes, axes = np.linalg.eigh(curvature * scale[:, :, None] * scale[:, None, :])
        sizes = np.abs(sizes) + damping[:, None]
        along = np.einsum("dij,di->dj", axes, slope * scale)
        step = scale * np.einsum("dij,dj->di", axes, along / sizes)
        tried = np.clip(current + step, lower, upper)
        value = likelihood.value(tried, rows)
        better = value >= height
        current = np.where(better[:, None], tried, current)
        height = np.where(better, value, height)
        damping = damping * np.where(better, 0.1, 10)
        done = np.sum(along**2 / sizes, axis=1) < GAIN
        fitted[rows[done]] = current[done]
        rows, current, height, damping = (x[~done] for x in (rows, current, height, damping))
    return Law(*np.exp(fitted.T))


class Likelihood:
    """The log likelihood of a sweep in each draw, a function of the law's parameters there.

    Parameters are float64 [rows, 3]: log S_min, log B_crit and log sigma in the draws `rows`.
    """

    def __init__(self, batch_sizes, updates, last_updates, weights):
        """Arguments are those of `fit`."""
        reached = np.isfinite(updates)
        logs = np.log(updates, out=np.zeros(updates.shape), where=reached)
        self.batch_sizes = batch_sizes
        # Of the reached runs of a point only their number, mean and squares matter.
        self.count = weights @ reached.T
        self.mean = ratio(weights @ logs.T, self.count)
        self.squares = np.sum(weights @ (logs**2).T - self.count * self.mean**2, axis=1)
        # Unreached runs of a point that ended alike are one entry with the sum of their weights.
        point, replicate = np.nonzero(~reached & (last_updates > 0))
        ends = np.stack([point, last_updates[point, replicate]], axis=1)
        ends, entry = np.unique(ends, axis=0, return_inverse=True)
        runs = np.zeros((updates.shape[1], len(ends)))
        runs[replicate, entry] = 1
        self.late = weights @ runs
        self.point = ends[:, 0].astype(int)
        self.limit = np.log(ends[:, 1])
        self.at = np.eye(len(batch_sizes))[self.point]

    def start(self, rows, grid):
        """Least squares over a grid of log B_crit, as if unreached runs had reached at the end."""
        count = self.count[rows] + self.late[rows] @ self.at
        total = self.count[rows] * self.mean[rows] + self.late[rows] * self.limit @ self.at
        rest = ratio(total, count)[:, None] - np.log1p(np.exp(grid)[:, None] / self.batch_sizes)
        share = (count / np.sum(count, axis=1, keepdims=True))[:, None]
        level = np.sum(share * rest, axis=2)
        error = np.sum(share * (rest - level[..., None]) ** 2, axis=2)
        best = np.arange(len(rows)), np.argmin(error, axis=1)
        variance = error[best] + self.squares[rows] / np.sum(count, axis=1)
        log_sigma = np.log(np.maximum(variance, SIGMA_MIN**2)) / 2
        return np.stack([level[best], grid[best[1]], log_sigma], axis=1)

    def residuals(self, parameters, rows):
        """In sigmas above the law: points' means, unreached runs' ends; reached runs' squares."""
        log_s_min, log_b_crit, log_sigma = parameters.T[..., None]
        law = log_s_min + np.log1p(np.exp(log_b_crit) / self.batch_sizes)
        means = (self.mean[rows] - law) / np.exp(log_sigma)
        ends = (self.limit - law[:, self.point]) / np.exp(log_sigma)
        squares = self.squares[rows] / np.exp(2 * parameters[:, 2])
        return means, ends, squares + np.sum(self.count[rows] * means**2, axis=1)

    def value(self, parameters, rows):
        """The log likelihood [rows], but for a constant."""
        _, ends, squares = self.residuals(parameters, rows)
        late = np.sum(self.late[rows] * log_ndtr(-ends), axis=1)
        return late - squares / 2 - np.sum(self.count[rows], axis=1) * parameters[:, 2]

    def derivatives(self, parameters, rows):
        """Slopes [rows, 3], negative second derivatives [rows, 3, 3], each parameter's scale."""
        means, ends, squares = self.residuals(parameters, rows)
        count, late = self.count[rows], self.late[rows]
        number = np.sum(count, axis=1)
        b_crit, precision = np.exp(parameters[:, 1, None]), np.exp(-parameters[:, 2, None])
        # The normal distribution's hazard, without the 0 / 0 of density over survival far out.
        hazard = np.sqrt(2 / np.pi) / erfcx(ends / np.sqrt(2))
        rise = hazard * (hazard - ends)
        # By log S at each point: first, negative second, and mixed with log sigma.
        pull = (count * means + late * hazard @ self.at) * precision
        stiffness = (count + late * rise @ self.at) * precision**2
        mixed = (2 * count * means + late * (rise * ends + hazard) @ self.at) * precision
        # How log S at each point follows log S_min and log B_crit.
        lean = b_crit / (self.batch_sizes + b_crit)
        follow = np.stack([np.ones_like(lean), lean], axis=2)

        slope = np.empty((len(rows), 3))
        slope[:, :2] = np.einsum("dp,dpi->di", pull, follow)
        slope[:, 2] = squares - number + np.sum(late * hazard * ends, axis=1)
        curvature = np.empty((len(rows), 3, 3))
        curvature[:, :2, :2] = np.einsum("dp,dpi,dpj->dij", stiffness, follow, follow)
        curvature[:, 2, 2] = 2 * number + np.sum(late * rise * ends**2, axis=1)
        scale = 1 / np.sqrt(np.diagonal(curvature, axis1=1, axis2=2))
        curvature[:, 1, 1] -= np.sum(pull * lean * (1 - lean), axis=1)
        curvature[:, 2, 2] += 2 * (squares - number) + np.sum(late * hazard * ends, axis=1)
        curvature[:, :2, 2] = curvature[:, 2, :2] = np.einsum("dp,dpi->di", mixed, follow)
        return slope, curvature, scale


def ratio(total, count):
    """total / count, and 0 where there is nothing to divide."""
    return np.divide(total, count, out=np.zeros(total.shape), where=count > 0)


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
