"""Some of many points, evenly apart, and those that the answer names."""

import pytest
from answers import read_answer

from batchscope.analysis.shown import answer_of, evenly, most_on_page, shown_points


@pytest.mark.parametrize(
    ("most", "expected"),
    [(9, [0, 1, 2, 3, 4, 5, 6, 7, 8]), (5, [0, 2, 4, 6, 8]), (3, [0, 4, 8]), (2, [0, 8])],
)
def test_evenly_with_both_ends(most, expected):
    assert evenly(range(9), most) == expected


def test_of_many_replicates_fewer_points_are_shown():
    assert [most_on_page(replicates) for replicates in (1, 30, 1000, 10**6)] == [64, 64, 8, 1]


def test_a_few_points_are_all_shown():
    names = [("adam", size) for size in (4, 8, 16)]
    assert shown_points(names, {"recipes": {}}, most=3) == names


def test_what_the_answer_names_is_shown_too():
    answer = read_answer("one_recipe")
    told = answer["recipes"]["adam"]["recommendation"]
    names = [(point["recipe"], point["batch_size"]) for point in answer["points"]]
    [soonest], [cheapest] = (told[role]["points"] for role in ("soonest", "cheapest"))
    shown = shown_points(names, answer, most=2)
    named = {soonest["batch_size"], cheapest["batch_size"], told["rule_of_thumb"]["batch_size"]}
    assert {size for _, size in shown} == {4, 512} | named
    assert shown == [name for name in names if name in shown] and len(shown) < len(names)


def test_of_thousands_that_are_as_good_the_first_is_shown():
    answer = read_answer("one_recipe")
    names = [("adam", size) for size in range(1, 5001)]
    points = [{"recipe": recipe, "batch_size": size} for recipe, size in names]
    answer["recipes"]["adam"]["recommendation"]["cheapest"]["points"] = points[2000:]
    shown = shown_points(names, answer, most=2)
    assert {("adam", 1), ("adam", 2001), ("adam", 5000)} <= set(shown) and len(shown) <= 5


def test_a_study_without_a_recommendation():
    answer = read_answer("much_missing")
    names = [(point["recipe"], point["batch_size"]) for point in answer["points"]]
    assert set(shown_points(names, answer, most=2)) >= {names[0], names[-1]}


def test_the_answer_of_some_points_has_their_recipes_alone():
    answer = read_answer("common_target")
    part = answer_of([("sgd_tuned", 16), ("sgd_fixed", 4)], answer)
    assert list(part["recipes"]) == ["sgd_fixed", "sgd_tuned"]
    assert [(p["recipe"], p["batch_size"]) for p in part["points"]] == [
        ("sgd_fixed", 4),
        ("sgd_tuned", 16),
    ]
    assert part["overall"] == answer["overall"]
