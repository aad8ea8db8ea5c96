"""What the approved summaries do not show: the same facts the other way round."""

import pytest
from answers import read_answer

from batchscope.report.causes import cause_sentence
from batchscope.report.claims import claim_sentences
from batchscope.report.recommendation import recommendation_sentences
from batchscope.report.sensitivity import ranking_sentence, sensitivity_rows
from batchscope.report.training import training_sentences

UNKNOWN = {"value": None, "low": None, "high": None, "above": [], "below": [], "later_than": None}


@pytest.fixture
def recipe():
    return read_answer("one_recipe")["recipes"]["adam"]


@pytest.fixture
def points():
    return {point["batch_size"]: point for point in read_answer("one_recipe")["points"]}


def recommended(recipe):
    return "\n".join(
        recommendation_sentences(recipe["recommendation"], recipe["target"], 10, several=False)
    )


def test_ties_are_named_together(recipe):
    recommendation = recipe["recommendation"]
    first = [{"recipe": "adam", "batch_size": size} for size in (4, 8)]
    recommendation["cheapest"] = {"points": first, "undecided": [], "share_of_draws": 1}
    assert "examples:** batch size 4 and batch size 8 take an expected 3" in recommended(recipe)


def test_a_double_is_named_with_its_twin(recipe):
    double = {"recipe": "adam", "batch_size": 512, "reached": 9}
    recipe["recommendation"]["excluded"] = [double | {"reason": "same_training", "same_as": 200}]
    assert "as another batch size does: batch size 512 (as 200)." in recommended(recipe)


def test_a_tuned_point_is_named_once(recipe):
    recommendation = recipe["recommendation"]
    recommendation["soonest"] = recommendation["cheapest"]
    recommendation["candidates"][0] |= {"tuned": True, "learning_rate_edge": "lowest"}
    assert "rates:** 0.001 for batch size 4 (the lowest tried). In a draw" in recommended(recipe)


def test_an_only_candidate_is_compared_with_none(recipe):
    recommendation = recipe["recommendation"]
    del recommendation["candidates"][1:]
    recommendation["soonest"] = recommendation["cheapest"]
    recommendation["rule_of_thumb"] |= {"point": None, "status": "not_trained"}
    assert "no other" not in recommended(recipe)


def judged(recipe, points, number, **changes):
    recipe["claims"][number] |= changes
    return claim_sentences(recipe["claims"], points, recipe["target"])[number]


@pytest.mark.parametrize("number", range(4))
def test_a_claim_is_the_same_from_either_side(recipe, points, number):
    claim = recipe["claims"][number]
    said = judged(recipe, points, number)
    assert "True of these two sizes" in said
    turned = {"one": claim["other"], "other": claim["one"]}
    assert judged(recipe, points, number, **turned) == said
    assert "The opposite is true" in judged(recipe, points, number, holds=False)


def test_what_is_not_known_is_said_to_be(recipe, points):
    points[4]["measures"]["seconds_per_epoch"] = UNKNOWN
    text = judged(recipe, points, 0, verdict="undecided", holds=None, factor=None)
    assert "an epoch takes an unknown time at batch size 4 and 0.548" in text
    points[512]["completed"] = 0
    text = judged(recipe, points, 3, verdict="not_completed", holds=None)
    assert text.endswith("Not judged: no replicate was completed at batch size 512.")


def test_nothing_to_compare(points):
    assert claim_sentences([], points, None) == ["There are fewer than two batch sizes to compare."]


def test_a_spread_that_remains_says_nothing_of_a_direction():
    cause = read_answer("common_target")["causes"][0]
    cause["share_left"] |= {"value": 0.5, "low": 0.4, "high": 0.6}
    cause["reversed"] = False
    assert cause_sentence(cause).endswith("50% (40%–60%) of the spread is left.")
    cause["all_sizes"] = True
    assert "from batch size 4 to 64 the median epochs" in cause_sentence(cause)


def test_every_change_of_the_ranking_is_named(recipe):
    sensitivity = recipe["sensitivity"]
    sensitivity["verdict"] = "changes"
    sensitivity["ways"][1] |= {"swapped": 1, "compared": 6}
    sensitivity["ways"][5] |= {"swapped": 2, "compared": 9}
    assert "1 of 6 swaps by 1.02 × best (0.4336) and 2 of 9 swap by a stable curve." in (
        ranking_sentence(sensitivity)
    )


def test_an_accuracy_is_asked_for_below_the_best(recipe):
    way = recipe["sensitivity"]["ways"][1] | {"times_best": 0.98, "target": 0.833}
    [row] = sensitivity_rows([way])
    assert row["converged by"] == "0.98 × best (0.8330)"


def test_what_fit_trained_is_said_once():
    answer = read_answer("one_recipe")
    assert list(training_sentences(answer)) == []
    for point in answer["points"]:
        point["trained_by"] = "fit"
    (sentence,) = training_sentences(answer)
    assert sentence.startswith("Keras's own `fit` trained this study")
