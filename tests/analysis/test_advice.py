"""Which batch size on which device: known answers from a law and lines that were planted."""

import numpy as np
import pytest
from answers import EPOCHS, SAMPLES, facts, point, settings
from devices import B_CRIT, SIZES, elsewhere, study, told
from saved import Study


def first(*devices):
    """What is told of the first device."""
    return told(*devices)["recipes"]["adam"]["devices"][0]


@pytest.fixture(scope="module")
def made():
    return study()


def test_the_best_size_is_that_of_law_and_line(made):
    found = first((made.measurements, None, True, {}))
    assert found["status"] == "told"
    assert found["alpha"]["value"] == pytest.approx(2e-5, rel=1e-6)
    assert found["beta"]["value"] == pytest.approx(1e-6, rel=1e-6)
    assert found["misfit"] == pytest.approx(0, abs=1e-9)
    best = np.sqrt(2e-5 * B_CRIT / 1e-6)
    assert found["optimum"]["value"] == pytest.approx(best, rel=0.15)
    assert found["optimum"]["low"] < best < found["optimum"]["high"]


def test_no_size_takes_less_than_the_best_one(made):
    found = first((made.measurements, None, True, {}))
    least = min(made.measurements.estimates["target_seconds"].value)
    # A run is looked at when an epoch ends, so what is measured is a little late.
    assert 0.9 * least < found["optimum_seconds"]["value"] < least


def test_half_of_the_sizes_predict_the_other_half(made):
    check = first((made.measurements, None, True, {}))["check"]
    assert [own["batch_size"] for own in check] == [4, 16]
    assert check[0]["from_sizes"] == [2, 8, 32, 64]
    for own in check:
        ratio = own["predicted_seconds"] / own["measured_seconds"]["value"]
        assert ratio == pytest.approx(1, abs=0.06)


def test_a_size_of_which_the_law_is_wrong_is_predicted_wrongly():
    """Were the measured size among those predicted from, the check would find nothing."""
    made = study()
    history = made.saved[3].history
    slow = history["val_loss"].to_numpy().copy()
    history.loc[:, "val_loss"] = 0.4 + (slow - 0.4) ** 0.5
    changed = Study(
        {(p.recipe, p.batch_size): (p.history, p.runs) for p in made.saved},
        settings(0.45),
        EPOCHS,
        {(p.recipe, p.batch_size): p.job for p in made.saved},
    )
    check = first((changed.measurements, None, True, {}))["check"]
    wrong = next(own for own in check if own["batch_size"] == 16)
    assert wrong["predicted_seconds"] < 0.7 * wrong["measured_seconds"]["value"]


def test_another_device_has_its_own_seconds_and_best_size(made):
    other = elsewhere(made, line=(3.2e-4, 1e-6))
    found = first((other, None, False, {}))
    assert found["optimum"]["value"] == pytest.approx(np.sqrt(3.2e-4 * B_CRIT / 1e-6), rel=0.15)
    own = first((made.measurements, None, True, {}))
    for there, here in zip(
        found["recommendation"]["candidates"], own["recommendation"]["candidates"], strict=True
    ):
        updates = -(-SAMPLES // there["batch_size"])
        ratio = (3.2e-4 * updates + 1e-6 * SAMPLES) / (2e-5 * updates + 1e-6 * SAMPLES)
        seconds = there["expected_seconds"]["value"] / here["expected_seconds"]["value"]
        assert seconds == pytest.approx(ratio, rel=1e-6)
        assert there["expected_examples"] == here["expected_examples"]


def test_a_best_size_beyond_those_trained_is_told_on_which_side_it_lies(made):
    above = first((elsewhere(made, line=(1e-2, 1e-6)), None, False, {}))
    assert above["status"] == "told" and "value" in above["optimum"]["above"]
    assert above["optimum_seconds"] is None
    below = first((elsewhere(made, line=(1e-7, 1e-6)), None, False, {}))
    assert "value" in below["optimum"]["below"] and below["optimum_seconds"] is None


def test_seconds_that_do_not_rise_with_the_size_are_no_line(made):
    found = first((elsewhere(made, line=(1e-4, -1e-6)), None, False, {}))
    assert (found["status"], found["optimum"], found["alpha"]) == ("no_line", None, None)


def test_two_sizes_are_too_few():
    found = first((study(sizes=(4, 16)).measurements, None, True, {}))
    assert found["status"] == "too_few_sizes" and found["check"] == []
    assert found["recommendation"]["soonest"]


def test_without_the_law_there_is_no_best_size():
    """At these sizes a run takes fewer than five epochs, too coarse to judge by."""
    points = {("adam", size): point(size, rate=3) for size in (4, 8, 16)}
    jobs = {name: facts(name[1]) for name in points}
    coarse = Study(points, settings(0.45), EPOCHS, jobs, spread=0.01)
    found = first((coarse.measurements, None, True, {}))
    assert (found["status"], found["optimum"]) == ("no_law", None)
    assert found["alpha"]["value"] > 0


def test_a_size_that_was_not_measured_there_has_no_seconds(made):
    found = first((elsewhere(made, sizes=SIZES[1:]), 2.0, False, {}))
    smallest = found["recommendation"]["candidates"][0]
    assert smallest["batch_size"] == 2 and smallest["expected_seconds"] is None
    assert found["costs"][0] is None and found["costs"][1]["value"] > 0
    assert found["smallest_size"] == 4


def test_a_cost_is_seconds_times_the_price(made):
    found = first((made.measurements, 7.2, True, {}))
    for cost, candidate in zip(found["costs"], found["recommendation"]["candidates"], strict=True):
        for part in ("value", "low", "high"):
            seconds = candidate["expected_seconds"][part]
            assert cost[part] == pytest.approx(seconds * 0.002)


def test_the_soonest_device_need_not_be_the_cheapest(made):
    """Three times as quick, at ten times the price."""
    fast = elsewhere(made, line=(2e-5 / 3, 1e-6 / 3))
    found = told((made.measurements, 1.0, True, {}), (fast, 10.0, False, {}))["recipes"]["adam"]
    assert found["soonest_device"] == {"device": 1, "share_of_draws": 1}
    assert found["cheapest_device"] == {"device": 0, "share_of_draws": 1}


def test_devices_that_are_alike_are_not_told_apart(made):
    """Their draws are independent, so either is first in some."""
    one, other = elsewhere(made, 1), elsewhere(made, 2)
    found = told((one, 1.0, False, {}), (other, 1.0, False, {}))["recipes"]["adam"]
    assert 0.3 < found["soonest_device"]["share_of_draws"] < 0.7


def test_a_device_without_a_price_leaves_the_cheapest_open(made):
    found = told((made.measurements, 1.0, True, {}), (elsewhere(made), None, False, {}))
    assert found["recipes"]["adam"]["cheapest_device"] is None
    assert found["recipes"]["adam"]["soonest_device"] is not None


def test_one_device_is_the_first_of_nothing(made):
    found = told((made.measurements, 1.0, True, {}))["recipes"]["adam"]
    assert found["soonest_device"] is None and found["cheapest_device"] is None


def test_a_target_that_nobody_reaches_is_told_as_such():
    points = {("adam", size): point(size, rate=0.001) for size in (4, 16, 64)}
    jobs = {name: facts(name[1]) for name in points}
    nobody = Study(points, settings(0.2), EPOCHS, jobs)
    found = first((nobody.measurements, 1.0, True, {}))
    assert found["status"] == "too_few_sizes" and found["costs"] == []
    assert found["smallest_size"] is None
