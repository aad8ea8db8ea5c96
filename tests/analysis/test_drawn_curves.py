"""What is drawn of curves: means and bands by hand, and few epochs of many."""

import numpy as np
from saved import job, out_of_memory, saved_point

from batchscope.analysis.drawn_curves import drawn_curves, last_epoch
from batchscope.saved import SavedPoint


def drawn(history, runs):
    [curves] = drawn_curves([SavedPoint("sgd", 4, 0.001, history, runs, job(4, 3))])
    return curves


def test_means_and_bands_are_those_of_the_replicates():
    curves = drawn(*saved_point([[3.0, 2.0], [5.0, 2.0], [4.0, 5.0]]))
    band = curves["columns"]["val_loss"]
    assert curves["epochs"].tolist() == [1, 2]
    assert band["mean"].tolist() == [4.0, 3.0]
    # The 10% quantile of 3, 4, 5 lies a fifth of the way from 3 to 4.
    np.testing.assert_allclose(band["low"], [3.2, 2.0])
    np.testing.assert_allclose(band["high"], [4.8, 4.4])
    assert curves["runs"]["val_loss"].tolist() == [[3.0, 2.0], [5.0, 2.0], [4.0, 5.0]]


def test_a_diverged_replicate_counts_while_it_is_finite():
    curves = drawn(*saved_point([[3.0, np.nan], [5.0, 2.0]]))
    assert curves["columns"]["val_loss"]["mean"].tolist() == [4.0, 2.0]
    # An accuracy of a network that is not finite is none.
    assert np.isnan(curves["runs"]["val_accuracy"][0, 1])


def test_of_many_epochs_few_are_drawn_with_the_first_and_the_last():
    losses = np.linspace(5, 1, 3000)
    curves = drawn(*saved_point([losses]))
    kept = curves["epochs"]
    assert len(kept) <= 120 and kept[0] == 1 and kept[-1] == 3000
    assert np.all(np.diff(kept) > 0) and np.diff(kept).max() < 100
    np.testing.assert_allclose(curves["columns"]["val_loss"]["mean"], losses[kept - 1])


def test_points_of_other_lengths_are_drawn_at_the_same_epochs():
    lengths = (3000, 500, 7)
    points = [SavedPoint("sgd", 4, 0.001, *saved_point([[1.0] * n]), job(4, n)) for n in lengths]
    long, *others = (set(curves["epochs"].tolist()) for curves in drawn_curves(points))
    for length, kept in zip(lengths[1:], others, strict=True):
        assert kept == {epoch for epoch in long if epoch <= length} | {length}


def test_a_point_without_history_has_empty_curves():
    curves = drawn(*out_of_memory(2))
    assert curves["epochs"].tolist() == []
    assert curves["runs"]["val_loss"].shape == (2, 0)


def test_runs_end_where_they_end():
    curves = drawn(*saved_point([[3.0, 2.0, 1.0], [5.0, 2.0]]))
    assert curves["columns"]["val_loss"]["mean"].tolist() == [4.0, 2.0, 1.0]
    runs = curves["runs"]["val_loss"]
    assert runs[0].tolist() == [3.0, 2.0, 1.0]
    np.testing.assert_equal(runs[1], [5.0, 2.0, np.nan])


def test_a_training_loss_that_is_not_known_hides_no_validation():
    history, runs = saved_point([[3.0, 2.0], [5.0, 4.0]])
    curves = drawn(history.assign(loss=np.nan), runs)
    assert np.isnan(curves["columns"]["loss"]["mean"]).all()
    assert curves["columns"]["val_loss"]["mean"].tolist() == [4.0, 3.0]


def test_the_last_epoch_is_the_median_of_completed_runs():
    def last(losses, hold):
        return last_epoch(SavedPoint("sgd", 4, 0.001, *saved_point(losses), job(4, None)), hold)

    assert last([[1.0] * 9, [1.0] * 5, [1.0] * 7, [1.0, np.nan]], 3) == 5
    assert last([[1.0]], 3) == 0
    assert np.isnan(last([[1.0, np.nan]], 1))


def test_of_many_points_fewer_runs_are_drawn_of_each():
    point = SavedPoint("sgd", 4, 0.001, *saved_point([[1.0]] * 30), job(4, 1))
    for points, runs in ((1, 30), (24, 30), (48, 15)):
        curves = drawn_curves([point] * points)
        assert curves[-1]["runs"]["val_loss"].shape == (runs, 1)
