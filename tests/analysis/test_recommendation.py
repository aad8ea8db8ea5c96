"""The recommendation, on made-up runs whose answers are known."""

import numpy as np
import pytest
from saved import SETTINGS, Study, job, out_of_memory, saved_point

NAN = np.nan
FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
EPOCHS = 10


def reaching(epochs, seconds=1.0):
    """A point whose replicates reach the loss 1 at `epochs`, or never where that is None."""
    curves = [[2 if e is None or t < e else 1 for t in range(1, EPOCHS + 1)] for e in epochs]
    return saved_point(curves, seconds=seconds)


def study(points, jobs=None):
    """The study of {batch size: (history, runs)}."""
    named = {("sgd", size): saved for size, saved in points.items()}
    return Study(
        named, FIXED, EPOCHS, {("sgd", size): facts for size, facts in (jobs or {}).items()}
    )


def recommended(points, jobs=None):
    return study(points, jobs).answer()["recipes"]["sgd"]["recommendation"]


def sizes(points):
    return [point["batch_size"] for point in points]


def candidate(found, size):
    """The candidate of a batch size."""
    [point] = [point for point in found["candidates"] if point["batch_size"] == size]
    return point


def number(value, low=None, high=None):
    """An interval as JSON has it, nothing of which is beyond what could be seen."""
    return {
        "value": pytest.approx(value),
        "low": pytest.approx(value if low is None else low),
        "high": pytest.approx(value if high is None else high),
        "above": [],
        "below": [],
        "later_than": None,
    }


@pytest.fixture
def points():
    """Seconds are ten times those of an epoch; size 8 takes 1 s, 4 takes 1.05 s, 32 takes 4 s."""
    return {
        4: reaching([1] * 10, seconds=10.5),
        8: reaching([2] * 10, seconds=5.0),
        16: reaching([3] * 10, seconds=5.0),
        32: reaching([8] * 10, seconds=5.0),
        64: reaching([1] * 7 + [None] * 3, seconds=0.1),
        128: out_of_memory(10),
    }


def test_soonest_cheapest_and_rule_of_thumb(points):
    found = recommended(points)
    assert sizes(found["candidates"]) == [4, 8, 16, 32]
    assert found["soonest"] == first(8)
    assert found["cheapest"] == first(4)
    assert found["soonest_missing"] is None
    eight, thumb = candidate(found, 8), candidate(found, 32)
    assert eight["expected_seconds"] == number(1.0) and eight["times_the_soonest"] == number(1.0)
    assert thumb["expected_seconds"] == number(4.0) and thumb["times_the_soonest"] == number(4.0)
    # A hundred samples an epoch.
    assert eight["expected_examples"] == number(200) and eight["times_the_cheapest"] == number(2)
    assert found["rule_of_thumb"] == {
        "batch_size": 32,
        "status": "slower",
        "point": named(32),
        "share_of_draws_slower": 1,
    }


def named(size, recipe="sgd"):
    return {"recipe": recipe, "batch_size": size}


def first(*sizes):
    """Sizes that are the first in every draw."""
    return {"points": [named(size) for size in sizes], "undecided": [], "share_of_draws": 1}


def test_never_a_size_that_is_not_reliable(points):
    """64 would be ten times sooner than any other in seven of ten replicates."""
    found = recommended(points)
    assert found["excluded"] == [
        named(64) | {"reason": "not_reached", "reached": 7, "same_as": None},
        named(128) | {"reason": "out_of_memory", "reached": 0, "same_as": None},
    ]


def test_failures_are_paid_for():
    """One run of ten does not reach: nine times 1 epoch and 10 epochs, over nine successes."""
    found = recommended({4: reaching([1] * 9 + [None]), 8: reaching([2] * 10)})
    assert candidate(found, 4)["reached"] == 9
    assert candidate(found, 4)["expected_examples"]["value"] == pytest.approx(100 * 19 / 9)
    assert found["cheapest"]["points"] == [named(8)]
    low, high = (candidate(found, 4)["success"][end] for end in ("low", "high"))
    # Wilson 1927 by hand: centre (9 + 1.92) / 13.84, half width 1.96 sqrt(0.9 + 0.96) / 13.84.
    assert (low, high) == pytest.approx((0.5958, 0.9821), abs=1e-4)


@pytest.mark.parametrize(("replicates", "kept", "lost"), [(5, 4, 3), (10, 8, 7), (30, 24, 23)])
def test_a_reliable_size_stays_as_evidence_grows(replicates, kept, lost):
    for reached, stays in ((kept, True), (lost, False)):
        epochs = [1] * reached + [None] * (replicates - reached)
        assert bool(recommended({4: reaching(epochs)})["candidates"]) is stays


def test_ties_are_all_named():
    found = recommended({4: reaching([2] * 10), 8: reaching([2] * 10), 16: reaching([3] * 10)})
    assert found["soonest"] == found["cheapest"] == first(4, 8)


def test_two_full_batches_are_one():
    """On a hundred samples, 512 trains exactly as 100 does."""
    points = {size: reaching([2] * 10) for size in (4, 100, 512)}
    jobs = {512: job(512, EPOCHS, effective_batch_size=100)}
    found = recommended(points, jobs)
    assert sizes(found["candidates"]) == [4, 100]
    assert found["excluded"] == [
        named(512) | {"reason": "same_training", "reached": 10, "same_as": 100}
    ]


def test_a_full_batch_with_other_arguments_is_a_training_of_its_own():
    points = {size: reaching([2] * 10) for size in (4, 100, 512)}
    jobs = {size: job(size, EPOCHS, effective_batch_size=100) for size in (100, 512)}
    jobs[100]["point"]["arguments"] = {"beta_2": 0.99}
    assert sizes(recommended(points, jobs)["candidates"]) == [4, 100, 512]


def test_a_full_batch_with_more_epochs_is_a_training_of_its_own():
    """Both are full batch; 512 was given more epochs by an override, and reaches."""
    points = {100: reaching([None] * 10), 512: reaching([2] * 10)}
    jobs = {512: job(512, 2 * EPOCHS, effective_batch_size=100)}
    found = recommended(points, jobs)
    assert sizes(found["candidates"]) == [512]
    assert [point["reason"] for point in found["excluded"]] == ["not_reached"]


def test_shares_are_of_paired_draws():
    """Size 8 is later in six replicates and sooner in four: means decide in each draw."""
    four, eight = [5] * 10, [6] * 6 + [3] * 4
    made = study({4: reaching(four), 8: reaching(eight)})
    found = made.answer()["recipes"]["sgd"]["recommendation"]
    counts = made.measurements.boot.counts
    drawn = [counts @ np.array(epochs) / 10 for epochs in (four, eight)]
    assert found["cheapest"]["points"] == [named(8)]
    assert found["cheapest"]["share_of_draws"] == np.mean(drawn[1] <= drawn[0])
    assert 0.5 < found["cheapest"]["share_of_draws"] < 0.9
    assert found["cheapest"]["undecided"] == [named(4)]
    ratio = candidate(found, 4)["times_the_cheapest"]
    assert ratio["value"] == pytest.approx(50 / 48) and ratio["low"] < 1 < ratio["high"]


def two_recipes(points):
    both = {("sgd", size): saved for size, saved in points.items()}
    both["adam", 4] = reaching([1] * 10, seconds=1.0)
    both["adam", 32] = reaching([1] * 10, seconds=2.0)
    return both


def test_over_recipes_the_best_point_of_all_wins(points):
    overall = Study(two_recipes(points), FIXED, EPOCHS).answer()["overall"]
    assert overall["status"] == "common_target"
    found = overall["recommendation"]
    assert found["soonest"]["points"] == [named(4, "adam")]
    # 32 is judged at its own best, which is Adam's.
    assert found["rule_of_thumb"]["point"] == named(32, "adam")


def test_recipes_without_a_common_target_are_not_compared(points):
    """One recipe; with a target of each; with none for one of them."""
    assert study(points).answer()["overall"]["status"] == "one_recipe"
    both = two_recipes(points)
    both["adam", 32] = saved_point([[0.5] * EPOCHS] * 10)
    overall = Study(both, SETTINGS, EPOCHS).answer()["overall"]
    assert (overall["status"], overall["recommendation"]) == ("own_targets", None)
    both["adam", 32] = saved_point([[NAN]] * 10)
    overall = Study(both, SETTINGS, EPOCHS).answer()["overall"]
    assert (overall["status"], overall["recipes_without_target"]) == ("no_target", ["adam"])


@pytest.mark.parametrize(
    ("sized", "status"),
    [
        ({4: [9] * 10, 32: [1] * 10}, "is_soonest"),
        ({4: [1] * 10, 32: [9] * 10}, "slower"),
        ({4: [1] * 10, 32: [None] * 10}, "excluded"),
        ({4: [1] * 10, 16: [1] * 10}, "not_trained"),
    ],
)
def test_what_is_said_of_the_rule_of_thumb(sized, status):
    found = recommended({size: reaching(epochs) for size, epochs in sized.items()})
    assert found["rule_of_thumb"]["status"] == status


def test_unknown_seconds_of_one_size_spoil_no_share_of_another():
    known, unknown = reaching([1] * 10, seconds=0.1), reaching([1] * 10, seconds=[NAN] * 10)
    found = recommended({4: known, 32: unknown})
    assert found["soonest"] == first(4)
    assert candidate(found, 32)["expected_seconds"] is None
    assert found["rule_of_thumb"]["status"] == "seconds_unknown"


def test_seconds_are_of_the_device_that_they_were_measured_on():
    points = {4: reaching([1] * 10), 32: reaching([2] * 10)}
    found = recommended(points, {32: job(32, EPOCHS, device="GPU: other")})
    assert found["devices"] == ["CPU: test", "GPU: other"]
    assert found["seconds_device"] == "CPU: test"
    assert found["soonest"]["points"] == [named(4)]
    assert candidate(found, 32)["expected_seconds"]["value"] == 0.2


def test_tuned_learning_rates_are_told_with_what_was_chosen_by_them():
    # At 0.3 one run of ten takes two epochs, at 0.1 all do.
    points = {
        4: {0.1: reaching([2] * 10), 0.3: reaching([2] + [1] * 9)},
        32: reaching([2] * 10),
    }
    found = recommended(points)
    told = {"learning_rate": 0.3, "tuned": True, "learning_rate_edge": "highest"}
    assert told.items() <= candidate(found, 4).items()
    # But for draws of that replicate alone, which are not among 20,000.
    assert candidate(found, 4)["learning_rate_share"] == 1
    told = {"learning_rate": 0.001, "tuned": False, "learning_rate_edge": None}
    told["learning_rate_share"] = None
    assert told.items() <= candidate(found, 32).items()


def test_few_replicates_have_the_range_of_runs_and_no_share():
    made = study({4: reaching([1, 2], seconds=[2.0, 2.0]), 32: reaching([1, 1], seconds=9.0)})
    found = made.answer()
    told = {"kind": "range", "kind_of_means": "range", "level": None, "replicates": 2}
    assert told.items() <= found["intervals"].items()
    recommendation = found["recipes"]["sgd"]["recommendation"]
    assert recommendation["soonest"]["share_of_draws"] is None
    assert candidate(recommendation, 4)["expected_seconds"] == number(0.3, 0.2, 0.4)


def test_nothing_reached_recommends_nothing():
    found = recommended({4: reaching([None] * 5), 32: reaching([1] * 3 + [None] * 2)})
    assert found["soonest_missing"] == "no_candidate" and found["candidates"] == []
    assert found["soonest"] is found["cheapest"] is found["rule_of_thumb"] is None
    assert [(point["batch_size"], point["reached"]) for point in found["excluded"]] == [
        (4, 0),
        (32, 3),
    ]


def test_unknown_seconds_recommend_by_examples_alone():
    saved = {4: reaching([1] * 10, seconds=[NAN] * 10), 32: reaching([2] * 10, seconds=[NAN] * 10)}
    found = recommended(saved)
    assert (found["soonest"], found["soonest_missing"]) == (None, "seconds_unknown")
    assert found["seconds_device"] is None
    assert found["cheapest"]["points"] == [named(4)]
