"""Whether the ranking survives, on made-up runs whose orders are known."""

import pytest
from saved import SETTINGS, Study, saved_point

FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}


def sensitivity(points, settings=FIXED):
    named = {("sgd", size): saved for size, saved in points.items()}
    return Study(named, settings).answer()["recipes"]["sgd"]["sensitivity"]


def test_every_way_has_its_medians_and_its_soonest():
    found = sensitivity(
        {
            4: saved_point([[3, 1, 1]] * 3),
            32: saved_point([[3, 2, 1], [3, 2, 1], [3, 3, 3]], seconds=0.1),
        }
    )
    ways = found["ways"]
    assert [(way["definition"], way["times_best"]) for way in ways] == [
        ("target", None),
        *[("target", times) for times in (1.02, 1.05, 1.1, 1.2)],
        ("stable", None),
    ]
    # Multiples of the median best at 32, which is 1.
    assert [way["target"] for way in ways[:5]] == pytest.approx([1, 1.02, 1.05, 1.1, 1.2])
    assert ways[0]["sizes"] == [
        {"batch_size": 4, "epoch": 2, "later_than": 3},
        {"batch_size": 32, "epoch": 3, "later_than": 3},
    ]
    # 32 is sooner, but not for every replicate.
    assert ways[0]["lowest_median_seconds"] == 4


def test_a_ranking_that_survives_and_one_that_does_not():
    steps = saved_point([[3, 1.15, 1.0, 1.0]] * 3)
    late = saved_point([[3, 3, 1.15, 1.0]] * 3)
    found = sensitivity({4: steps, 32: late})
    assert (found["verdict"], found["compared"]) == ("survives", 5)
    # With a target of 1.05 times the best, the way that makes just that confirms nothing.
    same = FIXED | {"target": FIXED["target"] | {"value": "auto", "tolerance": 0.05}}
    found = sensitivity({4: steps, 32: late}, same)
    assert (found["verdict"], found["compared"]) == ("survives", 4)
    # Soonest below 1.2, latest below 1.
    early = saved_point([[1.15, 1.15, 1.15, 1.15, 1.0]] * 3)
    found = sensitivity({4: early, 32: late})
    assert found["verdict"] == "changes"
    swapped = {way["times_best"]: (way["swapped"], way["compared"]) for way in found["ways"]}
    assert swapped[1.2] == (1, 1) and swapped[1.02] == (0, 1)


def test_accuracies_are_told_below_the_best():
    settings = SETTINGS | {"target": SETTINGS["target"] | {"metric": "val_accuracy"}}
    ways = sensitivity({32: saved_point([[2, 1]] * 3)}, settings)["ways"]
    assert [way["times_best"] for way in ways[1:3]] == pytest.approx([0.98, 0.95])
    # The median best accuracy is 1 - 1 / 10.
    assert [way["target"] for way in ways[1:3]] == pytest.approx([0.882, 0.855])


def test_unknown_seconds_have_no_lowest_median():
    points = {("sgd", size): saved_point([[3, 1, 1]] * 3, seconds=float("nan")) for size in (4, 32)}
    ways = Study(points, FIXED).answer()["recipes"]["sgd"]["sensitivity"]["ways"]
    assert [way["lowest_median_seconds"] for way in ways] == [None] * 6


def test_the_studys_own_target_is_known_in_spite_of_rounding():
    """0.9 times the best accuracy, as a target of its own and as one of the other ways."""
    target = FIXED["target"] | {"metric": "val_accuracy", "value": "auto", "tolerance": 0.1}
    ways = sensitivity({32: saved_point([[2, 1]] * 3)}, FIXED | {"target": target})["ways"]
    assert [way["times_best"] for way in ways if way["is_own_target"]] == [0.9]


def test_one_size_has_no_order():
    found = sensitivity({4: saved_point([[1, 1]] * 3)})
    assert (found["verdict"], found["compared"]) == ("no_order", 0)


def test_ties_have_no_order_to_compare():
    """Ordered by the study's target alone: by every other way they are equal."""
    settings = FIXED | {
        "target": FIXED["target"] | {"value": 0.5},
        "stable": FIXED["stable"] | {"band": 5},
    }
    points = {4: saved_point([[9, 0.5, 0.5]] * 3), 32: saved_point([[9, 0.501, 0.5]] * 3)}
    found = sensitivity(points, settings)
    assert (found["ways"][0]["compared"], found["compared"]) == (1, 0)
    assert found["not_compared"] == found["pairs"] == 5
    assert found["verdict"] == "no_comparison"


def test_an_order_that_is_not_known_does_not_swap():
    """4 was given two epochs and did not reach; 32 reached at the sixth."""
    found = sensitivity(
        {4: saved_point([[3, 1.15]] * 3), 32: saved_point([[3, 3, 3, 1.15, 1.15, 1.0]] * 3)}
    )
    assert found["verdict"] == "no_order"
