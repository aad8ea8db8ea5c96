"""How two studies differ: known answers at points that were changed on purpose."""

import numpy as np
import pytest
from answers import EPOCHS, facts, point, settings
from saved import Study

from batchscope.analysis.differences import differences

SIZES = (4, 16, 64)
NAMES = [("adam", size) for size in SIZES]


def made(rate=0.2, replicates=10, slower=1.0, late=(), value=0.45):
    """What `differences` takes of a study; points of the sizes `late` learn at half the rate."""
    points = {}
    for size in SIZES:
        history, runs = point(size, rate / 2 if size in late else rate, replicates)
        points["adam", size] = history, runs.assign(train_seconds=runs["train_seconds"] * slower)
    jobs = {name: facts(name[1]) for name in points}
    study = Study(points, settings(value), EPOCHS, jobs, spread=0.01)
    config = settings(value)
    config["target"]["reference_batch_size"] = 16
    return study.saved, study.pace, study.convergence, config


def verdicts(found, measure):
    return [point[measure]["verdict"] for point in found]


def test_a_study_does_not_differ_from_itself():
    found = differences(made(), made(), NAMES)
    assert [(own["recipe"], own["batch_size"]) for own in found] == [("adam", s) for s in SIZES]
    for measure in ("target_epoch", "target_seconds", "best_val_loss"):
        assert verdicts(found, measure) == ["undecided"] * 3
    change = found[0]["target_epoch"]["change"]
    # The same draws of both: not even the limits differ.
    assert (change["value"], change["low"], change["high"]) == (1, 1, 1)
    seconds = found[0]["seconds_per_epoch"]["change"]
    assert seconds["value"] == 1 and seconds["low"] < 1 < seconds["high"]


def test_what_was_changed_is_found_where_it_was_changed():
    found = differences(made(), made(late=(16,)), NAMES)
    assert verdicts(found, "target_epoch") == ["undecided", "more", "undecided"]
    assert found[1]["target_epoch"]["change"]["value"] == pytest.approx(2, abs=0.15)
    assert verdicts(found, "seconds_per_epoch") == ["undecided"] * 3
    back = differences(made(late=(16,)), made(), NAMES)
    assert verdicts(back, "target_epoch") == ["undecided", "less", "undecided"]


def test_another_pace_changes_seconds_and_no_epochs():
    found = differences(made(), made(slower=3.0), NAMES)
    assert verdicts(found, "seconds_per_epoch") == ["more"] * 3
    assert found[0]["seconds_per_epoch"]["change"]["value"] == pytest.approx(3)
    assert verdicts(found, "target_epoch") == ["undecided"] * 3


def test_runs_of_the_other_are_held_to_the_targets_of_the_one():
    """Its own target is so easy that each run reaches it at once."""
    found = differences(made(), made(value=1.0), NAMES)
    for own in found:
        assert own["target_epoch"]["one"]["value"] == own["target_epoch"]["other"]["value"]


def test_other_numbers_of_replicates_are_not_paired():
    found = differences(made(replicates=10), made(replicates=12), NAMES)
    change = found[1]["target_epoch"]["change"]
    assert change["low"] < 1 < change["high"]
    assert verdicts(found, "target_epoch") == ["undecided"] * 3


@pytest.mark.parametrize("replicates", [1, 3, 5])
def test_few_replicates_conclude_nothing(replicates):
    found = differences(made(replicates=replicates), made(replicates=replicates, late=SIZES), NAMES)
    assert verdicts(found, "target_epoch") == ["too_few_replicates"] * 3
    assert found[0]["target_epoch"]["change"]["value"] == pytest.approx(2, abs=0.2)


def test_without_a_target_no_time_is_compared():
    saved, pace, convergence, config = made()
    own = convergence["definition"] == "target"
    convergence.loc[own, "target"] = np.nan
    convergence.loc[own, "status"] = "no_target"
    convergence.loc[own, "epoch"] = np.nan
    found = differences((saved, pace, convergence, config), made(), NAMES)
    assert verdicts(found, "target_epoch") == ["unknown"] * 3
    assert "unknown" not in verdicts(found, "best_val_loss")


def test_what_one_does_not_reach_is_less_in_the_other():
    found = differences(made(rate=0.02), made(), NAMES)
    # No run of the one gets there at the largest size.
    assert found[2]["target_epoch"]["one"]["above"]
    assert found[2]["target_epoch"]["verdict"] == "less"
