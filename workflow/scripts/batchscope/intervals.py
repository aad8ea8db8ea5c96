"""Medians and means with 95% intervals."""

import warnings

import numpy as np
from scipy import stats

LEVEL = 0.95


def median_interval(times):
    """The median of times to an event and its Kaplan–Meier interval.

    The interval is Brookmeyer and Crowley's (1982): the times at which the 95% log-log limits of
    the survival function still admit one half. Where nobody is left those limits do not exist;
    the exact upper limit of zero in n, 1 - 0.025^(1/n), stands in for them (Clopper and Pearson
    1934).

    Args:
        times: float [n]; inf for a run that did not get there, which is later than any time; NaN
            for one whose time is not known, which is left out.

    Returns:
        (median, low, high); inf where it is later than any time seen. low and high are NaN for a
        single run, which has no interval; all are NaN without any.
    """
    times = np.asarray(times, float)
    times = times[~np.isnan(times)]
    if len(times) == 0:
        return np.nan, np.nan, np.nan
    median = float(np.median(times))
    if len(times) < 2:
        return median, np.nan, np.nan
    reached = times[np.isfinite(times)]
    if len(reached) == 0:
        return median, np.inf, np.inf
    # Whoever did not get there is watched for longer than anyone who did.
    censored = np.full(len(times) - len(reached), reached.max() + 1)
    sample = stats.CensoredData(uncensored=reached, right=censored)
    survival = stats.ecdf(sample).sf
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        limits = survival.confidence_interval(LEVEL, method="log-log")
    low, high = limits.low.probabilities, limits.high.probabilities
    nobody = survival.probabilities == 0
    low = np.where(nobody, 0, low)
    high = np.where(nobody, 1 - ((1 - LEVEL) / 2) ** (1 / len(times)), high)
    return median, _first(limits.low.quantiles, low), _first(limits.high.quantiles, high)


def _first(times, survival):
    below = times[survival <= 0.5]
    return float(below[0]) if len(below) else np.inf


def mean_interval(values):
    """The mean of values and its Student interval: (mean, low, high); NaN where undefined."""
    values = np.asarray(values, float)
    if len(values) == 0:
        return np.nan, np.nan, np.nan
    mean = float(values.mean())
    if len(values) < 2:
        return mean, np.nan, np.nan
    half = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values)
    return mean, float(mean - half), float(mean + half)
