"""The recommendation and the causes, on made-up runs whose answers are known."""

import json

import numpy as np
import pytest
from saved import SETTINGS, Study, job, out_of_memory, saved_point

from batchscope.analysis.causes import cause_sentences
from batchscope.analysis.recommendation import plain, recommend
from batchscope.analysis.sensitivity import (
    CONFIGURED,
    STABLE,
    ranking_sentence,
    sensitivity_medians,
    sensitivity_rows,
)
from batchscope.report.advice import recommendation_sentences

NAN = np.nan
FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
EPOCHS = 10


def reaching(epochs, seconds=1.0, length=EPOCHS):
    """A point whose replicates reach the loss 1 at `epochs`, or never where that is None."""
    curves = [[2 if e is None or t < e else 1 for t in range(1, length + 1)] for e in epochs]
    return saved_point(curves, seconds=seconds)


def study(points, recipe="sgd"):
    histories = {(recipe, size): saved for size, saved in points.items()}
    return Study(histories, FIXED, EPOCHS)


def found(points):
    made = study(points)
    return recommend(made.table, made.estimates, made.boot)


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
    answer = found(points)
    assert [point["batch_size"] for point in answer["candidates"]] == [4, 8, 16, 32]
    soonest, cheapest = answer["soonest"], answer["cheapest"]
    assert (soonest["batch_size"], soonest["median"]) == (8, pytest.approx(1.0))
    assert (soonest["low"], soonest["high"]) == pytest.approx((1.0, 1.0))
    assert soonest["probability"] == 1
    # A hundred samples an epoch.
    assert (cheapest["batch_size"], cheapest["median"]) == (4, 100)
    within = answer["within_margin"]
    assert [point["batch_size"] for point in within["points"]] == [4, 8]
    assert within["probability"] == 1
    thumb = answer["rule_of_thumb"]
    assert thumb["times_the_soonest"] == pytest.approx(4.0)
    assert thumb["probability_slower"] == 1


def test_never_a_size_that_a_replicate_did_not_reach(points):
    """64 would be ten times sooner than any other in seven of eight replicates."""
    answer = found(points)
    assert answer["excluded"] == [
        {"recipe": "sgd", "batch_size": 64, "reason": "not_reached", "reached": 7},
        {"recipe": "sgd", "batch_size": 128, "reason": "out_of_memory", "reached": 0},
    ]
    named = [answer["soonest"], answer["cheapest"], *answer["within_margin"]["points"]]
    assert not {point["batch_size"] for point in named} & {64, 128}


def test_probabilities_are_shares_of_paired_draws():
    """Of eight replicates five are sooner at 4 and three at 8: medians decide in each draw."""
    four, eight = [1.0] * 8, [2.0] * 5 + [0.5] * 3
    made = study({4: reaching([1] * 8, seconds=four), 8: reaching([1] * 8, seconds=eight)})
    answer = recommend(made.table, made.estimates, made.boot)
    medians = np.median(np.array(eight)[made.boot.indices], axis=1)
    assert answer["soonest"]["batch_size"] == 4
    assert answer["soonest"]["probability"] == np.mean(medians >= 1.0)
    assert 0.7 < answer["soonest"]["probability"] < 0.9
    assert answer["within_margin"]["points"] == [{"recipe": "sgd", "batch_size": 4}]
    # Both need one epoch, so each shares the first place of every draw.
    assert answer["cheapest"]["probability"] == 1


def test_over_recipes_the_best_point_of_all_wins(points):
    histories = {("sgd", size): saved for size, saved in points.items()}
    histories["adam", 4] = reaching([1] * 8, seconds=1.0)
    histories["adam", 32] = reaching([1] * 8, seconds=2.0)
    made = Study(histories, FIXED, EPOCHS)
    answer = recommend(made.table, made.estimates, made.boot)
    assert (answer["soonest"]["recipe"], answer["soonest"]["batch_size"]) == ("adam", 4)
    # 32 is judged at its own best, which is Adam's.
    assert answer["rule_of_thumb"]["recipe"] == "adam"
    assert answer["rule_of_thumb"]["times_the_soonest"] == pytest.approx(2.0)
    text = " ".join(recommendation_sentences(answer, several=True))
    assert (
        "**Soonest:** adam at batch size 4 reaches the target in 0.100 (0.100–0.100) s on" in text
    )
    assert "sgd at batch size 64 (7 of 8)" in text


def test_sentences(points):
    text = "\n".join(recommendation_sentences(found(points), several=False))
    for part in (
        "**Soonest:** batch size 8 reaches the target in 1.00 (1.00–1.00) s on CPU: test "
        "(probability over 99% of being the soonest).",
        "**Within 10% of the soonest:** batch sizes 4 to 8 "
        "(probability over 99% that the soonest is among them).",
        "**Fewest examples:** batch size 4 reaches the target after 100 (100–100) examples",
        "**The rule of thumb, 32:** batch size 32 takes 4.00 (4.00–4.00) times as long as batch "
        "size 8 (probability over 99% of being slower).",
        "since not every replicate reached the target there: batch size 64 (7 of 8).",
        "since it does not fit into the device's memory: batch size 128.",
    ):
        assert part in text


def test_a_gap_in_the_sizes_is_not_bridged():
    answer = found(
        {
            4: reaching([1] * 5, seconds=1.0),
            8: reaching([1] * 5, seconds=2.0),
            16: reaching([1] * 5, seconds=1.05),
        }
    )
    text = " ".join(recommendation_sentences(answer, several=False))
    assert "**Within 10% of the soonest:** batch sizes 4 and 16 (" in text
    assert "**The rule of thumb, 32:** not among the candidates" in text


def test_a_size_that_was_not_reached_is_a_gap_too():
    saved = {
        4: reaching([1] * 5, seconds=1.0),
        8: reaching([1] * 4 + [None], seconds=1.0),
        16: reaching([1] * 5, seconds=1.05),
    }
    text = " ".join(recommendation_sentences(found(saved), several=False))
    assert "**Within 10% of the soonest:** batch sizes 4 and 16 (" in text


def test_unknown_seconds_of_one_size_spoil_no_probability_of_another():
    some = [10.0, NAN, NAN, NAN, NAN]
    answer = found({4: reaching([1] * 5, seconds=0.1), 512: reaching([1] * 5, seconds=some)})
    assert answer["soonest"]["batch_size"] == 4
    assert answer["soonest"]["probability"] == answer["within_margin"]["probability"] == 1


def test_seconds_of_two_devices_do_not_compare():
    points = {4: reaching([1] * 5), 32: reaching([2] * 5)}
    jobs = {("sgd", 32): job(32, EPOCHS, device="GPU: other")}
    histories = {("sgd", size): saved for size, saved in points.items()}
    made = Study(histories, FIXED, EPOCHS, jobs)
    answer = recommend(made.table, made.estimates, made.boot)
    assert answer["soonest"] is None and answer["cheapest"]["batch_size"] == 4
    text = " ".join(recommendation_sentences(answer, several=False))
    assert "**Soonest:** the seconds of CPU: test and GPU: other do not compare." in text


def test_tuned_learning_rates_are_told_with_what_was_chosen_by_them():
    points = {4: reaching([1] * 5), 32: reaching([2] * 5, seconds=0.1)}
    jobs = {
        ("sgd", 4): job(
            4, EPOCHS, learning_rate=0.3, learning_rate_edge="highest", tuning_seconds=1
        ),
        ("sgd", 32): job(32, EPOCHS, learning_rate=0.01, tuning_seconds=1),
    }
    histories = {("sgd", size): saved for size, saved in points.items()}
    made = Study(histories, FIXED, EPOCHS, jobs)
    answer = recommend(made.table, made.estimates, made.boot)
    text = " ".join(recommendation_sentences(answer, several=False))
    assert (
        "**Given the learning rates that tuning chose** (batch size 32: 0.0100; batch size 4: "
        "0.300, the highest tried): the choice itself is in no interval"
    ) in text
    assert "tuning" not in " ".join(recommendation_sentences(found(points), several=False))


def test_few_replicates_have_no_probability():
    answer = found({4: reaching([1, 2], seconds=[1.0, 3.0]), 32: reaching([1, 1], seconds=9.0)})
    assert answer["limits"] == "range"
    assert np.isnan(answer["soonest"]["probability"])
    text = " ".join(recommendation_sentences(answer, several=False))
    assert "batch size 4 reaches the target in 0.350 (0.100–0.600) s on CPU: test." in text
    assert "probability" not in text
    assert json.loads(json.dumps(plain(answer), allow_nan=False))["soonest"]["probability"] is None


def test_nothing_reached_recommends_nothing():
    answer = found({4: reaching([None] * 5), 32: reaching([1] * 4 + [None])})
    assert answer["soonest"] is answer["cheapest"] is answer["within_margin"] is None
    sentences = recommendation_sentences(answer, several=False)
    assert sentences[0].startswith("**No recommendation:**")
    assert sentences[1].endswith("batch size 4 (0 of 5) and batch size 32 (4 of 5).")


def test_unknown_seconds_recommend_by_examples_alone():
    saved = {4: reaching([1] * 5, seconds=[NAN] * 5), 32: reaching([2] * 5, seconds=[NAN] * 5)}
    answer = found(saved)
    assert answer["soonest"] is None and answer["cheapest"]["batch_size"] == 4
    text = " ".join(recommendation_sentences(answer, several=False))
    assert "the seconds are known of no run" in text and "nan" not in text


RATES = {"fixed": 0.1, "linear": {"rule": "linear", "value": 0.1}, "tuned": {"grid": [0.1, 0.2]}}
RECIPES = [
    {"name": n, "optimizer": "SGD", "learning_rate": r, "arguments": {}, "warmup_epochs": 0}
    for n, r in RATES.items()
]


def causes(fixed, linear, tuned, settings=FIXED, recipes=RECIPES):
    histories = {
        (name, size): reaching(epochs, length=100)
        for name, points in (("fixed", fixed), ("linear", linear), ("tuned", tuned))
        for size, epochs in points.items()
    }
    made = Study(histories, settings, 100)
    return cause_sentences(made.table, recipes, made.estimates, made.boot)


def test_what_is_left_of_the_spread():
    """Sixteen times at one rate; four times and twice are a half and a quarter of that in logs."""
    linear, tuned = causes(
        {4: [4] * 5, 512: [64] * 5}, {4: [8] * 5, 512: [32] * 5}, {4: [10] * 5, 512: [20] * 5}
    )
    assert linear == (
        "**SGD, with the learning rate following it** (linear against fixed): from batch size 4 "
        "to 512 the epochs to the target change by a factor of 4.00 (4.00–4.00) instead of by a "
        "factor of 16.0 (16.0–16.0); on a log scale 50% (50%–50%) of the spread is left."
    )
    assert "tuned at each size** (tuned against fixed)" in tuned
    assert "25% (25%–25%) of the spread is left" in tuned


def test_the_spread_is_over_what_both_reached():
    linear, tuned = causes(
        {4: [4] * 5, 64: [16] * 5, 512: [64] * 5},
        {4: [8] * 5, 64: [16] * 5, 512: [None] * 5},
        {4: [None] * 5, 64: [None] * 5, 512: [9] * 5},
    )
    assert "from batch size 4 to 64, as far as both reached it, the epochs" in linear
    assert "by a factor of 2.00 (2.00–2.00) instead of by a factor of 4.00 (4.00–4.00)" in linear
    assert tuned.endswith(
        "fewer than two batch sizes reached the target in both, so nothing can be said."
    )


def test_no_spread_has_no_cause():
    linear, _ = causes(
        {4: [9, 10, 11, 9, 11], 512: [11, 9, 10, 10, 9]}, {4: [5] * 5, 512: [9] * 5}, {4: [1] * 5}
    )
    assert "the data do not tell that the epochs to the target change" in linear


def test_targets_of_their_own_compare_with_nothing():
    histories = {
        ("fixed", 4): saved_point([[3, 1]] * 5),
        ("linear", 4): saved_point([[3, 0.5]] * 5),
    }
    made = Study(histories, SETTINGS, 2)
    [sentence] = cause_sentences(made.table, RECIPES[:2], made.estimates, made.boot)
    assert "each has a target of its own" in sentence


def test_recipes_that_differ_in_more_show_no_cause():
    recipes = [RECIPES[0], RECIPES[2] | {"warmup_epochs": 3}]
    points = {4: [4] * 5, 512: [64] * 5}
    [sentence] = causes(points, {}, points, recipes=recipes)
    assert sentence.endswith("they differ in more than the learning rate, so no cause can be told.")


def test_a_reversed_spread_is_called_so():
    [sentence] = causes(
        {4: [4] * 5, 512: [64] * 5}, {}, {4: [32] * 5, 512: [8] * 5}, recipes=RECIPES[::2]
    )
    assert "by a factor of 0.250 (0.250–0.250)" in sentence and "(it is reversed)" in sentence


def test_one_recipe_shows_no_cause():
    [sentence] = causes({4: [1] * 5}, {}, {}, recipes=RECIPES[:1])
    assert sentence.startswith("**SGD:** how much of the spread over batch sizes is due to the")


def ways(points, settings=FIXED):
    made = Study({("sgd", size): saved for size, saved in points.items()}, settings, EPOCHS)
    return sensitivity_medians(made.epochs, made.sensitivity)


def test_sensitivity_table_has_every_way():
    found = ways({4: reaching([2] * 3), 32: reaching([5, 5, None], seconds=0.1)})
    factors = ["1.02 × best (1.020)", "1.05 × best (1.050)", "1.1 × best (1.100)"]
    assert list(found) == [CONFIGURED, *factors, "1.2 × best (1.200)", STABLE]
    rows = sensitivity_rows(found)
    assert rows[0] == {
        "converged by": CONFIGURED,
        "4": "2",
        "32": "5",
        # 32 is sooner, but not for every replicate.
        "soonest in seconds": "4",
    }


def test_a_ranking_that_survives_and_one_that_does_not():
    steps = saved_point([[3, 1.15, 1.0, 1.0]] * 3)
    late = saved_point([[3, 3, 1.15, 1.0]] * 3)
    text = ranking_sentence(ways({4: steps, 32: late}, FIXED))
    assert text.startswith("**Ranking:** the order of the batch sizes by median epochs survives")
    # Soonest below 1.2, latest below 1.
    early = saved_point([[1.15, 1.15, 1.15, 1.15, 1.0]] * 3)
    text = ranking_sentence(ways({4: early, 32: late}, FIXED))
    assert "1 of 1 pairs swap under 1.2 × best (1.200)" in text


def test_accuracies_are_told_below_the_best():
    settings = SETTINGS | {"target": SETTINGS["target"] | {"metric": "val_accuracy"}}
    found = ways({32: saved_point([[2, 1]] * 3)}, settings)
    assert list(found)[1:3] == ["0.98 × best (0.8820)", "0.95 × best (0.8550)"]


def test_ties_are_no_ranking_that_survives():
    found = ways({4: saved_point([[1.15, 1.15, 1]] * 3), 32: saved_point([[1.15, 1, 1]] * 3)})
    text = ranking_sentence({CONFIGURED: found[CONFIGURED], "other": found["1.2 × best (1.200)"]})
    assert "no other target, nor the stable curve, orders two of the same sizes" in text


def test_an_order_that_is_not_known_does_not_swap():
    """4 was given two epochs and did not get there; 32 got there at the sixth."""
    short = saved_point([[3, 1.15]] * 3)
    late = saved_point([[3, 3, 3, 1.15, 1.15, 1.0]] * 3)
    histories = {("sgd", 4): short, ("sgd", 32): late}
    made = Study(histories, FIXED, EPOCHS)
    found = sensitivity_medians(made.epochs, made.sensitivity)
    assert ranking_sentence(found) == "**Ranking:** the study's target orders no two batch sizes."
