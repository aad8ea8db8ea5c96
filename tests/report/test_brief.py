"""The answer in the terminal: five lines of 80 columns at most, and true to the rest."""

import copy

import pytest
from answers import STUDIES, read_answer

from batchscope.report.brief import brief_text
from batchscope.report.headline import headline


@pytest.mark.parametrize("study", STUDIES)
def test_it_fits_into_a_terminal(study):
    lines = brief_text(read_answer(study)).splitlines()
    assert 0 < len(lines) <= 5 and max(map(len, lines)) <= 80


def test_it_is_the_headline_and_the_rule_of_thumb_if_there_is_room():
    answer = read_answer("one_recipe")
    recipe = answer["recipes"]["adam"]
    for candidate in recipe["recommendation"]["candidates"]:
        candidate["learning_rate"] = None
    told = headline(recipe["recommendation"], recipe["target"], 10, several=False)
    text = brief_text(answer).replace("\n", " ")
    assert text.startswith(told.replace("**", ""))
    assert "Rule of thumb, batch size 32:" in text


def test_over_recipes_it_names_the_recipe():
    answer = read_answer("common_target")
    first = answer["overall"]["recommendation"]["soonest"]["points"][0]
    assert f"Take {first['recipe']} at batch size {first['batch_size']}." in brief_text(answer)


def test_without_a_common_target_it_says_why():
    text = brief_text(read_answer("much_missing")).replace("\n", " ")
    assert text.startswith("No recommendation over recipes: no target could be set for")
    assert text.endswith("Each recipe has its own answer on the page. ")


def test_what_does_not_fit_is_left_out_whole():
    answer = copy.deepcopy(read_answer("common_target"))
    recommendation = answer["overall"]["recommendation"]
    recommendation["soonest"]["undecided"] = [
        {"recipe": f"a_recipe_with_a_long_name_{size}", "batch_size": size} for size in range(8)
    ]
    assert "Rule of thumb" not in brief_text(answer)
    assert len(brief_text(answer).splitlines()) == 5
