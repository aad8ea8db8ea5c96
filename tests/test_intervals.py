"""Intervals against worked-out cases, scipy's own tests and simulation."""

import numpy as np
import pytest
from scipy import stats

from batchscope.intervals import mean_interval, median_interval

INF = np.inf


def test_one_run_has_a_value_and_no_interval():
    np.testing.assert_equal(median_interval([7]), (7, np.nan, np.nan))
    np.testing.assert_equal(median_interval([INF]), (INF, np.nan, np.nan))
    np.testing.assert_equal(mean_interval([7]), (7, np.nan, np.nan))


def test_nobody_reached():
    assert median_interval([INF] * 5) == (INF, INF, INF)


def test_half_reached_is_not_reached():
    assert median_interval([1, 2, INF, INF])[0] == INF
    assert median_interval([1, 2, 3, INF, INF])[0] == 3


def test_all_tied():
    assert median_interval([5] * 30) == (5, 5, 5)


def test_two_runs_bound_nothing_from_above():
    """Both of two below the median happens in a quarter of all cases: no 95% limit."""
    median, low, high = median_interval([5, 9])
    assert (median, low, high) == (7, 5, INF)


def test_six_runs_are_the_first_with_an_upper_limit():
    """All n below the median has probability 2^-n; twice that falls below 5% at n = 6."""
    assert median_interval([1, 2, 3, 4, 5])[2] == INF
    assert median_interval([1, 2, 3, 4, 5, 6])[2] == 6


def test_log_log_limits_by_hand():
    """Ten runs at epochs 1 … 10, by Greenwood's formula on the log-log scale."""
    times = np.arange(1.0, 11)
    at_risk = 10 - np.arange(9)
    survival = np.cumprod(1 - 1 / at_risk)
    variance = np.cumsum(1 / (at_risk * (at_risk - 1))) / np.log(survival) ** 2
    z = stats.norm.ppf(0.975)
    low = survival ** np.exp(z * np.sqrt(variance))
    high = survival ** np.exp(-z * np.sqrt(variance))
    expected = (5.5, times[np.argmax(low <= 0.5)], times[np.argmax(high <= 0.5)])
    assert median_interval(times) == expected


def test_order_and_censoring_do_not_move_the_reached():
    times = [3, 9, INF, 4, 4, 8, INF, 5, 6, 7]
    assert median_interval(times) == median_interval(sorted(times))
    late = [1000 if time == INF else time for time in times]
    assert median_interval(times)[:2] == median_interval(late)[:2]


@pytest.mark.parametrize("n", [10, 30])
def test_coverage_of_a_censored_median(n):
    """The interval holds the true median in about 95 of 100 studies, censored at 1.5 medians."""
    rng = np.random.default_rng(7)
    true = np.log(2)
    covered = []
    for _ in range(1000):
        times = rng.exponential(size=n)
        times[times > 1.5 * true] = INF
        _, low, high = median_interval(times)
        covered.append(low <= true <= high)
    assert 0.92 <= np.mean(covered) <= 0.99


def test_mean_interval_is_students():
    values = np.array([2.0, 4.0, 4.0, 5.0])
    mean, low, high = mean_interval(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean == 3.75
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_no_values_no_mean():
    assert np.isnan(mean_interval([])).all()


def test_equal_values_have_an_interval_of_no_width():
    assert mean_interval([0.5, 0.5, 0.5]) == (0.5, 0.5, 0.5)
