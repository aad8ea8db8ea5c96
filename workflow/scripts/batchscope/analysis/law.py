"""The law of large-batch training, fitted to the updates that runs needed.

    S = S_min * (1 + B_crit / B)

S is the number of updates to a target, B the effective batch size (McCandlish et al. 2018, "An
Empirical Model of Large-Batch Training", arXiv 1812.06162). With E = S * B and
E_min = S_min * B_crit it is their (S / S_min - 1) * (E / E_min - 1) = 1.

The law is not the only curve that falls ever more slowly. Beside it stand a power law, S
proportional to B^-a, and one free mean for each size, which any curve through the sizes is part
of: what the data say against a curve is how much less likely it makes them than the free means
(Shallue et al. 2019, "Measuring the Effects of Data Parallelism on Neural Network Training",
arXiv 1811.03600, find the law's two ends in many trainings, with transitions of many shapes).
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import fdtrc

from batchscope.analysis.free_means import FreeMeans
from batchscope.analysis.likelihood import ANY, SIGMA_MIN, Likelihood, Runs, membership
from batchscope.analysis.maximise import maximise

# How far beyond the ends of the sweep B_crit may lie. From there on the law is within 0.1% of not
# depending on B, or of falling as 1 / B; no data could tell how much further it is.
BEYOND = 1000

# Draws times runs that are fitted at once: some hundreds of MB. The study of the article has fewer.
MOST_NUMBERS = 2_000_000


class Law:
    """Mean log updates of points by the law, from (log S_min, log B_crit).

    A curve has k parameters between `lower` and `upper`, float64 [k], and a kind of likelihood.
    """

    likelihood = Likelihood

    def __init__(self, batch_sizes):
        """Take the effective batch sizes of the points, float64 [points]."""
        self.batch_sizes = batch_sizes
        self.lower = np.array([-ANY, np.log(np.min(batch_sizes) / BEYOND)])
        self.upper = np.array([ANY, np.log(np.max(batch_sizes) * BEYOND)])

    def means(self, parameters):
        """The means of parameters [rows, k]: [rows, points], and their slopes [..., points, k]."""
        log_s_min, log_b_crit = parameters.T[..., None]
        lean = 1 / (1 + self.batch_sizes * np.exp(-log_b_crit))
        means = log_s_min + np.log1p(np.exp(log_b_crit) / self.batch_sizes)
        return means, np.stack([np.ones_like(lean), lean], axis=2)

    def bend(self, parameters, pull):
        """The second derivatives of the means, summed with weights `pull` [rows, points]."""
        lean = 1 / (1 + self.batch_sizes * np.exp(-parameters[:, 1:]))
        bend = np.zeros((len(pull), 2, 2))
        bend[:, 1, 1] = np.sum(pull * lean * (1 - lean), axis=1)
        return bend

    def starts(self, logs):
        """Where to look for the best: least squares of points' log updates [points] at many
        B_crit, float64 [starts, k]."""
        log_b_crit = np.linspace(self.lower[1], self.upper[1], 61)
        level = np.mean(logs - np.log1p(np.exp(log_b_crit)[:, None] / self.batch_sizes), axis=1)
        return np.stack([level, log_b_crit], axis=1)


class Line:
    """Mean log updates of points as `design` [points, k] times k parameters, a curve as `Law`."""

    likelihood = Likelihood

    def __init__(self, design):
        """Take the design, float64 [points, k]."""
        self.design = design
        self.lower, self.upper = np.full((2, design.shape[1]), [[-ANY], [ANY]])

    def means(self, parameters):
        """As of `Law`."""
        return parameters @ self.design.T, self.design[None]

    def bend(self, parameters, pull):
        """As of `Law`: a line has none."""
        return 0

    def starts(self, logs):
        """As of `Law`: the least squares' best is one to start from."""
        return np.linalg.lstsq(self.design, logs)[0][None]


def power_law(batch_sizes):
    """A power law as a curve, from (log of the updates at batch size 1, exponent a)."""
    return Line(np.stack([np.ones(len(batch_sizes)), -np.log(batch_sizes)], axis=1))


def updates(parameters, batch_sizes):
    """The law's median updates at batch sizes [points]: float64 [..., points]."""
    means, _ = Law(batch_sizes).means(np.reshape(parameters, (-1, 2)))
    return np.exp(means).reshape(*np.shape(parameters)[:-1], len(batch_sizes))


class Fit(NamedTuple):
    """A fitted curve.

    Attributes:
        parameters: of the whole sample, float64 [k]; NaN where runs reached the target at fewer
            than two points.
        sigma: standard deviation of log updates between replicates, a float.
        log_likelihood: its largest, a float.
        drawn: the parameters in each draw, float64 [draws, k]; NaN likewise, and where a fit is
            not done after `maximise.STEPS`.
    """

    parameters: np.ndarray
    sigma: float
    log_likelihood: float
    drawn: np.ndarray


def fit(curve, low, high, drawn):
    """The curve with the largest likelihood, of all runs and in each draw.

    Args:
        curve: `Law`, `Line` or `FreeMeans` of points with different batch sizes.
        low: what each run needed more updates than, float64 [points, replicates].
        high: what each run needed at most; inf where it did not reach the target. A run with
            neither limit (0 and inf) says nothing and is left out.
        drawn: `likelihood.Runs` of the draws.

    Returns:
        Fit. A draw is searched from the whole sample's best.
    """
    lower, upper = np.append(curve.lower, np.log(SIGMA_MIN)), np.append(curve.upper, ANY)
    found = np.full((len(drawn.weights), len(lower)), np.nan)
    reached = np.isfinite(high)
    if np.sum(reached.any(axis=1)) < 2:
        return Fit(np.full(len(curve.lower), np.nan), np.nan, np.nan, found[:, :-1])
    starts = _starts(curve, low, high)
    everyone = curve.likelihood(curve, Runs.of_points(low, high, np.ones((1, low.shape[1]))))
    first = np.zeros(1, int)
    heights, *_ = everyone.at(starts, np.zeros(len(starts), int))
    best = starts[[np.argmax(heights)]]
    whole, log_likelihood = maximise(everyone, first, best, lower, upper)
    draws = np.flatnonzero(_points_that_reached(drawn) >= 2)
    parts = math.ceil(len(draws) * drawn.high.size / MOST_NUMBERS)
    for some in np.array_split(draws, max(parts, 1)):
        likelihood = curve.likelihood(curve, drawn._replace(weights=drawn.weights[some]))
        found[some], _ = maximise(likelihood, np.arange(len(some)), whole, lower, upper)
    return Fit(whole[0, :-1], np.exp(whole[0, -1]), log_likelihood[0], found[:, :-1])


def _points_that_reached(drawn):
    """How many points have a run that reached the target and counts, in each draw: int [draws]."""
    counting = np.einsum("dpr,pr->dp", drawn.weights, np.isfinite(drawn.high) * 1.0)
    return np.sum(counting @ membership(drawn.points, drawn.points.max() + 1) > 0, axis=1)


def _starts(curve, low, high):
    """Parameters to start from, float64 [starts, k + 1]: as if each run had needed the middle of
    its limits, or had reached at its end."""
    known = (low > 0) | np.isfinite(high)
    middle = np.log(np.where(known, np.where(np.isfinite(high), (low + high) / 2, low), 1))
    count = known.sum(axis=1)
    seen = count > 0
    logs = np.sum(middle, axis=1) / np.maximum(count, 1)
    # A point of which nothing is known takes no part in the likelihood; any value will do here.
    logs = np.where(seen, logs, logs[seen].mean())
    starts = curve.starts(logs)
    errors = np.where(known, middle - curve.means(starts)[0][..., None], 0)
    spread = np.sqrt(np.sum(errors**2, axis=(1, 2)) / count.sum())
    return np.column_stack([starts, np.log(np.maximum(spread, SIGMA_MIN))])


def free_means(low, high):
    """One free mean for each point, fitted to all runs: a `Fit` without draws; every point has a
    run that reached the target."""
    nothing = Runs.of_points(low, high, np.empty((0, low.shape[1])))
    return fit(FreeMeans(len(low)), low, high, nothing)


def lack_of_fit(fitted, free, low, high):
    """How likely data are that a curve fits as badly as these, if it is true.

    The likelihood-ratio test against one free mean for each point, in the form of the F test that
    it is for exact logarithms, since the chi-squared one rejects too often with few runs. Runs
    that are paired over points differ less between them than sigma says, and the test then
    rejects less often than it may.

    Args:
        fitted: the Fit of a curve to these runs.
        free: from `free_means` of these runs at the points that a run reached the target at. A
            mean beyond its runs' ends explains a point that nobody reached as well as can be.
        low: float64 [points, replicates], as of `fit`.
        high: likewise.

    Returns:
        The p value, a float; NaN where no run is left over to judge by.
    """
    reached = np.isfinite(high)
    seen = reached.any(axis=1)
    runs, points = reached.sum(), seen.sum()
    bent, left = points - len(fitted.parameters), runs - points
    if bent < 1 or left < 1:
        return np.nan
    ratio = 2 * (free.log_likelihood - fitted.log_likelihood)
    return float(fdtrc(bent, left, np.expm1(max(ratio, 0) / runs) * left / bent))
