"""A staircase answers for every target what the definition of convergence answers for one."""

import numpy as np
import pytest

from batchscope.analysis.convergence import target_epoch
from batchscope.analysis.staircases import at_targets, grid_of_targets, staircases


def reached(staircase, target, falls):
    """The first epoch at which a staircase is as good as a target, by going down it."""
    for epoch, value in zip(*staircase, strict=True):
        if (value <= target) if falls else (value >= target):
            return epoch
    return np.nan


def made_up_curves(seed):
    """Curves that fall, rise again, are equal at times, and end before others."""
    random = np.random.default_rng(seed)
    curves = np.round(random.normal(0, 1, (12, 40)).cumsum(axis=1) / 4, 1)
    curves[3, 20:] = np.nan
    curves[4, 7] = np.nan
    curves[5] = np.nan
    return curves


@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
@pytest.mark.parametrize("hold", [1, 3, 40, 41])
def test_staircases_answer_200_targets_as_the_definition_does(metric, hold):
    curves, falls = made_up_curves(hold), metric == "val_loss"
    steps = staircases(curves, metric, hold)
    values = curves[np.isfinite(curves)]
    targets = np.linspace(values.min() - 0.1, values.max() + 0.1, 100)
    # Half of them are values that curves have: equal is reached.
    targets = [*targets, *np.random.default_rng(0).choice(values, 100)]
    found = set()
    for target in targets:
        expected = target_epoch(curves, metric, target, hold)
        np.testing.assert_array_equal([reached(own, target, falls) for own in steps], expected)
        found.update(expected[np.isfinite(expected)])
    assert len(found) > 5 or hold >= 40


def test_steps_are_the_fewest():
    [steps] = staircases(np.array([[3.0, 4.0, 2.0, 2.0, 2.5, 1.0]]), "val_loss", 2)
    # The worst of two in a row: 4, 4, 2, 2.5, 2.5.
    assert steps.epochs.tolist() == [1, 3] and steps.values.tolist() == [4.0, 2.0]


@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
def test_staircases_at_some_targets_answer_these_as_the_whole_ones_do(metric):
    curves, falls = made_up_curves(5), metric == "val_loss"
    targets = np.random.default_rng(0).choice(curves[np.isfinite(curves)], 15)
    whole = staircases(curves, metric, 3)
    part = at_targets(whole, metric, [*targets, 100.0, -100.0])
    for target in [*targets, 100.0, -100.0]:
        found, expected = ([reached(own, target, falls) for own in runs] for runs in (part, whole))
        np.testing.assert_array_equal(found, expected)
    assert all(np.all(np.diff(own.epochs) > 0) for own in part)
    assert sum(len(own.epochs) for own in part) < sum(len(own.epochs) for own in whole)


def test_a_grid_goes_from_the_easiest_to_the_hardest_target_that_a_run_reaches():
    runs = staircases(np.array([[4.0, 3.0, 2.0, 1.23456], [9.0, 8.0, 7.0, 6.0]]), "val_loss", 1)
    grid = grid_of_targets(runs, "val_loss", 7)
    assert grid[0] == 9 and grid[-1] == 1.235
    assert grid == sorted(set(grid), reverse=True) and len(grid) <= 7
    runs = staircases(np.array([[0.1, 0.5, 0.9]]), "val_accuracy", 1)
    assert grid_of_targets(runs, "val_accuracy", 3) == [0.1, 0.5, 0.9]


def test_without_a_step_there_is_no_grid():
    runs = staircases(np.full((2, 5), np.nan), "val_loss", 1)
    assert grid_of_targets(runs, "val_loss", 40) == []
