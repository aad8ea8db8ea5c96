"""The fitted law against published numbers, scipy's optimizers and simulation."""

import numpy as np
import pytest
from scipy import optimize, stats

from batchscope.analysis import law
from batchscope.analysis.free_means import FreeMeans
from batchscope.analysis.law import BEYOND, Law, Line, free_means, lack_of_fit, power_law
from batchscope.analysis.law import updates as law_updates
from batchscope.analysis.likelihood import SIGMA_MIN, Likelihood, Runs

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


def limits(updates, last_updates, width=1e-6):
    """(low, high) of runs that are looked at so often that updates are all but known."""
    reached = updates < INF
    return np.where(reached, updates * (1 - width), last_updates), updates


def by_epochs(seed, per_epoch, last=10_000, paired=0, **settings):
    """(low, high) of a sample that is looked at when an epoch of `per_epoch` [points] ends."""
    updates, _ = sample(seed, **settings)
    per_epoch = np.asarray(per_epoch, float)[:, None]
    epochs = np.ceil(updates / per_epoch)
    reached = epochs <= last
    low = np.where(reached, epochs - 1, last) * per_epoch
    return low, np.where(reached, epochs * per_epoch, INF)


def fit(curve, low, high, weights):
    """The fit in draws in which replicates count alike at all points, float64 [draws,
    replicates]."""
    return law.fit(curve, low, high, Runs.of_points(low, high, weights))


def fitted_law(low, high, weights=None, sizes=SIZES):
    """(s_min, b_crit, sigma) of the whole sample, (s_min, b_crit) [2, draws] of draws."""
    found = fit(Law(sizes), low, high, np.ones((1, low.shape[1])) if weights is None else weights)
    return (*np.exp(found.parameters), found.sigma), np.exp(found.drawn.T)


def plain(updates, last_updates, sizes=SIZES):
    """The fit of a sweep as (s_min, b_crit, sigma)."""
    return fitted_law(*limits(updates, last_updates), sizes=sizes)[0]


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


def plainly_written(curve, parameters, low, high, weights):
    """The log likelihood by the textbook's formula, in scipy's words."""
    means, _ = curve.means(parameters[None, :-1])
    scale = np.exp(parameters[-1])
    with np.errstate(divide="ignore"):
        z_low, z_high = ((np.log(x) - means[0][:, None]) / scale for x in (low, high))
    # The side with the smaller probabilities loses no digits.
    upper = stats.norm.sf(z_low) - stats.norm.sf(z_high)
    chance = np.where(z_low > 0, upper, stats.norm.cdf(z_high) - stats.norm.cdf(z_low))
    return np.sum(weights * np.log(np.maximum(chance, 1e-300)))


CURVES = {"law": Law(SIZES), "power law": power_law(SIZES), "free": Line(np.eye(len(SIZES)))}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("last", [10_000, np.array([60] * 5 + [25] * 3)[:, None]])
def test_no_search_from_forty_starts_finds_a_likelier_curve(curve, last):
    curve = CURVES[curve]
    low, high = by_epochs(3, 512 / SIZES, last)
    weights = resampled(4, 1)
    seen = np.isfinite(high).any(axis=1)
    if curve is CURVES["free"]:
        curve, low, high = FreeMeans(seen.sum()), low[seen], high[seen]
    found = fit(curve, low, high, weights)
    ours = fit(curve, *np.repeat([low, high], weights[0].astype(int), axis=2), weights[:0])
    np.testing.assert_allclose(found.drawn[0], ours.parameters, atol=1e-3)
    best = np.append(ours.parameters, np.log(ours.sigma))
    height = plainly_written(curve, best, low, high, weights)
    assert height == pytest.approx(ours.log_likelihood)
    generator = np.random.default_rng(5)
    for _ in range(40):
        start = best + generator.normal(size=len(best)) * 0.5
        other = optimize.minimize(
            lambda x: -plainly_written(curve, x, low, high, weights), start, method="BFGS"
        )
        assert -other.fun <= height + 1e-6


def test_free_means_are_a_line_with_a_parameter_for_each_point():
    low, high = by_epochs(3, 512 / SIZES, 25)
    seen = np.isfinite(high).any(axis=1)
    low, high, points = low[seen], high[seen], np.arange(seen.sum())
    line, free = Line(np.eye(len(points))), FreeMeans(len(points))
    # Away from the maximum, where no term is zero by chance.
    center, rows = np.append(np.log(TRUE[seen]), np.log(SIGMA))[None] + 0.4, np.arange(9)
    runs = Runs.of_points(low, high, resampled(4, 9))
    expected, score, information = Likelihood(line, runs).at(center, rows)
    found, slope, *parts = free.likelihood(free, runs).at(center, rows)
    arrow = np.zeros_like(information)
    arrow[:, points, points], arrow[:, -1, :-1], arrow[:, -1, -1] = parts
    arrow[:, :-1, -1] = parts[1]
    for one, other in ((found, expected), (slope, score), (arrow, information)):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-9)
    found, expected = (fit(curve, low, high, np.ones((0, 30))) for curve in (free, line))
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, abs=1e-8)
    np.testing.assert_allclose(found.parameters, expected.parameters, atol=1e-4)


@pytest.mark.parametrize("curve", CURVES)
def test_derivatives_agree_with_differences(curve):
    low, high = by_epochs(15, 512 / SIZES, 60)
    likelihood = Likelihood(CURVES[curve], Runs.of_points(low, high, resampled(16, 2)))
    rows = np.array([1])
    # Away from the maximum, where no term is zero by chance.
    center = np.append(CURVES[curve].starts(np.log(TRUE))[-1], np.log(SIGMA)) + 0.4
    center = center[None]
    _, slope, curvature = likelihood.at(center, rows)
    for i, shift in enumerate(1e-5 * np.eye(center.shape[1])):
        above, below = (likelihood.at(center + sign * shift, rows) for sign in (1, -1))
        assert slope[0, i] == pytest.approx((above[0] - below[0])[0] / 2e-5, rel=1e-5, abs=1e-5)
        difference = (above[1] - below[1])[0] / 2e-5
        np.testing.assert_allclose(-curvature[0, i], difference, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("z", [-3e4, -300.0, -8.0, -0.5, 0.0, 0.5, 8.0, 300.0, 3e4])
@pytest.mark.parametrize("width", [1e-4, 0.1, 3.0, INF])
def test_probabilities_are_right_however_far_out(z, width):
    """log P of a normal number between z and z + width, by quadrature or from its tails."""
    low, high = (np.array([[np.exp(0.01 * end)]]) for end in (z, z + width))
    likelihood = Likelihood(Line(np.eye(1)), Runs.of_points(low, high, np.ones((1, 1))))
    value, score, information = likelihood.at(np.array([[0.0, np.log(0.01)]]), np.zeros(1, int))
    assert np.all(np.isfinite(score)) and np.all(np.isfinite(information))
    near, far = (z, z + width) if z + z + width >= 0 else (-z - width, -z)
    fall = -(far - near) * (far + near) / 2 if far < INF else -INF
    below = stats.norm.logsf(near)
    if near > 0 and fall > -30:
        # Of a short piece far out the density's fall is all that counts.
        nodes, shares = np.polynomial.legendre.leggauss(60)
        at = near + (far - near) * (nodes + 1) / 2
        inside = np.sum(shares * np.exp(-(at - near) * (at + near) / 2)) * (far - near) / 2
        expected = stats.norm.logpdf(near) + np.log(inside)
    else:
        expected = below + np.log1p(-np.exp(stats.norm.logsf(far) - below))
    assert value[0] == pytest.approx(expected, rel=1e-8)


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
    low, high = limits(*sample(7, limits=BUDGET))
    weights = resampled(8, 5)
    _, drawn = fitted_law(low, high, weights)
    for draw, counts in enumerate(weights.astype(int)):
        repeated, _ = fitted_law(*np.repeat([low, high], counts, axis=2))
        np.testing.assert_allclose(drawn[:, draw], repeated[:2], rtol=1e-4)


def test_units_of_updates_and_samples():
    updates, last = sample(9, limits=BUDGET)
    s_min, b_crit, sigma = plain(updates, last)
    doubled = plain(2 * updates, 2 * last)
    np.testing.assert_allclose(doubled, (2 * s_min, b_crit, sigma), rtol=1e-6)
    tenfold = plain(updates, last, sizes=10 * SIZES)
    np.testing.assert_allclose(tenfold, (s_min, 10 * b_crit, sigma), rtol=1e-6)


def test_updates_of_a_law():
    laws = np.log([[100, 32], [10, 8]])
    np.testing.assert_allclose(law_updates(laws, np.array([8.0, 32])), [[500, 200], [20, 12.5]])
    np.testing.assert_allclose(law_updates(laws[0], np.array([8.0])), [500])


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
    _, drawn = fitted_law(*limits(updates, last), weights)
    np.testing.assert_allclose(drawn[0], S_MIN, rtol=0.7)
    np.testing.assert_allclose(drawn[1], B_CRIT, rtol=0.7)
    assert drawn[0, 0] != drawn[0, 1]


def test_nothing_is_identified_by_fewer_than_two_batch_sizes():
    updates, last = sample(14, limits=np.where(SIZES > 4, TRUE / 10, INF))
    updates[1, 0] = TRUE[1]
    weights = np.ones((4, 30))
    weights[1, 0] = 0
    weights[2] = 0
    _, drawn = fitted_law(*limits(updates, last), weights)
    np.testing.assert_array_equal(np.isnan(drawn), [[False, True, True, False]] * 2)
    assert np.all(np.isnan(plain(np.full((8, 30), INF), np.full((8, 30), 100.0))))
    assert np.all(np.isnan(plain(np.full((8, 30), INF), np.zeros((8, 30)))))


@pytest.mark.parametrize("seed", range(4))
def test_every_draw_of_an_awkward_sweep_gets_a_fit(seed):
    """Steep, flat or jagged medians, ends of every length, points that nobody reached."""
    generator = np.random.default_rng(seed)
    medians = generator.lognormal(5, 2, size=8)
    ends = medians[:, None] * generator.lognormal(size=(8, 30))
    ends[generator.random(8) < 0.4] /= 1e4
    runs = limits(*sample(seed, medians, limits=ends))
    for curve in (Law(SIZES), power_law(SIZES)):
        assert np.all(np.isfinite(fit(curve, *runs, resampled(seed, 200)).drawn))


def test_epochs_of_any_length_bias_nothing():
    """Half of the runs at the smallest sizes reach the target within two epochs."""
    per_epoch = TRUE[0] / 1.5 * SIZES[0] / SIZES
    found = [fitted_law(*by_epochs(seed, per_epoch))[0] for seed in range(30)]
    spread = np.std(np.log(found), axis=0) / np.sqrt(30)
    bias = np.mean(np.log(found), axis=0) - np.log([S_MIN, B_CRIT, SIGMA])
    assert np.all(np.abs(bias) < 4 * spread)
    # As if each had needed all updates of its last epoch, B_crit is far too large.
    ends = [plain(by_epochs(seed, per_epoch)[1], np.ones((8, 30))) for seed in range(30)]
    assert np.mean(np.log(ends), axis=0)[1] - np.log(B_CRIT) > 0.15


def test_the_exponent_of_a_power_law():
    low, high = by_epochs(20, 512 / SIZES, medians=8000 * SIZES**-0.6, sigma=0.1)
    found = fit(power_law(SIZES), low, high, np.ones((1, 30)))
    np.testing.assert_allclose(found.parameters, (np.log(8000), 0.6), atol=0.05)


def p_value(fitted, low, high):
    """The lack of fit of a curve that was fitted to these runs."""
    seen = np.isfinite(high).any(axis=1)
    return lack_of_fit(fitted, free_means(low[seen], high[seen]), low, high)


def test_lack_of_fit_is_the_f_test_where_updates_are_known():
    updates, last = sample(21, medians=8000 * SIZES**-0.6, sigma=1)
    low, high = limits(updates, last)
    fitted = fit(power_law(SIZES), low, high, np.ones((0, 30)))
    logs, sizes = np.log(updates), np.log(SIZES)
    line = np.polyval(np.polyfit(np.repeat(sizes, 30), logs.ravel(), 1), sizes)
    within = np.sum((logs - logs.mean(axis=1, keepdims=True)) ** 2) / (240 - 8)
    between = 30 * np.sum((logs.mean(axis=1) - line) ** 2) / (8 - 2)
    expected = stats.f.sf(between / within, 6, 232)
    assert 0.01 < expected < 0.99
    assert p_value(fitted, low, high) == pytest.approx(expected, rel=1e-3)


def test_lack_of_fit_needs_a_size_and_a_run_more_than_parameters():
    for sizes, replicates in ((2, 30), (8, 1)):
        runs = limits(*sample(22, medians=TRUE[:sizes], replicates=replicates))
        fitted = fit(Law(SIZES[:sizes]), *runs, np.ones((0, replicates)))
        assert np.isnan(p_value(fitted, *runs))


def test_a_size_that_nobody_reached_can_contradict_the_law():
    """The updates at 4 to 64 follow the law, at 512 nobody reached with five times as many."""
    sizes = SIZES[[0, 1, 2, 3, 4, 7]]
    medians = S_MIN * (1 + B_CRIT / sizes)
    ends = np.where(sizes == 512, 5 * medians, INF)
    updates, last = sample(23, medians=medians * np.where(sizes == 512, 100, 1), limits=ends)
    runs = limits(updates, last)
    with_it = fit(Law(sizes), *runs, np.ones((0, 30)))
    without = fit(Law(sizes[:5]), *(x[:5] for x in runs), np.ones((0, 30)))
    assert p_value(with_it, *runs) < 1e-3 < 0.01 < p_value(without, *(x[:5] for x in runs))


def test_free_means_are_the_means_of_logs():
    updates, last = sample(24)
    means = np.log(updates).mean(axis=1)
    np.testing.assert_allclose(free_means(*limits(updates, last)).parameters, means, atol=1e-4)


def test_a_draw_may_take_each_run_of_a_point_from_another_row():
    """As the learning rates of a grid: their draws are those of one row with these runs."""
    low, high = by_epochs(25, 512 / SIZES)
    others = by_epochs(26, 512 / SIZES)
    weights = resampled(27, 50)
    from_other = np.random.default_rng(28).random((50, 8, 30)) < 0.5
    from_other[:, 4:] = False
    rows = Runs(
        np.concatenate([low, others[0][:4]]),
        np.concatenate([high, others[1][:4]]),
        np.array([*range(8), *range(4)]),
        weights[:, None] * np.concatenate([~from_other, from_other[:, :4]], axis=1),
    )
    found = law.fit(Law(SIZES), low, high, rows).drawn
    for draw in range(50):
        taken = (
            np.where(from_other[draw], o, own) for o, own in zip(others, (low, high), strict=True)
        )
        expected = fit(Law(SIZES), *taken, weights[draw : draw + 1]).drawn[0]
        np.testing.assert_allclose(found[draw], expected, atol=1e-3)
    within = rows.within(np.arange(8) >= 2)
    assert within.points.tolist() == [0, 1, 2, 3, 4, 5, 0, 1] and len(within.low) == 8
