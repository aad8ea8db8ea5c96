"""What the spread over batch sizes is due to, on made-up runs whose answers are known."""

import pytest
from saved import RECIPE, SETTINGS, Study, saved_point

FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
EPOCHS = 100
RATES = {"fixed": 0.1, "linear": {"rule": "linear", "value": 0.1}, "tuned": {"grid": [0.1, 0.2]}}
RECIPES = [RECIPE[0] | {"name": name, "learning_rate": rate} for name, rate in RATES.items()]


def reaching(epochs):
    """A point whose replicates reach the loss 1 at `epochs`, or never where that is None."""
    return saved_point(
        [[2 if e is None or t < e else 1 for t in range(1, EPOCHS + 1)] for e in epochs]
    )


def causes(fixed, linear, tuned, recipes=RECIPES):
    """The causes, given {batch size: epochs to the target of each replicate} of each recipe."""
    points = {
        (name, size): reaching(epochs)
        for name, own in (("fixed", fixed), ("linear", linear), ("tuned", tuned))
        for size, epochs in own.items()
    }
    return Study(points, FIXED, EPOCHS).answer(recipes)["causes"]


def test_what_is_left_of_the_spread():
    """Sixteen times at one rate; four times and twice are a half and a quarter of that in logs."""
    linear, tuned = causes(
        {4: [4] * 5, 512: [64] * 5}, {4: [8] * 5, 512: [32] * 5}, {4: [10] * 5, 512: [20] * 5}
    )
    names = [
        (cause["optimizer"], cause["base"], cause["other"], cause["how"])
        for cause in (linear, tuned)
    ]
    assert names == [("SGD", "fixed", "linear", "rule"), ("SGD", "fixed", "tuned", "grid")]
    assert linear["status"] == tuned["status"] == "measured"
    assert (linear["sizes"], linear["all_sizes"]) == ([4, 512], True)
    spreads = [linear[key]["value"] for key in ("spread", "spread_left", "share_left")]
    assert spreads == pytest.approx([16, 4, 0.5])
    assert tuned["share_left"]["value"] == pytest.approx(0.25)
    assert linear["reversed"] is False
    # All replicates are alike, so the limits have no width.
    assert (linear["share_left"]["low"], linear["share_left"]["high"]) == pytest.approx((0.5, 0.5))


def test_what_both_reached_is_compared():
    linear, tuned = causes(
        {4: [4] * 5, 64: [16] * 5, 512: [None] * 5},
        {4: [8] * 5, 64: [16] * 5, 512: [32] * 5},
        {4: [None] * 5, 64: [None] * 5, 512: [9] * 5},
    )
    assert (linear["sizes"], linear["all_sizes"]) == ([4, 64], False)
    spreads = [linear[key]["value"] for key in ("spread", "spread_left")]
    assert spreads == pytest.approx([4, 2])
    assert tuned["status"] == "too_few_sizes"


def test_no_spread_has_no_cause():
    linear, _ = causes(
        {4: [9, 10, 11, 9, 11], 512: [11, 9, 10, 10, 9]}, {4: [5] * 5, 512: [9] * 5}, {4: [1] * 5}
    )
    assert (linear["status"], linear["share_left"]) == ("no_spread", None)
    assert linear["spread"]["low"] <= 1 <= linear["spread"]["high"]


def test_targets_of_their_own_compare_with_nothing():
    points = {
        ("fixed", 4): saved_point([[3, 1]] * 5),
        ("linear", 4): saved_point([[3, 0.5]] * 5),
    }
    [cause] = Study(points, SETTINGS, 2).answer(RECIPES[:2])["causes"]
    assert cause["status"] == "own_targets"


def test_recipes_that_differ_in_more_show_no_cause():
    recipes = [RECIPES[0], RECIPES[2] | {"warmup_epochs": 3}]
    points = {4: [4] * 5, 512: [64] * 5}
    [cause] = causes(points, {}, points, recipes=recipes)
    assert (cause["status"], cause["base"], cause["other"]) == (
        "differ_otherwise",
        "fixed",
        "tuned",
    )


def test_a_reversed_spread_leaves_a_negative_share():
    [cause] = causes(
        {4: [4] * 5, 512: [64] * 5}, {}, {4: [32] * 5, 512: [8] * 5}, recipes=RECIPES[::2]
    )
    assert cause["spread_left"]["value"] == 0.25
    assert cause["share_left"]["value"] == pytest.approx(-0.5)
    assert cause["reversed"] is True


def test_one_recipe_shows_no_cause():
    [cause] = causes({4: [1] * 5}, {}, {}, recipes=RECIPES[:1])
    assert (cause["status"], cause["base"]) == ("no_pair", None)


def test_half_life_is_no_rule_of_the_learning_rate():
    half_life = RECIPES[1] | {"learning_rate": {"rule": "half_life", "value": 0.1}}
    keeping = RECIPES[1] | {"name": "tuned", "keep_timescale": True}
    recipes = [RECIPES[0], half_life, keeping]
    one, other = causes(*[{4: [4] * 5, 512: [64] * 5}] * 3, recipes)
    assert (one["how"], one["status"]) == ("half_life", "measured")
    assert (other["how"], other["status"]) == ("rule", "differ_otherwise")
