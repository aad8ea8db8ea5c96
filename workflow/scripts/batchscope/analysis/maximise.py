"""Where likelihoods are largest, of many draws side by side."""

import numpy as np

# A draw is done when a step promises to raise its log likelihood by less than this: some 1e-4
# standard errors.
GAIN = 1e-8
STEPS = 1000


def maximise(likelihood, draws, start, lower, upper):
    """Levenberg-Marquardt steps of all draws side by side; a draw that is done leaves.

    Args:
        likelihood: a `Likelihood`.
        draws: int [rows], the draws to fit.
        start: parameters to start from, float64 [rows or 1, k + 1].
        lower: bounds of the parameters, float64 [k + 1].
        upper: likewise.

    Returns:
        (parameters float64 [rows, k + 1], log likelihood [rows]); NaN where the fit is not done
        after `STEPS`.
    """
    fitted, heights = np.full((len(draws), start.shape[1]), np.nan), np.full(len(draws), np.nan)
    rows, damping = np.arange(len(draws)), np.full(len(draws), 1e-6)
    current = np.broadcast_to(start, fitted.shape)
    state = likelihood.at(start, draws)
    for _ in range(STEPS):
        step, gain = likelihood.step(current, *state[1:], damping, lower, upper)
        done = gain < GAIN
        fitted[rows[done]], heights[rows[done]] = current[done], state[0][done]
        rows, current, step, damping, *state = (
            x[~done] for x in (rows, current, step, damping, *state)
        )
        if not len(rows):
            break
        tried = np.clip(current + step, lower, upper)
        new = likelihood.at(tried, draws[rows])
        better = new[0] >= state[0]
        damping = damping * np.where(better, 0.1, 10)
        current, *state = (
            np.where(better.reshape(-1, *[1] * (x.ndim - 1)), y, x)
            for x, y in zip((current, *state), (tried, *new), strict=True)
        )
    return fitted, heights


def scaled(current, score, diagonal, lower, upper):
    """What parameters are measured in for a step, [rows, k + 1]: 0 of one that a bound holds."""
    held = ((current <= lower) & (score < 0)) | ((current >= upper) & (score > 0))
    return np.where(held, 0, 1 / np.sqrt(np.maximum(np.abs(diagonal), 1e-12)))
