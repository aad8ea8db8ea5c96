"""The likelihood of the batch-size law, and where it is largest, in many draws at once."""

import numpy as np
from scipy.special import erfcx, log_ndtr

# The smallest sigma. A single replicate, ties or exact data would drive it to zero and the
# likelihood to infinity; a spread of 0.1% changes no conclusion.
SIGMA_MIN = 1e-3

# A draw is done when a step promises to raise its log likelihood by less than this: some 1e-5
# standard errors. That takes 5 to 20 steps, and below 200 where little but limits is known.
GAIN = 1e-10
STEPS = 1000


class Likelihood:
    """The log likelihood of a sweep in each draw, a function of the law's parameters there.

    Parameters are float64 [rows, 3]: log S_min, log B_crit and log sigma in the draws of the rows.
    Runs that did not reach the target are censored at their last update.
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
        # Censored runs of a point that ended alike are one entry with the sum of their weights.
        point, replicate = np.nonzero(~reached & (last_updates > 0))
        ends = np.stack([point, last_updates[point, replicate]], axis=1)
        ends, entry = np.unique(ends, axis=0, return_inverse=True)
        runs = np.zeros((updates.shape[1], len(ends)))
        runs[replicate, entry] = 1
        self.censored = weights @ runs
        self.point = ends[:, 0].astype(int)
        self.limit = np.log(ends[:, 1])
        # Sums entries over the points that they are of: [entries, points].
        self.of_point = np.eye(len(batch_sizes))[self.point]

    def identified(self):
        """Whether runs reached the target at two batch sizes at least: bool [draws]."""
        seen = self.count > 0
        largest = np.max(np.where(seen, self.batch_sizes, -np.inf), axis=1)
        return largest > np.min(np.where(seen, self.batch_sizes, np.inf), axis=1)

    def start(self, draws, grid):
        """Least squares over a grid of log B_crit, as if censored runs had reached at their end."""
        count = self.count[draws] + self.censored[draws] @ self.of_point
        total = self.count[draws] * self.mean[draws]
        total = total + self.censored[draws] * self.limit @ self.of_point
        rest = ratio(total, count)[:, None] - np.log1p(np.exp(grid)[:, None] / self.batch_sizes)
        share = (count / np.sum(count, axis=1, keepdims=True))[:, None]
        level = np.sum(share * rest, axis=2)
        error = np.sum(share * (rest - level[..., None]) ** 2, axis=2)
        best = np.arange(len(draws)), np.argmin(error, axis=1)
        variance = error[best] + self.squares[draws] / np.sum(count, axis=1)
        log_sigma = np.log(np.maximum(variance, SIGMA_MIN**2)) / 2
        return np.stack([level[best], grid[best[1]], log_sigma], axis=1)

    def residuals(self, parameters, draws):
        """In sigmas above the law: points' means, censored runs' ends; reached runs' squares."""
        log_s_min, log_b_crit, log_sigma = parameters.T[..., None]
        law = log_s_min + np.log1p(np.exp(log_b_crit) / self.batch_sizes)
        means = (self.mean[draws] - law) / np.exp(log_sigma)
        ends = (self.limit - law[:, self.point]) / np.exp(log_sigma)
        squares = self.squares[draws] / np.exp(2 * parameters[:, 2])
        return means, ends, squares + np.sum(self.count[draws] * means**2, axis=1)

    def log_likelihood(self, parameters, draws):
        """The log likelihood [rows], but for a constant."""
        _, ends, squares = self.residuals(parameters, draws)
        censored = np.sum(self.censored[draws] * log_ndtr(-ends), axis=1)
        return censored - squares / 2 - np.sum(self.count[draws], axis=1) * parameters[:, 2]

    def derivatives(self, parameters, draws):
        """The score [rows, 3], the observed information [rows, 3, 3], each parameter's scale."""
        means, ends, squares = self.residuals(parameters, draws)
        count, censored = self.count[draws], self.censored[draws]
        reached = np.sum(count, axis=1)
        b_crit, precision = np.exp(parameters[:, 1, None]), np.exp(-parameters[:, 2, None])
        # The normal distribution's hazard, without the 0 / 0 of density over survival far out.
        hazard = np.sqrt(2 / np.pi) / erfcx(ends / np.sqrt(2))
        rise = hazard * (hazard - ends)
        # By log S at each point: the score, the information, and that mixed with log sigma.
        pull = (count * means + censored * hazard @ self.of_point) * precision
        stiffness = (count + censored * rise @ self.of_point) * precision**2
        mixed = 2 * count * means + censored * (rise * ends + hazard) @ self.of_point
        # How log S at each point follows log S_min and log B_crit.
        lean = b_crit / (self.batch_sizes + b_crit)
        follow = np.stack([np.ones_like(lean), lean], axis=2)

        score = np.empty((len(draws), 3))
        score[:, :2] = np.einsum("dp,dpi->di", pull, follow)
        score[:, 2] = squares - reached + np.sum(censored * hazard * ends, axis=1)
        information = np.empty((len(draws), 3, 3))
        information[:, :2, :2] = np.einsum("dp,dpi,dpj->dij", stiffness, follow, follow)
        information[:, 2, 2] = 2 * reached + np.sum(censored * rise * ends**2, axis=1)
        scale = 1 / np.sqrt(np.diagonal(information, axis1=1, axis2=2))
        information[:, 1, 1] -= np.sum(pull * lean * (1 - lean), axis=1)
        information[:, 2, 2] += 2 * (squares - reached)
        information[:, 2, 2] += np.sum(censored * hazard * ends, axis=1)
        across = np.einsum("dp,dpi->di", mixed * precision, follow)
        information[:, :2, 2] = information[:, 2, :2] = across
        return score, information, scale


def maximise(likelihood, draws, start, lower, upper):
    """Levenberg-Marquardt steps of all draws side by side; a draw that is done leaves.

    Args:
        likelihood: a `Likelihood`.
        draws: int [rows], the draws to fit.
        start: parameters to start from, float64 [rows, 3].
        lower: bounds of the parameters, float64 [3].
        upper: likewise.

    Returns:
        Parameters float64 [rows, 3]; NaN where the fit is not done after `STEPS`.
    """
    fitted = np.full(start.shape, np.nan)
    rows, current = np.arange(len(draws)), start
    height = likelihood.log_likelihood(current, draws)
    damping = np.full(len(draws), 1e-6)
    for _ in range(STEPS):
        if not len(rows):
            break
        step, gain = _step(likelihood, current, draws[rows], damping, lower, upper)
        tried = np.clip(current + step, lower, upper)
        value = likelihood.log_likelihood(tried, draws[rows])
        better = value >= height
        current = np.where(better[:, None], tried, current)
        height = np.where(better, value, height)
        damping = damping * np.where(better, 0.1, 10)
        done = gain < GAIN
        fitted[rows[done]] = current[done]
        rows, current, height, damping = (x[~done] for x in (rows, current, height, damping))
    return fitted


def _step(likelihood, current, draws, damping, lower, upper):
    """The next step [rows, 3], and twice what it promises to raise the log likelihood by [rows]."""
    score, information, scale = likelihood.derivatives(current, draws)
    held = ((current <= lower) & (score < 0)) | ((current >= upper) & (score > 0))
    scale = np.where(held, 0, scale)
    # Away from the maximum some curvatures have the wrong sign; the steps must still go up.
    sizes, axes = np.linalg.eigh(information * scale[:, :, None] * scale[:, None, :])
    sizes = np.abs(sizes) + damping[:, None]
    along = np.einsum("dij,di->dj", axes, score * scale)
    step = scale * np.einsum("dij,dj->di", axes, along / sizes)
    return step, np.sum(along**2 / sizes, axis=1)


def ratio(total, count):
    """total / count, and 0 where there is nothing to divide."""
    return np.divide(total, count, out=np.zeros(total.shape), where=count > 0)
