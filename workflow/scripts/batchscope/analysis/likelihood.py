"""The likelihood of runs that are known to lie between limits.

The logarithm of what a run needs is normal around a mean that its point has, with one sigma for
all points. Of each run only limits are known: with z = (log limit - mean) / sigma it counts with
Phi(z of its upper limit) - Phi(z of its lower one). That is the likelihood of interval-censored
data (Turnbull 1976, "The Empirical Distribution Function with Arbitrarily Grouped, Censored and
Truncated Data"; of the one-sided kind, Tobin 1958). How the means depend on parameters is a
curve's to say; see `law`.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import erfcx, ndtr

from batchscope.analysis.maximise import scaled

# The smallest sigma. A single replicate, ties or exact data would drive it to zero; a spread of
# 0.1% changes no conclusion.
SIGMA_MIN = 1e-3

# Logarithms that no updates, exponent or sigma come near.
ANY = 50

# So many sigmas away the normal distribution is over, and powers of z are still finite numbers.
FAR = 1e9


class Runs(NamedTuple):
    """What runs needed, and how often each counts.

    Attributes:
        low: lower limits, float64 [rows, replicates]; 0 where there is none.
        high: upper limits, likewise; inf where there is none. A run without either says nothing
            and is left out.
        points: the point of a curve that each row is of, int [rows].
        weights: how often each run counts in each draw, numbers [draws, rows, replicates].
    """

    low: np.ndarray
    high: np.ndarray
    points: np.ndarray
    weights: np.ndarray

    @classmethod
    def of_points(cls, low, high, counts):
        """A row per point, and replicates that count alike at all points: float64 [draws,
        replicates]."""
        weights = np.broadcast_to(counts[:, None], (len(counts), *low.shape))
        return cls(low, high, np.arange(len(low)), weights)

    def within(self, points):
        """Those of some points, bool [points], that are then counted anew from 0."""
        rows = points[self.points]
        number = np.cumsum(points) - 1
        return Runs(
            self.low[rows], self.high[rows], number[self.points[rows]], self.weights[:, rows]
        )


class Likelihood:
    """The log likelihood of a sweep in each draw, a function of a curve's parameters there.

    Parameters are float64 [rows, k + 1]: the curve's own k, and log sigma. Where all rows agree,
    one row of them is enough, and much quicker.
    """

    def __init__(self, curve, runs):
        """Take how the means of points follow from parameters, see `law.Law` and `law.Line`, and
        the `Runs`."""
        self.curve = curve
        row, replicate = np.nonzero((runs.low > 0) | (runs.high < np.inf))
        # Runs of a row with the same limits are one entry with the sum of their weights.
        limits = np.stack([row, runs.low[row, replicate], runs.high[row, replicate]], axis=1)
        limits, entry = np.unique(limits, axis=0, return_inverse=True)
        self.weights = runs.weights[:, row, replicate] @ membership(entry, len(limits))
        self.point = runs.points[limits[:, 0].astype(int)]
        with np.errstate(divide="ignore"):
            self.low, self.high = np.log(limits[:, 1:].T)
        self.by_point = membership(self.point, runs.points.max() + 1)

    def at(self, parameters, draws):
        """The log likelihood and its derivatives in draws, int [rows].

        Args:
            parameters: float64 [rows or 1, k + 1].
            draws: int [rows].

        Returns:
            (log likelihood [rows], score [rows, k + 1], observed information
            [rows, k + 1, k + 1]).
        """
        log_likelihood, of_means, of_sigma = self.by_mean(parameters, draws)
        pull, stiffness, mixed = of_means
        _, slopes = self.curve.means(parameters[:, :-1])
        k = slopes.shape[-1]
        score = np.empty((len(draws), k + 1))
        score[:, :k] = np.einsum("dp,dpi->di", pull, slopes)
        information = np.empty((len(draws), k + 1, k + 1))
        information[:, :k, :k] = np.einsum("dp,dpi,dpj->dij", stiffness, slopes, slopes)
        information[:, :k, :k] -= self.curve.bend(parameters[:, :-1], pull)
        information[:, :k, k] = information[:, k, :k] = np.einsum("dp,dpi->di", mixed, slopes)
        score[:, k], information[:, k, k] = of_sigma
        return log_likelihood, score, information

    def by_mean(self, parameters, draws):
        """As `at`, with the points' means for parameters.

        Returns:
            (log likelihood [rows]; score, information, and information mixed with log sigma of the
            mean of each point, [rows, points] each; score and information of log sigma, [rows]
            each).
        """
        weights = self.weights[draws]
        log_p, (a0, a1, a2, a3) = self._terms(parameters)
        precision = np.exp(-parameters[:, -1:])
        pull = -(weights * a0) @ self.by_point * precision
        stiffness = (weights * (a1 + a0**2)) @ self.by_point * precision**2
        mixed = (weights * (a2 + a0 * a1 - a0)) @ self.by_point * precision
        of_sigma = -_weighted(weights, a1), _weighted(weights, a1**2 + a3 - a1)
        return _weighted(weights, log_p), (pull, stiffness, mixed), of_sigma

    @staticmethod
    def step(current, score, information, damping, lower, upper):
        """The next step [rows, k + 1], and twice what it promises to raise the log likelihood by,
        from `at` and further arguments as of `maximise`; damping float64 [rows]."""
        scale = scaled(current, score, np.diagonal(information, axis1=1, axis2=2), lower, upper)
        # Away from the maximum some curvatures have the wrong sign; the steps must still go up.
        sizes, axes = np.linalg.eigh(information * scale[:, :, None] * scale[:, None, :])
        sizes = np.abs(sizes) + damping[:, None]
        along = np.einsum("dij,di->dj", axes, score * scale)
        step = scale * np.einsum("dij,dj->di", axes, along / sizes)
        return step, np.sum(along**2 / sizes, axis=1)

    def _terms(self, parameters):
        """Of each entry log P, and a_k = (z^k phi at its upper limit, less that at its lower) / P
        for k of 0 to 3; each float64 [rows, entries]."""
        means, _ = self.curve.means(parameters[:, :-1])
        mean, precision = means[:, self.point], np.exp(-parameters[:, -1:])
        low, high = (np.clip((x - mean) * precision, -FAR, FAR) for x in (self.low, self.high))
        # P is the same for the mirrored limits. Of these two take those further right, `near` the
        # one that is less far out or left of the middle.
        mirrored = low + high < 0
        near, far = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
        outside = near > 0
        # With phi(near) taken out nothing vanishes, however far out both limits are.
        fall = np.exp(-(far - near) * (far + near) / 2)
        mills = _mills(np.maximum(near, 0)) - fall * _mills(np.maximum(far, 0))
        inside = np.ones_like(far)
        inside[~outside] = ndtr(far[~outside]) - ndtr(near[~outside])
        phi = np.exp(-(near**2) / 2) / np.sqrt(2 * np.pi)
        of_near = np.where(outside, 1 / np.where(outside, mills, 1), phi / inside)
        log_phi = -(near**2) / 2 - np.log(2 * np.pi) / 2
        log_p = np.where(outside, log_phi + np.log(np.where(outside, mills, 1)), np.log(inside))
        of_far = of_near * fall
        # Mirroring turns z and swaps the limits.
        mirror = np.where(mirrored, -1, 1)
        powers, sign = [], mirror
        for _ in range(4):
            powers.append((of_far - of_near) * sign)
            # NumPy is slow at the power of 3 of a negative number.
            of_far, of_near, sign = of_far * far, of_near * near, sign * mirror
        return log_p, powers


def membership(group, count):
    """Which group each item is of, as a sparse matrix of 0 and 1, float64 [items, count].

    Values [rows, items] times this are their sums over the items of each group, [rows, count].

    A dense one would have millions of numbers, nearly all of them 0.

    Args:
        group: the group of each item, int [items], from 0.
        count: how many groups there are.
    """
    items = len(group)
    return sparse.csr_array((np.ones(items), group, np.arange(items + 1)), (items, count))


def _weighted(weights, terms):
    """Sums over entries of weights [rows, entries] times terms [rows or 1, entries]: [rows]."""
    return weights @ terms[0] if len(terms) == 1 else np.einsum("de,de->d", weights, terms)


def _mills(z):
    """The normal distribution's survival over its density at z >= 0."""
    return np.sqrt(np.pi / 2) * erfcx(z / np.sqrt(2))
