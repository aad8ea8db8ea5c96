"""The learning-rate map, on curves whose best rates are known."""

import numpy as np
import pytest
from saved import SETTINGS, Study, job, saved_point

from batchscope.analysis.best_rate import best_rate, good_factor
from batchscope.analysis.rate_map import rate_facts

INF, NAN = np.inf, np.nan
FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
SIZES = [4, 8, 16, 32, 64, 128, 256]
EPOCHS, REPLICATES = 120, 8


@pytest.mark.parametrize("best", [0.8, 1.0, 1.6, 2.2])
def test_the_best_rate_of_a_parabola_is_its_lowest_point(best):
    """Whatever the steps between the rates."""
    rates = np.array([0.0, 1, 1.5, 3])
    found = best_rate(rates, np.stack([3 * (rates - best) ** 2 - 7, (rates - best) ** 2]))
    np.testing.assert_allclose(found, best)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 2, 3], -INF),
        ([3, 2, 1, 0], INF),
        ([INF, INF, INF, 5], INF),
        ([INF] * 4, NAN),
        # Two alike at the bottom: between them. Ties are broken to the lower rates.
        ([4, 0, 0, 4], 1.5),
        # A cliff beyond the best is not among the three best; with slopes -2 and -1 before it, the
        # parabola is lowest where its slope, -2 at 0.5 and rising by 1, is 0.
        ([3, 1, 0, 50], 2.5),
        # No parabola that bends up: the best of the grid.
        ([2, 1.9, 0, 50], 2),
        # Two rates that reach: the third is so much worse that it hardly matters how much.
        ([4, 0, INF, INF], 0.5 + 4 / 11),
    ],
)
def test_the_best_rate_where_the_grid_is_no_parabola(values, expected):
    found = float(best_rate(np.arange(4.0), np.array(values, float)))
    assert found == pytest.approx(expected, nan_ok=True)
    if np.isfinite(found):
        assert abs(found - np.argmin(values)) <= 1


def test_the_factor_of_good_rates_is_between_crossings_of_lines():
    five = np.log(1.05)
    rates = np.arange(4.0)
    # A tenth of the way to 10 times as much, and half of the way to twice as much.
    values = np.array([10 * five, 0, 2 * five, 3 * five])
    assert good_factor(rates, values) == pytest.approx(0.1 + 0.5)
    # Over a rate that is good too, and no way to one that nobody reaches.
    assert good_factor(rates, np.array([INF, 0, five / 2, 1.5 * five])) == pytest.approx(1.5)
    assert good_factor(rates, np.array([five / 2, 0, 1, 1])) == INF
    assert np.isnan(good_factor(rates, np.full(4, INF)))


def study(epochs, sizes=SIZES, rates=RATES, noise=0.1, replicates=REPLICATES, last=EPOCHS, seed=0):
    """A study of one update an epoch; `epochs(rate, size)` is the median to the target."""
    generator, points = np.random.default_rng(seed), {}
    for size in sizes:
        points["sgd", size] = {}
        for rate in rates:
            steps = epochs(rate, size) * np.exp(noise * generator.normal(size=replicates))
            curves = [np.where(np.arange(1, last + 1) < min(s, 1e9), 2, 1) for s in steps]
            points["sgd", size][rate] = saved_point(curves, updates_per_epoch=1)
    jobs = {("sgd", size): job(size, last, updates_per_epoch=1) for size in sizes}
    return Study(points, FIXED, last, jobs)


def valley(best):
    """Epochs to the target that are 20 at the best rate of a size, twice that a factor 3 away."""
    bend = np.log(2) / np.log(3) ** 2
    return lambda rate, size: 20 * np.exp(bend * np.log(rate / best(size)) ** 2)


def facts(*arguments, **named):
    return rate_facts(study(*arguments, **named).rate_map("sgd"))


def holds(interval, truth):
    return interval["low"] <= truth <= interval["high"]


def test_a_power_is_found_with_its_exponent():
    found = facts(valley(lambda size: 0.004 * size**0.5))
    assert found["verdict"] == "slope" and found["measure"] == "expected_epochs"
    assert holds(found["exponent"], 0.5) and found["exponent"]["value"] == pytest.approx(
        0.5, abs=0.1
    )
    assert (found["smallest_size"], found["middle_size"], found["largest_size"]) == (4, 32, 256)
    for own in found["sizes"]:
        assert own["best_rate"]["value"] == pytest.approx(0.004 * own["batch_size"] ** 0.5, rel=0.2)


def quadratic(rate, size, noise=8.0, target=0.02):
    """Updates until the noisy quadratic model's expected loss is at the target (Zhang et al. 2019).

    One dimension of curvature 1: the square of the distance shrinks by (1 - rate)^2 an update and
    gains rate^2 noise / size.
    """
    floor = rate * noise / (size * (2 - rate))
    if floor >= target:
        return INF
    if rate == 1:
        return 1.0
    return max(1.0, np.log((target - floor) / (1 - floor)) / np.log((1 - rate) ** 2))


@pytest.mark.parametrize(
    ("sizes", "exponent"), [([8, 16, 32, 64, 128], 1), ([2048, 4096, 8192, 16384, 32768], 0)]
)
def test_the_noisy_quadratic_model_scales_linearly_below_the_critical_size(sizes, exponent):
    """Where noise limits the rate it rises as the batch size; beyond, the curvature alone does."""
    rates = [0.003 * 3 ** (step / 2) for step in range(12)]
    found = facts(quadratic, sizes=sizes, rates=rates, noise=0.02, last=900)
    assert found["exponent"]["value"] == pytest.approx(exponent, abs=0.15)


def test_a_surge_is_not_monotone():
    """Rates that rise up to batch size 32 and fall again (Li et al. 2024)."""
    found = facts(valley(lambda size: 0.05 * np.exp(-np.abs(np.log(size / 32)))))
    assert found["verdict"] == "not_monotone"


def test_a_rate_that_stops_to_rise_bends():
    found = facts(valley(lambda size: 0.002 * min(size, 32)))
    assert found["verdict"] == "bends"
    # Whole epochs leave a few hundredths.
    assert found["exponent_of_small"]["value"] == pytest.approx(1, abs=0.05)
    assert found["exponent_of_large"]["value"] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_no_slope_is_found_where_there_is_none(seed):
    found = facts(valley(lambda size: 0.03), noise=0.5, seed=seed)
    assert found["verdict"] == "no_slope" and holds(found["exponent"], 0)


def test_best_rates_at_the_ends_of_the_grid_are_one_sided():
    found = facts(valley(lambda size: 0.00008 * size**1.75))
    rates = [own["best_rate"] for own in found["sizes"]]
    assert rates[0]["value"] is None and "value" in rates[0]["below"]
    assert rates[-1]["value"] is None and "value" in rates[-1]["above"]
    # These are no part of the fit.
    assert found["smallest_size"] > 4 and found["largest_size"] < 256
    assert found["exponent"]["value"] == pytest.approx(1.75, abs=0.2)
    few = facts(valley(lambda size: 0.00008 * size**1.75), sizes=[4, 16, 256])
    assert few["verdict"] == "too_few_sizes" and few["exponent"]["value"] is None


def test_few_replicates_have_ends_too():
    found = facts(valley(lambda size: 0.00008 * size**1.75), replicates=3, noise=0.01)
    for own, where in ((found["sizes"][0], "below"), (found["sizes"][-1], "above")):
        assert own["best_rate"]["value"] is None and own["best_rate"][where] == ["value"]


def test_few_replicates_tell_the_exponent_and_no_verdict():
    found = facts(valley(lambda size: 0.004 * size**0.5), replicates=3, noise=0.01)
    assert found["verdict"] == "too_few_replicates"
    assert found["exponent"]["value"] == pytest.approx(0.5, abs=0.05)
    assert found["exponent"]["low"] is None


def test_a_size_with_a_rate_of_its_own_is_not_in_the_map():
    made = study(valley(lambda size: 0.03), sizes=[4, 16, 64, 256])
    points = {("sgd", size): {} for size in (4, 16, 64, 256)}
    for point in made.saved:
        points["sgd", point.batch_size][point.learning_rate] = (point.history, point.runs)
    points["sgd", 64] = points["sgd", 64][0.03]
    table = Study(points, FIXED, EPOCHS).rate_map("sgd")
    assert table["batch_size"].unique().tolist() == [4, 16, 256]


def test_two_full_batches_are_one():
    made = study(valley(lambda size: 0.03), sizes=[4, 16, 64, 256])
    for point in made.saved:
        point.job["effective_batch_size"] = min(point.batch_size, 64)
    assert rate_facts(made.rate_map("sgd"))["largest_size"] == 64
