"""One free mean for each point: what a curve is tested against.

Given sigma, points have nothing to do with each other. So the information has the shape of an
arrow: a diagonal of the means, and a row and a column of log sigma. Time and memory grow as the
runs do.
"""

import numpy as np

from batchscope.analysis.likelihood import ANY, Likelihood
from batchscope.analysis.maximise import scaled


class FreeLikelihood(Likelihood):
    """A `Likelihood` whose parameters are the means of the points, and log sigma."""

    def at(self, parameters, draws):
        """As of `Likelihood`.

        Returns:
            (log likelihood [rows], score [rows, points + 1]; of the information the diagonal of the
            means and their row with log sigma, [rows, points] each, and that of log sigma, [rows]).
        """
        log_likelihood, (pull, stiffness, mixed), of_sigma = self.by_mean(parameters, draws)
        return log_likelihood, np.column_stack([pull, of_sigma[0]]), stiffness, mixed, of_sigma[1]

    @staticmethod
    def step(current, score, stiffness, mixed, of_sigma, damping, lower, upper):
        """As of `Likelihood`."""
        diagonal = np.column_stack([stiffness, of_sigma])
        scale = scaled(current, score, diagonal, lower, upper)
        of_means, last = scale[:, :-1], scale[:, -1]
        score = score * scale
        sizes = np.abs(stiffness) * of_means**2 + damping[:, None]
        mixed = mixed * of_means * last[:, None]
        # The Schur complement: what is left of log sigma once the means follow it.
        left = np.abs(of_sigma * last**2 - np.sum(mixed**2 / sizes, axis=1)) + damping
        along = score[:, -1] - np.sum(mixed * score[:, :-1] / sizes, axis=1)
        step = along / left
        means = (score[:, :-1] - mixed * step[:, None]) / sizes
        gain = np.sum(score[:, :-1] ** 2 / sizes, axis=1) + along**2 / left
        return scale * np.column_stack([means, step]), gain


class FreeMeans:
    """A curve as `law.Law`, of which the parameters are the means of the points themselves."""

    likelihood = FreeLikelihood

    def __init__(self, points):
        """Take how many points there are, and how far their means may go."""
        self.lower, self.upper = np.full((2, points), [[-ANY], [ANY]])

    def means(self, parameters):
        """The means of parameters [rows, points]; their slopes are known."""
        return parameters, None

    def starts(self, logs):
        """As of `law.Law`: the points' log updates [points] themselves."""
        return logs[None]
