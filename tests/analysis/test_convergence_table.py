"""The tables of convergence, on made-up curves with known answers."""

import numpy as np
import pytest
from saved import SETTINGS, Study, saved_point

from batchscope.analysis.convergence_table import COLUMNS

NAN = np.nan


def settings(**target):
    return SETTINGS | {"target": SETTINGS["target"] | target}


def tables(points, chosen=SETTINGS):
    """epochs.csv and sensitivity.csv."""
    study = Study(points, chosen)
    return study.convergence, study.sensitivity


@pytest.fixture
def points():
    """Size 4 is fast and good, 32 the reference, 64 never reaches; its third run diverges."""
    return {
        ("sgd", 4): saved_point([[3, 2, 1, 1], [3, 1, 1, 1], [1, 1, 1, 1]], seconds=[4, 4, 8]),
        ("sgd", 32): saved_point([[5, 4, 3, 2], [5, 4, 2, 2], [5, 4, 4, 4]]),
        ("sgd", 64): saved_point([[9, 8, 7, 6], [9, 8, 7, 6], [9, NAN]]),
    }


def test_a_row_per_run_and_definition(points):
    table, _ = tables(points)
    assert list(table) == COLUMNS
    assert len(table) == 3 * 3 * 2
    target = table[table["definition"] == "target"]
    # The median of the reference's best values 2, 2 and 4 with no tolerance.
    assert target["target"].unique().tolist() == [2.0]
    four = target[target["batch_size"] == 4]
    assert four["epoch"].tolist() == [2, 2, 1]
    assert four["updates"].tolist() == [4, 4, 2]
    # An epoch takes a second.
    assert four["seconds"].tolist() == [2.0, 2.0, 1.0]
    status = target.groupby("batch_size")["status"].apply(list).to_dict()
    assert status[32] == ["reached", "reached", "not_reached"]
    assert status[64] == ["not_reached", "not_reached", "diverged"]
    assert target[target["batch_size"] == 64]["epoch"].isna().all()


def test_a_diverged_run_is_diverged_even_if_it_had_reached(points):
    points["sgd", 64] = saved_point([[1, 1, NAN]] * 3)
    table, _ = tables(points)
    rows = table[table["batch_size"] == 64]
    assert rows["status"].eq("diverged").all() and rows["epoch"].isna().all()


def test_target_is_common_to_a_recipe_and_its_own(points):
    points["adam", 8] = saved_point([[0.5, 0.4]] * 3)
    table, _ = tables(points, settings(tolerance=0.5))
    target = table[table["definition"] == "target"]
    assert target.groupby("recipe")["target"].unique().map(list).to_dict() == {
        "adam": [pytest.approx(0.6)],
        "sgd": [3.0],
    }


def test_a_number_is_a_target(points):
    table, _ = tables(points, settings(value=7.0))
    rows = table[(table["definition"] == "target") & (table["batch_size"] == 64)]
    assert rows["epoch"].tolist()[:2] == [3, 3]


def test_without_a_target_nothing_is_reached_or_late():
    table, _ = tables({("sgd", 32): saved_point([[NAN], [NAN], [1]])})
    rows = table[table["definition"] == "target"]
    assert rows["status"].tolist() == ["no_target"] * 3
    assert rows[["target", "epoch", "last_epoch"]].isna().all(axis=None)


def test_other_targets_are_multiples_of_the_best_at_the_reference(points):
    points["sgd", 8] = saved_point([[2.5, 2.41, 2.39, 2.1]] * 3)
    _, table = tables(points, settings(value=7.0, tolerance=0.5))
    assert list(table) == [*COLUMNS, "factor"]
    assert table.groupby("factor")["target"].unique().map(list).to_dict() == {
        factor: [pytest.approx(2 * factor)] for factor in (1.02, 1.05, 1.1, 1.2)
    }
    eight = table[table["batch_size"] == 8].groupby("factor")["epoch"].first()
    # 2.04, 2.1, 2.2 and 2.4: a tie reaches.
    assert eight.isna().tolist() == [True, False, False, False]
    assert eight.dropna().tolist() == [4, 4, 3]
    _, accuracy = tables(points, settings(metric="val_accuracy"))
    # The median best accuracy of size 32 is 1 - 2 / 10.
    assert accuracy["target"].unique() == pytest.approx([0.784, 0.76, 0.72, 0.64])


def test_the_last_epoch_that_could_have_been_found():
    """Held for three epochs, the fourth of six is the last; stable for two, the fifth."""
    chosen = SETTINGS | {
        "target": SETTINGS["target"] | {"value": 1.0, "hold": 3},
        "stable": SETTINGS["stable"] | {"min_epochs": 2},
    }
    table, _ = tables({("sgd", 4): saved_point([[9, 9, 9, 9, 1, 1], [9, NAN]])}, chosen)
    last = table.groupby("definition")["last_epoch"].apply(list)
    assert last["target"][0] == 4 and last["stable"][0] == 5
    # One that diverged is not late: it never reaches.
    assert table.loc[table["replicate"] == 2, "last_epoch"].isna().all()
