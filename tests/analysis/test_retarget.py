"""What a study says under another target is what it would say if that were its own."""

import io

import answers
import pandas as pd
import pytest
from pages import Page, page_of

from batchscope.analysis.bootstrap import DRAWS
from batchscope.analysis.retarget import under_target
from batchscope.analysis.staircases import rounded

# Under other targets the rates that the study takes for its own are all that there is.
OF_GRIDS = {"tuned", "learning_rate_edge", "learning_rate_share", "tuning_seconds"}


def without_grids(found):
    """A part of an answer without what it says of grids."""
    if isinstance(found, dict):
        return {key: without_grids(own) for key, own in found.items() if key not in OF_GRIDS}
    return [without_grids(own) for own in found] if isinstance(found, list) else found


@pytest.mark.parametrize("name", ["one_recipe", "common_target"])
def test_the_own_target_gives_the_own_answer(name):
    page = page_of(name)
    value = next(iter(page.answer["recipes"].values()))["target"]["value"]
    told, laws = under_target(
        page.saved,
        page.study.pace,
        page.convergence,
        page.settings | {"target": page.target | {"value": value}},
        DRAWS,
    )
    for recipe, own in page.answer["recipes"].items():
        expected = {part: own[part] for part in told["recipes"][recipe]}
        assert without_grids(told["recipes"][recipe]) == without_grids(expected)
        written = pd.read_csv(io.StringIO(laws[recipe].to_csv(index=False)))
        pd.testing.assert_frame_equal(written, page.study.law(recipe))
    overall = page.answer["overall"]["recommendation"]
    assert without_grids(told["overall"]["recommendation"]) == without_grids(overall)
    assert without_grids(told["points"]) == without_grids(page.answer["points"])


def test_fewer_draws_move_limits_a_little_and_medians_not_at_all():
    page = page_of("one_recipe")
    target = page.target | {"value": page.answer["recipes"]["adam"]["target"]["value"]}
    settings = page.settings | {"target": target}
    told, _ = under_target(page.saved, page.study.pace, page.convergence, settings, 500)
    for few, many in zip(told["points"], page.answer["points"], strict=True):
        one, other = (point["measures"]["target_epoch"] for point in (few, many))
        assert one["value"] == other["value"]
        assert one["above"] == other["above"]
        if one["low"] is not None:
            assert one["low"] == pytest.approx(other["low"], rel=0.1)


@pytest.mark.parametrize("name", ["one_recipe", "common_target", "much_missing"])
def test_grids_are_in_order_and_hold_no_target_of_the_study(name):
    page = page_of(name)
    own = {rounded(value) for value in page.content["own"]["targets"].values() if value is not None}
    for metric, views in page.content["grids"].items():
        targets = [view["targets"] for view in views]
        # One target for all recipes.
        assert all(len(set(target.values())) == 1 for target in targets)
        values = [next(iter(target.values())) for target in targets]
        falls = page.content["metrics"][metric]["falls"]
        assert values == sorted(set(values), reverse=falls) and len(values) > 3
        assert metric != page.target["metric"] or not own & set(values)


def test_another_target_brings_recipes_together_that_have_their_own():
    page = page_of("much_missing")
    assert page.answer["overall"]["status"] == "no_target"
    assert page.content["own"]["overall"] is None
    assert page.content["grids"]["val_loss"][0]["overall"] is not None


def test_a_study_in_which_nothing_was_trained_has_no_grid():
    points = {("adam", size): answers.out_of_memory(2) for size in (4, 8)}
    settings = answers.settings("auto")
    page = Page(answers.Study(points, settings), answers.RECIPE, settings["target"])
    assert page.content["grids"] == {"val_loss": [], "val_accuracy": []}
