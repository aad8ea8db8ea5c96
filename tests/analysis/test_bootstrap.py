"""The paired bootstrap against scipy's own and by hand; test_coverage simulates it."""

import numpy as np
import pytest
from scipy import stats

from batchscope.analysis.bootstrap import DRAWS, Bootstrap, mean, median

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
    np.testing.assert_array_equal(Bootstrap(6).counts, boot.counts)


def test_draws_are_of_the_replicates_with_replacement():
    boot = Bootstrap(7)
    assert boot.counts.shape == (DRAWS, 7)
    np.testing.assert_array_equal(boot.counts.sum(axis=1), 7)
    values = np.random.default_rng(3).normal(size=7)
    _, drawn = boot.means(values[None])
    np.testing.assert_allclose(boot.counts @ values / 7, drawn[0])
    # Each replicate is in a draw 7 times one in seven.
    np.testing.assert_allclose(boot.counts.mean(axis=0), 1, atol=0.1)


@pytest.mark.parametrize("replicates", [4, 5, 8, 30, 300])
def test_drawn_medians_are_those_of_repeated_values(replicates):
    generator = np.random.default_rng(4)
    values = generator.normal(size=(4, replicates))
    values[1, :2], values[2, :3], values[3] = INF, NAN, NAN
    boot = Bootstrap(replicates)
    _, drawn = boot.medians(values)
    for draw in generator.integers(len(boot.counts), size=20):
        repeated = np.repeat(values, boot.counts[draw].astype(int), axis=1)
        np.testing.assert_array_equal(drawn[:, draw], median(repeated))


@pytest.mark.parametrize(("statistic", "method"), [(np.median, "medians"), (np.mean, "means")])
def test_limits_are_scipys_percentiles_further_out(statistic, method):
    values = np.random.default_rng(6).exponential(size=30)
    boot = Bootstrap(30)
    ours = boot.limits(getattr(boot, method)(values[None])[1])
    theirs = stats.bootstrap(
        (values,),
        statistic,
        n_resamples=20_000,
        method="percentile",
        confidence_level=1 - 2 * boot.tail,
        rng=5,
    ).confidence_interval
    np.testing.assert_allclose(np.ravel(ours), theirs, rtol=0.03)


@pytest.mark.parametrize(("replicates", "tail"), [(5, 0.001), (10, 0.0086), (30, 0.0188)])
def test_tails_of_expanded_percentiles(replicates, tail):
    """Phi(-sqrt(n / (n - 1)) t) where t leaves .025 at each end."""
    assert Bootstrap(replicates).tail == pytest.approx(tail, abs=5e-5)


def test_stretched_draws_of_a_normal_mean_give_students_interval():
    values = np.random.default_rng(5).normal(size=12)
    boot = Bootstrap(12)
    mean, drawn = boot.means(values[None])
    low, high = np.log(np.ravel(boot.limits_around(np.exp(mean), np.exp(drawn))))
    student = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    np.testing.assert_allclose((low, high), student, atol=0.1 * stats.sem(values))


def test_means_of_few_have_the_range_of_their_replicates():
    values = np.array([[3.0, 1, 7, 2, 9, 4]])
    boot = Bootstrap(6)
    assert (boot.kind, boot.kind_of_means) == ("confidence", "range")
    assert boot.limits_of_means(values, boot.means(values)[1]) == (1, 9)
    assert Bootstrap(10).kind_of_means == "confidence"
    assert Bootstrap(1).kind_of_means == "none"


def test_the_unreached_are_unreached_in_every_draw_that_has_them():
    boot = Bootstrap(5)
    values = np.array([1, 2, 3, INF, INF])
    _, drawn = boot.medians(values[None])
    unreached = boot.counts[:, 3:].sum(axis=1)
    np.testing.assert_array_equal(np.isinf(drawn[0]), unreached >= 3)
    assert boot.limits(drawn) == (1, INF)


def test_nobody_reached():
    boot = Bootstrap(5)
    assert boot.limits(boot.medians(np.full((1, 5), INF))[1]) == (INF, INF)


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
    value, drawn = boot.medians(np.array([[7.0]]))
    assert boot.kind == "none" and value == 7
    np.testing.assert_equal(np.ravel(boot.limits(drawn)), (NAN, NAN))


def test_five_replicates_are_the_first_with_an_interval():
    assert Bootstrap(5).kind == "confidence" != Bootstrap(4).kind


def test_unknown_draws_are_left_out_or_could_be_anything():
    boot = Bootstrap(10)
    drawn, tail = np.arange(DRAWS) + 1.0, boot.tail
    whole = np.quantile(drawn, tail, method="lower"), np.quantile(drawn, 1 - tail, method="higher")
    assert boot.limits(drawn) == boot.limits(drawn, anything=True) == whole
    drawn[:200] = NAN
    known = drawn[200:]
    part = np.quantile(known, tail, method="lower"), np.quantile(known, 1 - tail, method="higher")
    assert boot.limits(drawn) == part
    assert boot.limits(drawn, anything=True) == (-INF, INF)
    drawn[:] = NAN
    np.testing.assert_equal(boot.limits(drawn), (NAN, NAN))
    np.testing.assert_equal(boot.limits(drawn, anything=True), (NAN, NAN))


def test_share_of_draws():
    drawn = np.zeros((2, DRAWS), bool)
    drawn[1, : DRAWS // 4] = True
    np.testing.assert_array_equal(Bootstrap(10).share(drawn), [0, 0.25])
