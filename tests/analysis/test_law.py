"""The fitted law against published numbers, scipy's optimizers and simulation."""

import numpy as np
import pytest
from scipy import optimize, stats

from batchscope.analysis.law import BEYOND, Law, fit, rms_log_residual
from batchscope.analysis.likelihood import SIGMA_MIN, Likelihood

pytestmark = pytest.mark.filterwarnings("error")

INF = np.inf
SIZES = 2.0 ** np.arange(2, 10)
S_MIN, B_CRIT, SIGMA = 200, 64, 0.3
TRUE = S_MIN * (1 + B_CRIT / SIZES)
# As many samples for every batch size: half of the runs at 128 are later, most from 256 on.
BUDGET = 128 * TRUE[5] / SIZES


def sample(seed, medians=TRUE, sigma=SIGMA, limits=None, replicates=30):
    """Updates and last updates [points, replicates] of lognormal runs that stop at limits."""
    noise = np.random.default_rng(seed).normal(scale=sigma, size=(len(medians), replicates))
    updates = np.asarray(medians)[:, None] * np.exp(noise)
    if limits is None:
        return updates, updates
    last = np.broadcast_to(np.reshape(limits, (len(medians), -1)), updates.shape)
    return np.where(updates <= last, updates, INF), np.minimum(updates, last)


def resampled(seed, draws, replicates=30):
    generator = np.random.default_rng(seed)
    return generator.multinomial(replicates, np.full(replicates, 1 / replicates), draws) * 1.0


def plain(updates, last_updates, sizes=SIZES):
    """The fit of a sweep as (s_min, b_crit, sigma)."""
    law = fit(sizes, updates, last_updates, np.ones((1, updates.shape[1])))
    return law.s_min[0], law.b_crit[0], law.sigma[0]


@pytest.mark.parametrize(
    ("steps", "size"),
    [
        ([46000, 23000, 13282, 7000, 3840, 2528, 1917, 1600, 1600], 745.3),
        ([96000, 49000, 24000, 12000, 7128, 4350, 2940, 2400, 2300], 955.2),
        ([196000, 90000, 46000, 23400, 13300, 7224, 4980, 3400, 2879], 1393.7),
        ([311000, 166000, 81000, 37440, 21320, 11400, 7199, 4700, 3800], 1888.5),
        ([642000, 331000, 176000, 94000, 46500, 25000, 15360, 8900, 6500], 2533.4),
    ],
    ids=["85M", "151M", "302M", "604M", "1.2B"],
)
def test_published_sweeps(steps, size):
    """Language models of Zhang et al. 2024, "How Does Critical Batch Size Scale in Pre-training?"

    Their batch size takes 20% more updates than perfect scaling from 256 would (arXiv
    2410.21676).
    """
    updates = np.array(steps, float)[:, None]
    _, b_crit, _ = plain(updates, updates, sizes=2.0 ** np.arange(6, 15))
    assert 1.2 * 256 + 0.2 * b_crit == pytest.approx(size, abs=0.05)


def test_all_reached_is_least_squares_of_logs():
    updates, last = sample(1)
    fitted, _ = optimize.curve_fit(
        lambda size, a, k: a + np.log1p(np.exp(k) / size),
        np.repeat(SIZES, 30),
        np.log(updates).ravel(),
        p0=(5, 4),
        xtol=1e-12,
    )
    s_min, b_crit, sigma = plain(updates, last)
    np.testing.assert_allclose((s_min, b_crit), np.exp(fitted), rtol=1e-5)
    residuals = np.log(updates / (s_min * (1 + b_crit / SIZES))[:, None])
    assert sigma == pytest.approx(np.sqrt(np.mean(residuals**2)), rel=1e-6)


@pytest.mark.parametrize("limits", ["budget", "constant", "every run its own"])
def test_censored_agrees_with_a_plainly_written_likelihood(limits):
    limits = {
        "budget": BUDGET,
        "constant": np.full(8, TRUE[3]),
        "every run its own": np.median(TRUE) * np.random.default_rng(2).lognormal(size=(8, 30)),
    }[limits]
    updates, last = sample(3, limits=limits)
    weights = np.vstack([np.ones(30), resampled(4, 2), np.random.default_rng(5).random(30)])

    def loss(parameters, weight):
        a, k, s = parameters
        mu = np.log(np.exp(a) * (1 + np.exp(k) / SIZES))[:, None]
        reached = stats.norm.logpdf(np.log(np.where(updates < INF, updates, 1)), mu, np.exp(s))
        late = stats.norm.logsf(np.log(last), mu, np.exp(s))
        return -np.sum(weight * np.where(updates < INF, reached, late))

    law = fit(SIZES, updates, last, weights)
    fitted = np.log(np.stack([law.s_min, law.b_crit, law.sigma], axis=1))
    for parameters, weight in zip(fitted, weights, strict=True):
        best = optimize.minimize(
            loss,
            np.log([S_MIN, B_CRIT, SIGMA]),
            (weight,),
            method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-10, "maxfev": 2000},
        )
        np.testing.assert_allclose(parameters, best.x, atol=1e-4)
        assert loss(parameters, weight) <= best.fun + 1e-8


def test_derivatives_agree_with_differences():
    likelihood = Likelihood(SIZES, *sample(15, limits=BUDGET), resampled(16, 2))
    rows = np.array([1])
    # Away from the maximum, where no term is zero by chance.
    center = np.log([[S_MIN * 1.5, B_CRIT / 3, SIGMA * 2]])
    slope, curvature, _ = likelihood.derivatives(center, rows)
    for i, shift in enumerate(1e-5 * np.eye(3)):
        above, below = center + shift, center - shift
        value = likelihood.log_likelihood(above, rows) - likelihood.log_likelihood(below, rows)
        assert slope[0, i] == pytest.approx(value[0] / 2e-5, rel=1e-6)
        slopes = [likelihood.derivatives(near, rows)[0][0] for near in (above, below)]
        np.testing.assert_allclose(-curvature[0, i], (slopes[0] - slopes[1]) / 2e-5, rtol=1e-6)


@pytest.mark.parametrize("limits", [None, BUDGET], ids=["reached", "censored"])
def test_truth_is_recovered(limits):
    fits = np.array([plain(*sample(seed, limits=limits)) for seed in range(20)])
    spread = np.std(np.log(fits), axis=0) / np.sqrt(20)
    bias = np.mean(np.log(fits), axis=0) - np.log([S_MIN, B_CRIT, SIGMA])
    assert np.all(np.abs(bias) < 4 * spread)
    assert np.all(spread < [0.03, 0.06, 0.02])


def test_leaving_late_runs_out_is_biased():
    """What ends early enough to be seen is faster than its batch size is."""
    kept, left_out = [], []
    for seed in range(20):
        updates, last = sample(seed, limits=BUDGET)
        kept.append(plain(updates, last))
        left_out.append(plain(updates, np.where(updates < INF, last, 0)))
    errors = np.median(np.log(kept), axis=0), np.median(np.log(left_out), axis=0)
    errors = np.array(errors) - np.log([S_MIN, B_CRIT, SIGMA])
    assert np.all(np.abs(errors[0]) < 0.1)
    assert errors[1, 0] < -0.15 and errors[1, 1] > 0.3


def test_unreached_runs_without_an_update_say_nothing():
    updates, last = sample(6, limits=BUDGET)
    idle = np.hstack([updates, np.full((8, 3), INF)]), np.hstack([last, np.zeros((8, 3))])
    np.testing.assert_allclose(plain(*idle), plain(updates, last), rtol=1e-9)


def test_weights_are_repetitions():
    updates, last = sample(7, limits=BUDGET)
    weights = resampled(8, 5)
    law = fit(SIZES, updates, last, weights)
    for draw, counts in enumerate(weights.astype(int)):
        repeated = plain(np.repeat(updates, counts, axis=1), np.repeat(last, counts, axis=1))
        drawn = law.s_min[draw], law.b_crit[draw], law.sigma[draw]
        np.testing.assert_allclose(drawn, repeated, rtol=1e-6)


def test_units_of_updates_and_samples():
    updates, last = sample(9, limits=BUDGET)
    s_min, b_crit, sigma = plain(updates, last)
    doubled = plain(2 * updates, 2 * last)
    np.testing.assert_allclose(doubled, (2 * s_min, b_crit, sigma), rtol=1e-6)
    tenfold = plain(updates, last, sizes=10 * SIZES)
    np.testing.assert_allclose(tenfold, (s_min, 10 * b_crit, sigma), rtol=1e-6)


def test_updates_of_a_law():
    law = Law(np.array([100.0, 10]), np.array([32.0, 8]), np.array([0.1, 0.1]))
    np.testing.assert_array_equal(law.updates([8, 32]), [[500, 200], [20, 12.5]])


@pytest.mark.parametrize("replicates", [1, 30])
def test_exact_data(replicates):
    """Ties have no spread; the smallest sigma stands in for it."""
    exact = sample(0, sigma=0, replicates=replicates)
    np.testing.assert_allclose(plain(*exact), (S_MIN, B_CRIT, SIGMA_MIN), rtol=1e-6)


def test_exact_data_with_points_that_are_later():
    updates, last = sample(0, sigma=0, limits=np.where(SIZES > 64, TRUE / 2, INF))
    np.testing.assert_allclose(plain(updates, last), (S_MIN, B_CRIT, SIGMA_MIN), rtol=1e-6)


def test_one_replicate_with_noise():
    updates, last = sample(10, replicates=1, limits=np.where(SIZES > 256, TRUE, INF))
    assert np.isinf(updates).sum() == 1
    s_min, b_crit, sigma = plain(updates, last)
    np.testing.assert_allclose((s_min, b_crit), (S_MIN, B_CRIT), rtol=0.7)
    assert 0.05 < sigma < 0.6


def test_two_points_are_met_exactly():
    updates = np.array([[500.0], [200.0]])
    fitted = plain(updates, updates, sizes=np.array([8.0, 32.0]))
    np.testing.assert_allclose(fitted, (100, 32, SIGMA_MIN), rtol=1e-6)


@pytest.mark.parametrize("sigma", [0, 0.01])
@pytest.mark.parametrize("limited", [False, True])
def test_updates_that_do_not_depend_on_the_batch_size(sigma, limited):
    limits = np.where(SIZES > 64, 150, INF) if limited else None
    # Rising with B is further from the law than constant is, so noise cannot matter.
    medians = 200 * SIZES**0.02
    s_min, b_crit, _ = plain(*sample(11, medians, sigma, limits))
    assert b_crit == pytest.approx(4 / BEYOND)
    assert s_min == pytest.approx(np.median(medians), rel=0.05)


@pytest.mark.parametrize("sigma", [0, 0.01])
@pytest.mark.parametrize("limited", [False, True])
def test_updates_in_inverse_proportion_to_the_batch_size(sigma, limited):
    limits = np.where(SIZES > 64, 1e4 / SIZES, INF) if limited else None
    # Steeper than 1 / B, for the same reason.
    medians = 1e5 / SIZES**1.02
    s_min, b_crit, _ = plain(*sample(12, medians, sigma, limits))
    assert b_crit == pytest.approx(512 * BEYOND)
    assert s_min * b_crit == pytest.approx(1e5, rel=0.15)


def test_draws_without_a_reached_run_at_a_point():
    updates, last = sample(13, limits=np.where(SIZES > 64, TRUE / 2, INF))
    updates[5, 7] = last[5, 7] = TRUE[5]
    weights = np.ones((3, 30))
    weights[1, 7] = 0
    weights[2, :7] = weights[2, 8:] = 0
    law = fit(SIZES, updates, last, weights)
    np.testing.assert_allclose(law.s_min, S_MIN, rtol=0.7)
    np.testing.assert_allclose(law.b_crit, B_CRIT, rtol=0.7)
    assert law.s_min[0] != law.s_min[1]


def test_nothing_is_identified_by_fewer_than_two_batch_sizes():
    updates, last = sample(14, limits=np.where(SIZES > 4, TRUE / 10, INF))
    updates[1, 0] = TRUE[1]
    weights = np.ones((4, 30))
    weights[1, 0] = 0
    weights[2] = 0
    law = fit(SIZES, updates, last, weights)
    for values in (law.s_min, law.b_crit, law.sigma, law.updates(SIZES)[:, 0]):
        np.testing.assert_array_equal(np.isnan(values), [False, True, True, False])
    assert np.all(np.isnan(plain(np.full((8, 30), INF), np.full((8, 30), 100.0))))
    assert np.all(np.isnan(plain(np.full((8, 30), INF), np.zeros((8, 30)))))
    # Two settings of one effective batch size are one.
    assert np.all(np.isnan(plain(updates[:2], last[:2], sizes=np.array([8.0, 8.0]))))


@pytest.mark.parametrize("seed", range(4))
def test_every_draw_of_an_awkward_sweep_gets_a_fit(seed):
    """Steep, flat or jagged medians, ends of every length, points that nobody reached."""
    generator = np.random.default_rng(seed)
    medians = generator.lognormal(5, 2, size=8)
    limits = medians[:, None] * generator.lognormal(size=(8, 30))
    limits[generator.random(8) < 0.4] /= 1e4
    law = fit(SIZES, *sample(seed, medians, limits=limits), resampled(seed, 200))
    for values in (law.s_min, law.b_crit, law.sigma):
        assert np.all(np.isfinite(values)) and np.all(values > 0)


def test_bootstrap_interval_covers_the_truth():
    covered = []
    for seed in range(100):
        law = fit(SIZES, *sample(seed, limits=BUDGET), resampled(seed + 1000, 200))
        low, high = np.quantile(law.b_crit, [0.025, 0.975])
        covered.append(low <= B_CRIT <= high)
    assert 0.88 <= np.mean(covered) < 1


def residual(medians, last_updates=TRUE, law=(S_MIN, B_CRIT)):
    law = Law(np.array([law[0]]), np.array([law[1]]), np.array([SIGMA]))
    return rms_log_residual(law, SIZES, np.asarray(medians), np.asarray(last_updates))


def test_residual_of_medians_on_the_law_is_zero():
    assert residual(TRUE) == pytest.approx(0, abs=1e-12)


def test_residual_of_one_median_off_the_law():
    """Twice or half of the fitted value at one of eight points."""
    off = np.eye(8)[3]
    assert residual(TRUE * 2**off) == pytest.approx(np.log(2) / np.sqrt(8))
    assert residual(TRUE / 2**off) == pytest.approx(np.log(2) / np.sqrt(8))


def test_residual_of_an_unreached_median_is_what_the_law_falls_short_of():
    medians = np.where(np.arange(8) == 3, INF, TRUE)
    assert residual(medians, TRUE * 2) == pytest.approx(np.log(2) / np.sqrt(8))
    assert residual(medians, TRUE / 2) == pytest.approx(0, abs=1e-12)


def test_residual_leaves_out_points_that_say_nothing():
    medians = np.where(np.arange(8) == 3, INF, TRUE * 2)
    assert residual(medians, np.zeros(8)) == pytest.approx(np.log(2))
    assert np.isnan(residual(np.full(8, INF), np.zeros(8)))


def test_residual_without_a_law_is_none():
    assert np.isnan(residual(TRUE, law=(np.nan, np.nan)))
    assert np.isnan(residual(np.full(8, INF), law=(np.nan, np.nan)))


def test_residual_judges_the_first_draw():
    law = Law(np.array([S_MIN, 1.0]), np.array([B_CRIT, 1.0]), np.array([SIGMA, SIGMA]))
    assert rms_log_residual(law, SIZES, TRUE, TRUE) == pytest.approx(0, abs=1e-12)
