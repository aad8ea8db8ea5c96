"""The paired bootstrap against scipy's own, by hand, and in simulated studies."""

import numpy as np
import pytest
from scipy import stats

from batchscope.analysis.bootstrap import DRAWS, Bootstrap, mean, median
from batchscope.analysis.convergence import target_epoch

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_median_and_mean_are_numpys(n):
    values = np.random.default_rng(1).normal(size=(3, 4, n))
    np.testing.assert_array_equal(median(values), np.median(values, axis=-1))
    np.testing.assert_allclose(mean(values), np.mean(values, axis=-1))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, INF, INF], INF),
        ([3, INF, 1, 2, INF], 3),
        ([NAN, 4, NAN, 2], 3),
        ([NAN, 4, NAN], 4),
        ([NAN, INF, 5, 1], 5),
        ([NAN, NAN], NAN),
    ],
)
def test_the_unreached_are_last_and_the_unknown_left_out(values, expected):
    np.testing.assert_equal(median(np.array(values, float)), expected)


def test_mean_leaves_the_unknown_out():
    np.testing.assert_equal(mean(np.array([[1, NAN, 3], [NAN] * 3])), [2, NAN])


def test_every_value_is_drawn_with_the_same_replicates():
    boot = Bootstrap(6)
    values = np.random.default_rng(2).normal(size=6)
    _, drawn = boot.medians(np.stack([values, 2 * values + 3]))
    np.testing.assert_allclose(drawn[1], 2 * drawn[0] + 3)
    # So a ratio of points that only differ in scale has no width.
    assert boot.limits((2 * drawn[0]) / drawn[0]) == (2, 2)
    again = Bootstrap(6)
    np.testing.assert_array_equal(again.indices, boot.indices)


def test_draws_are_of_the_replicates_with_replacement():
    boot = Bootstrap(7)
    assert boot.indices.shape == (DRAWS, 7)
    assert boot.counts.shape == (DRAWS, 7)
    np.testing.assert_array_equal(boot.counts.sum(axis=1), 7)
    values = np.random.default_rng(3).normal(size=7)
    _, drawn = boot.means(values)
    np.testing.assert_allclose(boot.counts @ values / 7, drawn)
    # Each replicate is in a draw 7 times one in seven.
    np.testing.assert_allclose(boot.counts.mean(axis=0), 1, atol=0.1)


@pytest.mark.parametrize(("statistic", "method"), [(np.median, "medians"), (np.mean, "means")])
def test_limits_are_scipys_percentiles(statistic, method):
    values = np.random.default_rng(4).exponential(size=30)
    boot = Bootstrap(30)
    ours = boot.limits(getattr(boot, method)(values)[1])
    theirs = stats.bootstrap(
        (values,), statistic, n_resamples=20_000, method="percentile", rng=5
    ).confidence_interval
    np.testing.assert_allclose(ours, theirs, rtol=0.06)


def test_the_unreached_are_unreached_in_every_draw_that_has_them():
    boot = Bootstrap(5)
    values = np.array([1, 2, 3, INF, INF])
    _, drawn = boot.medians(values)
    unreached = np.isin(boot.indices, [3, 4]).sum(axis=1)
    np.testing.assert_array_equal(np.isinf(drawn), unreached >= 3)
    low, high = boot.limits(drawn)
    assert (low, high) == (1, INF)


def test_nobody_reached():
    boot = Bootstrap(5)
    assert boot.limits(boot.medians(np.full(5, INF))[1]) == (INF, INF)


@pytest.mark.parametrize("replicates", [2, 3, 4])
def test_few_replicates_have_a_range_called_range(replicates):
    boot = Bootstrap(replicates)
    values = np.array([[5.0, 1, 9, 7], [1, 2, 4, 3]])[:, :replicates]
    value, drawn = boot.medians(values)
    assert boot.kind == "range"
    np.testing.assert_array_equal(value, np.median(values, axis=1))
    np.testing.assert_array_equal(boot.limits(drawn), [values.min(axis=1), values.max(axis=1)])
    # That of a ratio is the range of the pairs' ratios.
    pairs = values[0] / values[1]
    assert boot.limits(drawn[0] / drawn[1]) == (pairs.min(), pairs.max())
    assert np.isnan(boot.share(drawn[0] < drawn[1]))


def test_one_replicate_has_neither():
    boot = Bootstrap(1)
    value, drawn = boot.medians(np.array([7.0]))
    assert boot.kind == "none" and value == 7
    np.testing.assert_equal(boot.limits(drawn), (NAN, NAN))


def test_five_replicates_are_the_first_with_an_interval():
    assert Bootstrap(5).kind == "confidence" != Bootstrap(4).kind


def test_unknown_draws_are_left_out_or_could_be_anything():
    boot = Bootstrap(10)
    drawn = np.arange(DRAWS) + 1.0
    whole = np.quantile(drawn, 0.025, method="lower"), np.quantile(drawn, 0.975, method="higher")
    assert boot.limits(drawn) == boot.limits(drawn, anything=True) == whole
    drawn[:100] = NAN
    known = drawn[100:]
    part = np.quantile(known, 0.025, method="lower"), np.quantile(known, 0.975, method="higher")
    assert boot.limits(drawn) == part
    assert boot.limits(drawn, anything=True) == (-INF, INF)
    drawn[:] = NAN
    np.testing.assert_equal(boot.limits(drawn), (NAN, NAN))
    np.testing.assert_equal(boot.limits(drawn, anything=True), (NAN, NAN))


def test_share_of_draws():
    drawn = np.zeros((2, DRAWS), bool)
    drawn[1, : DRAWS // 4] = True
    np.testing.assert_array_equal(Bootstrap(10).share(drawn), [0, 0.25])


@pytest.mark.parametrize(("n", "last"), [(10, 1000), (30, 1000), (30, 60)])
def test_intervals_cover_the_median_of_simulated_curves(n, last):
    """Curves that fall to the target at a known epoch; with `last` 60, a quarter is censored."""
    rng = np.random.default_rng(6)
    boot, true, covered = Bootstrap(n), 50, []
    for _ in range(300):
        reaches = np.ceil(true * np.exp(0.25 * rng.normal(size=n)))
        epochs = np.arange(1, last + 1)
        curves = np.where(epochs >= reaches[:, None], 0.9, 1.1)
        found = target_epoch(curves, "val_loss", 1.0, hold=1)
        low, high = boot.limits(boot.medians(np.where(np.isnan(found), INF, found))[1])
        covered.append(low <= true <= high)
    assert 0.9 <= np.mean(covered) <= 0.99
