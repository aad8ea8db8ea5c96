"""What learning curves show, on made-up runs whose numbers are known."""

import math

import numpy as np
import pytest
from saved import SETTINGS, Study, out_of_memory, saved_point

from batchscope.analysis.curves import point_curves

NAN = math.nan


def shown(losses, **options):
    """The curves of batch size 4, beside a reference that reaches the loss 1."""
    reference = saved_point([[1, 1]] * len(losses))
    points = {("sgd", 4): saved_point(losses, **options), ("sgd", 32): reference}
    study = Study(points, SETTINGS)
    return point_curves(study.saved[0], study.convergence)


def test_means_and_bands_are_over_replicates():
    """Accuracies are 1 - loss / 10."""
    curves = shown([[4, 2], [5, 3], [9, 1]])
    for curve in (curves.training, curves.validation):
        assert curve.mean.tolist() == pytest.approx([0.4, 0.8])
        assert list(curve.mean.index) == list(curve.low.index) == [1, 2]
        # A tenth and nine tenths of the way through 0.1, 0.5, 0.6.
        assert (curve.low[1], curve.high[1]) == pytest.approx((0.18, 0.58))


def test_a_diverged_replicate_counts_up_to_its_last_finite_epoch():
    curves = shown([[3, 2, 1], [5, NAN]])
    assert curves.training.mean.tolist() == pytest.approx([0.6, 0.8, 0.9])
    assert curves.diverged == 1


def test_medians_are_those_of_the_point_alone():
    curves = shown([[3, 1, 1], [1, 1, 1], [3, 3, 1]], seconds=[1, 2, 6])
    assert (curves.target_epoch, curves.stable_epoch) == (2, 2)
    # The pace is 2 seconds for 3 epochs.
    assert (curves.target_seconds, curves.reached) == (pytest.approx(4 / 3), 3)
    late = shown([[3, 3], [3, 3], [3, 1]])
    assert (late.target_epoch, late.reached) == (math.inf, 1)


def test_of_what_did_not_fit_nothing_is_known():
    study = Study({("sgd", 4): out_of_memory(3), ("sgd", 32): saved_point([[1]] * 3)}, SETTINGS)
    curves = point_curves(study.saved[0], study.convergence)
    assert curves.training is curves.validation is None
    assert np.isnan([curves.target_epoch, curves.stable_epoch, curves.target_seconds]).all()
