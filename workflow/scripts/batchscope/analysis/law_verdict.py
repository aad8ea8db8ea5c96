"""What the runs of a sweep say of the batch-size law: its numbers, and whether it describes them.

Nothing is claimed beyond the batch sizes that reached the target, in the median over replicates.
"""

from typing import NamedTuple

import numpy as np

from batchscope.analysis import law
from batchscope.analysis.interval import Interval

# Curves are fitted in the first of the study's draws, so the pairing is kept. Their limits are
# plain percentiles of stretched draws; those need fewer draws than expanded percentiles.
LAW_DRAWS = 2000

# The law has two parameters: three sizes are the fewest that could contradict it. A fourth helps
# to tell it from other curves.
FEWEST_SIZES, FEWEST_TO_DESCRIBE = 3, 4

# With fewer epochs to the target, epochs are too coarse to judge by.
FEWEST_EPOCHS = 5

# A curve is rejected where data that it is true of would fit it as badly less often than this.
SMALLEST_P = 0.01

# The verdicts under which the law's own numbers are told.
STANDING = ("described", "compatible")

# S_min is seen where the law is within a tenth of it at the largest size, E_min likewise at the
# smallest.
WELL_BEYOND = 10

NOTHING = Interval(np.nan, np.nan, np.nan)


class Judgement(NamedTuple):
    """What is said of the law. What is not told is NaN.

    Attributes:
        verdict: `not_fitted`, `coarse`, `rejected`, `compatible` or `described`; see
            recommendation.schema.yaml.
        fitted: the law's Fit; None where it is not fitted.
        lack_of_fit: p value of the law, a float.
        power_law_lack_of_fit: likewise of a power law.
        rms_log_residual: root mean square of log(free mean / law) over the sizes reached, a float.
        s_min: updates that a run of any batch size needs at least, an Interval.
        e_min: samples that it needs at least, likewise.
        b_crit: critical batch size, in samples, likewise.
        exponent: of the power law, likewise.
    """

    verdict: str = "not_fitted"
    fitted: law.Fit | None = None
    lack_of_fit: float = np.nan
    power_law_lack_of_fit: float = np.nan
    rms_log_residual: float = np.nan
    s_min: Interval = NOTHING
    e_min: Interval = NOTHING
    b_crit: Interval = NOTHING
    exponent: Interval = NOTHING


def judge_law(boot, sizes, low, high, epochs, most, drawn):
    """Fit the law and judge it.

    Args:
        boot: the study's Bootstrap.
        sizes: effective batch sizes, float64 [sizes], rising.
        low: what each run needed more updates than, float64 [sizes, replicates].
        high: what it needed at most, likewise; inf where it did not reach the target. Of a run
            with neither limit (0 and inf) nothing is known.
        epochs: median epochs to the target, float64 [sizes]; not finite where it is not reached.
        most: upper limit of the median updates, float64 [sizes]; inf where there is none.
        drawn: `likelihood.Runs` of the draws that curves are fitted in, the study's first ones.

    Returns:
        Judgement.
    """
    reached, seen = np.isfinite(epochs), np.isfinite(high).any(axis=1)
    if reached.sum() < FEWEST_SIZES:
        return Judgement()
    fitted = law.fit(law.Law(sizes), low, high, drawn)
    # Sizes that no run reached can contradict the law, but not show that it is this curve.
    power = law.fit(law.power_law(sizes[seen]), low[seen], high[seen], drawn.within(seen))
    free = law.free_means(low[seen], high[seen])
    apart = free.parameters[reached[seen]] - np.log(law.updates(fitted.parameters, sizes[reached]))
    judged = Judgement(
        fitted=fitted,
        lack_of_fit=law.lack_of_fit(fitted, free, low, high),
        power_law_lack_of_fit=law.lack_of_fit(power, free, low[seen], high[seen]),
        rms_log_residual=float(np.sqrt(np.mean(apart**2))),
    )
    judged = judged._replace(verdict=_verdict(judged, sizes[reached], epochs[reached]))
    if judged.verdict == "coarse":
        return judged
    exponent = power.parameters[1]
    limits = boot.limits_around(np.exp(exponent), np.exp(power.drawn[:, 1]))
    judged = judged._replace(exponent=Interval(exponent, *np.log(limits)))
    if judged.verdict not in STANDING:
        return judged
    return judged._replace(**_numbers(boot, fitted, sizes[reached], most[reached]))


def _verdict(judged, sizes, epochs):
    """The verdict on a law that was fitted; `sizes` and `epochs` are those of the sizes reached."""
    if np.median(epochs) < FEWEST_EPOCHS:
        return "coarse"
    if judged.lack_of_fit <= SMALLEST_P:
        return "rejected"
    bends = sizes[0] < np.exp(judged.fitted.parameters[1]) < sizes[-1]
    alone = judged.power_law_lack_of_fit <= SMALLEST_P
    return "described" if len(sizes) >= FEWEST_TO_DESCRIBE and bends and alone else "compatible"


def _numbers(boot, fitted, sizes, most):
    """The law's own numbers as far as the sizes reached show them: dict name -> Interval.

    Args:
        boot: the study's Bootstrap.
        fitted: the law's Fit.
        sizes: effective batch sizes that reached the target, float64 [sizes], rising.
        most: upper limit of the median updates there, float64 [sizes].
    """
    (s_min, b_crit), drawn = np.exp(fitted.parameters), np.exp(fitted.drawn.T)

    def within(number):
        return np.inf if number > sizes[-1] else -np.inf if number < sizes[0] else float(number)

    limits = boot.limits_around(b_crit, drawn[1])
    numbers = {"b_crit": Interval(*map(within, (b_crit, *limits)))}
    # No size needs fewer updates or examples than the least: what is measured is a bound.
    for name, value, draws, seen, bound in (
        ("s_min", s_min, drawn[0], sizes[-1] >= WELL_BEYOND * b_crit, most),
        (
            "e_min",
            s_min * b_crit,
            drawn[0] * drawn[1],
            sizes[0] * WELL_BEYOND <= b_crit,
            most * sizes,
        ),
    ):
        numbers[name] = Interval(-np.inf, -np.inf, float(np.min(bound)))
        if seen:
            numbers[name] = Interval(float(value), *map(float, boot.limits_around(value, draws)))
    return numbers
