"""Convergence by hand: each rule in both directions, ties, NaN, curves of one epoch."""

import numpy as np
import pytest

from batchscope.analysis.convergence import (
    auto_target,
    best_values,
    nearest_size,
    stable_epoch,
    target_epoch,
)

NAN = np.nan


def reach(curve, target, hold, metric="val_loss"):
    return target_epoch(np.array([curve], float), metric, target, hold)[0]


def stable(curve, **settings):
    settings = {"window": 1, "band": 0.1, "level_epochs": 1, "min_epochs": 1} | settings
    return stable_epoch(np.array([curve], float), **settings)[0]


@pytest.mark.parametrize(
    ("curve", "target", "hold", "epoch"),
    [
        ([5, 4, 3, 2, 1], 3, 1, 3),
        # A value equal to the target reaches it.
        ([5, 3, 3, 3, 9], 3, 3, 2),
        # Left too early the first time; the second time counts, from its first epoch.
        ([5, 2, 2, 5, 2, 2, 2], 3, 3, 5),
        # Two epochs at the end are no three in a row.
        ([5, 5, 5, 2, 2], 3, 3, NAN),
        ([2, 2, 2], 3, 3, 1),
        ([2, 2], 3, 3, NAN),
        ([2], 3, 1, 1),
        ([4], 3, 1, NAN),
        # A NaN is no value that reaches anything.
        ([5, 2, NAN, 2, 2], 3, 2, 4),
        ([NAN, NAN], 3, 1, NAN),
        # Without a target nothing reaches it.
        ([1, 1], NAN, 1, NAN),
    ],
)
def test_target_of_a_falling_metric(curve, target, hold, epoch):
    np.testing.assert_equal(reach(curve, target, hold), epoch)


def test_target_of_a_rising_metric():
    assert reach([0.1, 0.8, 0.7, 0.8, 0.9], 0.8, 2, metric="val_accuracy") == 4
    assert np.isnan(reach([0.9, 0.7], 0.95, 1, metric="val_accuracy"))


def test_replicates_are_judged_one_by_one():
    curves = np.array([[3, 1, 1], [3, 3, 3], [1, 1, NAN]], float)
    np.testing.assert_equal(target_epoch(curves, "val_loss", 1, 2), [2, NAN, 1])


def test_target_agrees_with_a_plain_loop():
    rng = np.random.default_rng(0)
    curves = rng.random((200, 30))

    def slow(curve, hold):
        for start in range(len(curve) - hold + 1):
            if all(value <= 0.5 for value in curve[start : start + hold]):
                return start + 1
        return NAN

    for hold in (1, 3, 8):
        expected = [slow(curve, hold) for curve in curves]
        np.testing.assert_equal(target_epoch(curves, "val_loss", 0.5, hold), expected)


@pytest.mark.parametrize(
    ("curve", "settings", "epoch"),
    [
        # Level 1.0; 0.95 is inside the band of 0.1, 0.8 is not.
        ([0.2, 0.8, 0.95, 1.0, 1.0], {}, 3),
        # Exactly on the band's edge is inside, whatever rounding says: 1.0 - 0.9.
        ([0.2, 0.9, 1.0], {}, 2),
        ([0.2, 1.1, 1.0], {}, 2),
        # A late excursion puts everything before it off.
        ([1.0, 1.0, 0.5, 1.0], {}, 4),
        # The moving average of 2 at epochs 2..5: 0.5, 0.75, 1, 1.
        ([0.5, 0.5, 1.0, 1.0, 1.0], {"window": 2}, 4),
        # No moving average before epoch `window`.
        ([1.0, 1.0, 1.0], {"window": 2}, 2),
        ([1.0, 1.0], {"window": 3}, NAN),
        # The level is the mean of the last two: 0.9; so 1.0 and 0.8 are both inside.
        ([0.5, 1.0, 0.8], {"level_epochs": 2}, 2),
        # Three epochs are left from epoch 2 on, not four.
        ([0.0, 1.0, 1.0, 1.0], {"min_epochs": 3}, 2),
        ([0.0, 1.0, 1.0, 1.0], {"min_epochs": 4}, NAN),
        ([1.0], {}, 1),
        ([1.0], {"min_epochs": 2}, NAN),
        # The level of a curve that ends in NaN is no level.
        ([1.0, 1.0, NAN], {}, NAN),
    ],
)
def test_stable(curve, settings, epoch):
    np.testing.assert_equal(stable(curve, **settings), epoch)


def test_stable_is_the_same_for_falling_and_rising_curves():
    curve = np.random.default_rng(1).random((50, 40)) / np.arange(1, 41)
    settings = {"window": 3, "band": 0.02, "level_epochs": 10, "min_epochs": 5}
    up, down = stable_epoch(curve, **settings), stable_epoch(1 - curve, **settings)
    np.testing.assert_equal(up, down)
    assert np.isfinite(up).any()


def test_best_values_ignore_what_is_not_finite():
    curves = np.array([[3, 1, NAN], [np.inf, 2, 5], [NAN, NAN, NAN]])
    np.testing.assert_equal(best_values(curves, "val_loss"), [1, 2, np.inf])
    np.testing.assert_equal(best_values(curves, "val_accuracy"), [3, 5, -np.inf])


def test_auto_target_is_worse_than_the_reference_in_its_own_direction():
    curves = np.array([[4, 1, 3], [5, 2, 4], [6, 6, 4]], float)
    assert auto_target(curves, "val_loss", 0.05) == pytest.approx(2 * 1.05)
    assert auto_target(curves, "val_accuracy", 0.05) == pytest.approx(5 * 0.95)


def test_auto_target_without_a_finite_reference_is_none():
    assert np.isnan(auto_target(np.array([[NAN], [NAN], [1.0]]), "val_loss", 0.05))
    # A diverged replicate counts as the worst, so one of three does not matter.
    assert auto_target(np.array([[NAN], [1.0], [2.0]]), "val_loss", 0) == 2


@pytest.mark.parametrize(
    ("sizes", "nearest"),
    [([4, 32, 512], 32), ([4, 16, 64], 16), ([64, 128], 64), ([33], 33), ([512, 4, 8], 8)],
)
def test_reference_is_itself_or_the_next_below_or_above(sizes, nearest):
    assert nearest_size(sizes, 32) == nearest
