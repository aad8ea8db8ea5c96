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
        4: reaching([1] * 8, seconds=10.5),
        8: reaching([2] * 8, seconds=5.0),
        16: reaching([3] * 8, seconds=5.0),
        32: reaching([8] * 8, seconds=5.0),
        64: reaching([1] * 7 + [None], seconds=0.1),
        128: out_of_memory(8),
    }


def test_soonest_cheapest_margin_and_rule_of_thumb(points):
    found = recommended(points)
    assert sizes(found["candidates"]) == [4, 8, 16, 32]
    soonest, cheapest = found["soonest"], found["cheapest"]
    # The last epoch that could have been seen is the tenth, at 5 s.
    assert (soonest["batch_size"], soonest["seconds"]) == (8, number(1.0) | {"later_than": 5.0})
    assert soonest["share_of_draws"] == 1 and found["soonest_missing"] is None
    # A hundred samples an epoch.
    assert (cheapest["batch_size"], cheapest["examples"]["value"]) == (4, 100)
    within = found["within_margin"]
    assert (sizes(within["points"]), within["contiguous"]) == ([4, 8], True)
    assert (within["margin"], within["share_of_draws"]) == (0.1, 1)
    thumb = found["rule_of_thumb"]
    assert (thumb["batch_size"], thumb["status"]) == (32, "slower_or_equal")
    assert thumb["ratio"] == number(4.0) and thumb["share_of_draws_slower"] == 1


def test_never_a_size_that_a_replicate_did_not_reach(points):
    """64 would be ten times sooner than any other in seven of eight replicates."""
    found = recommended(points)
    assert found["excluded"] == [
        {"recipe": "sgd", "batch_size": 64, "reason": "not_reached", "reached": 7},
        {"recipe": "sgd", "batch_size": 128, "reason": "out_of_memory", "reached": 0},
    ]
    named = [found["soonest"], found["cheapest"], *found["within_margin"]["points"]]
    assert not set(sizes(named)) & {64, 128}


def test_shares_are_of_paired_draws():
    """Of eight replicates five are sooner at 4 and three at 8: medians decide in each draw."""
    four, eight = [1.0] * 8, [2.0] * 5 + [0.5] * 3
    made = study({4: reaching([1] * 8, seconds=four), 8: reaching([1] * 8, seconds=eight)})
    found = made.answer()["recipes"]["sgd"]["recommendation"]
    counts = made.measurements.boot.counts.astype(int)
    medians = np.array([np.median(np.repeat(eight, own)) for own in counts])
    assert found["soonest"]["batch_size"] == 4
    assert found["soonest"]["share_of_draws"] == np.mean(medians >= 1.0)
    assert 0.7 < found["soonest"]["share_of_draws"] < 0.9
    assert sizes(found["within_margin"]["points"]) == [4]
    # Both need one epoch, so each shares the first place of every draw.
    assert found["cheapest"]["share_of_draws"] == 1


def two_recipes(points):
    named = {("sgd", size): saved for size, saved in points.items()}
    named["adam", 4] = reaching([1] * 8, seconds=1.0)
    named["adam", 32] = reaching([1] * 8, seconds=2.0)
    return named


def test_over_recipes_the_best_point_of_all_wins(points):
    overall = Study(two_recipes(points), FIXED, EPOCHS).answer()["overall"]
    assert overall["status"] == "common_target"
    found = overall["recommendation"]
    assert (found["soonest"]["recipe"], found["soonest"]["batch_size"]) == ("adam", 4)
    # 32 is judged at its own best, which is Adam's.
    assert found["rule_of_thumb"]["point"]["recipe"] == "adam"
    assert found["rule_of_thumb"]["ratio"]["value"] == pytest.approx(2.0)


def test_recipes_without_a_common_target_are_not_compared(points):
    """One recipe; with a target of each; with none for one of them."""
    assert study(points).answer()["overall"]["status"] == "one_recipe"
    named = two_recipes(points)
    named["adam", 32] = saved_point([[0.5] * EPOCHS] * 8)
    overall = Study(named, SETTINGS, EPOCHS).answer()["overall"]
    assert (overall["status"], overall["recommendation"]) == ("own_targets", None)
    named["adam", 32] = saved_point([[NAN]] * 8)
    overall = Study(named, SETTINGS, EPOCHS).answer()["overall"]
    assert (overall["status"], overall["recipes_without_target"]) == ("no_target", ["adam"])


@pytest.mark.parametrize("eighth", [2.0, None])
def test_a_gap_in_the_sizes_is_not_bridged(eighth):
    """8 takes longer, or a replicate did not reach."""
    found = recommended(
        {
            4: reaching([1] * 5, seconds=1.0),
            8: reaching([1] * 4 + [1 if eighth else None], seconds=eighth or 1.0),
            16: reaching([1] * 5, seconds=1.05),
        }
    )
    within = found["within_margin"]
    assert (sizes(within["points"]), within["contiguous"]) == ([4, 16], False)
    assert found["rule_of_thumb"]["status"] == "unknown"


def test_the_rule_of_thumb_may_be_the_soonest():
    found = recommended({4: reaching([9] * 5), 32: reaching([1] * 5)})
    assert found["rule_of_thumb"]["status"] == "is_soonest"
    assert found["rule_of_thumb"]["ratio"] == number(1.0)


def test_unknown_seconds_of_one_size_spoil_no_share_of_another():
    some = [10.0, NAN, NAN, NAN, NAN]
    found = recommended({4: reaching([1] * 5, seconds=0.1), 512: reaching([1] * 5, seconds=some)})
    assert found["soonest"]["batch_size"] == 4
    assert found["soonest"]["share_of_draws"] == found["within_margin"]["share_of_draws"] == 1


def test_seconds_of_two_devices_do_not_compare():
    points = {4: reaching([1] * 5), 32: reaching([2] * 5)}
    found = recommended(points, {32: job(32, EPOCHS, device="GPU: other")})
    assert (found["soonest"], found["soonest_missing"]) == (None, "several_devices")
    assert found["devices"] == ["CPU: test", "GPU: other"]
    assert found["within_margin"] is found["rule_of_thumb"] is None
    assert found["cheapest"]["batch_size"] == 4


def test_tuned_learning_rates_are_told_with_what_was_chosen_by_them():
    facts = {"learning_rate": 0.3, "learning_rate_edge": "highest", "tuning_seconds": 1}
    found = recommended({4: reaching([1] * 5), 32: reaching([2] * 5)}, {4: job(4, EPOCHS, **facts)})
    told = {"learning_rate": 0.3, "tuned": True, "learning_rate_edge": "highest"}
    assert told.items() <= found["soonest"].items()
    told = {"learning_rate": 0.001, "tuned": False, "learning_rate_edge": None}
    assert told.items() <= found["rule_of_thumb"]["point"].items()


def test_few_replicates_have_a_range_and_no_share():
    made = study({4: reaching([1, 2], seconds=[1.0, 3.0]), 32: reaching([1, 1], seconds=9.0)})
    found = made.answer()
    assert found["intervals"] == {
        "kind": "range",
        "kind_of_means": "range",
        "level": None,
        "replicates": 2,
        "draws": None,
    }
    soonest = found["recipes"]["sgd"]["recommendation"]["soonest"]
    assert soonest["share_of_draws"] is None
    assert soonest["seconds"] == number(0.35, 0.1, 0.6) | {"later_than": pytest.approx(2.0)}


def test_nothing_reached_recommends_nothing():
    found = recommended({4: reaching([None] * 5), 32: reaching([1] * 4 + [None])})
    assert found["soonest_missing"] == "no_candidate" and found["candidates"] == []
    assert found["soonest"] is found["cheapest"] is found["within_margin"] is None
    assert [(point["batch_size"], point["reached"]) for point in found["excluded"]] == [
        (4, 0),
        (32, 4),
    ]


def test_unknown_seconds_recommend_by_examples_alone():
    saved = {4: reaching([1] * 5, seconds=[NAN] * 5), 32: reaching([2] * 5, seconds=[NAN] * 5)}
    found = recommended(saved)
    assert (found["soonest"], found["soonest_missing"]) == (None, "seconds_unknown")
    assert found["cheapest"]["batch_size"] == 4
