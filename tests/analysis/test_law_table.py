"""The scaling table and the law's facts, on made-up runs that follow it or do not."""

import numpy as np
import pytest
from saved import SETTINGS, Study, out_of_memory, saved_point

from batchscope.analysis.law_table import law_facts

FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
SIZES = [4, 8, 16, 32, 64]
S_MIN, B_CRIT, EPOCHS = 20, 16, 100


def saved_study(updates, epochs=EPOCHS, replicates=5, jitter=0):
    """Points of one update an epoch whose runs reach the loss 1 after `updates` of a size."""
    points = {}
    for size in SIZES:
        steps = [round(updates(size)) + jitter * (r - replicates // 2) for r in range(replicates)]
        curves = [np.where(np.arange(1, epochs + 1) < step, 2, 1) for step in steps]
        points["sgd", size] = saved_point(curves, updates_per_epoch=1)
    return points


def table(points):
    return Study(points, FIXED, EPOCHS).law("sgd")


def facts(points):
    return law_facts(table(points))


def law(size):
    return S_MIN * (1 + B_CRIT / size)


def test_a_law_is_found_where_there_is_one():
    found = table(saved_study(law))
    first = found.iloc[0]
    assert found["updates"].tolist() == [100, 60, 40, 30, 25]
    assert found["law_updates"].tolist() == pytest.approx([100, 60, 40, 30, 25], rel=0.001)
    assert (first["s_min"], first["b_crit"]) == pytest.approx((S_MIN, B_CRIT), rel=0.001)
    assert first["e_min"] == pytest.approx(S_MIN * B_CRIT, rel=0.001)
    assert first["rms_log_residual"] < 0.001 and first["described"]
    told = law_facts(found)
    assert told["verdict"] == "holds" and (told["smallest_size"], told["largest_size"]) == (4, 64)
    for name, value in (("s_min_updates", 20), ("e_min_examples", 320), ("b_crit_samples", 16)):
        assert told[name]["value"] == pytest.approx(value, rel=0.001)
        assert told[name]["above"] == told[name]["below"] == []


def test_replicates_give_the_limits():
    found = table(saved_study(law, jitter=2))
    first, second = found.iloc[0], found.iloc[1]
    assert first["s_min_low"] < first["s_min"] < first["s_min_high"]
    assert second["updates_low"] < second["updates"] < second["updates_high"]
    # The last replicate needs four updates more than there are epochs.
    assert first["updates_above"] == "high" and np.isnan(first["updates_high"])
    assert (found["law_updates_low"] < found["law_updates_high"]).all()


def test_the_unreached_count_as_later():
    """The two largest sizes were given 28 epochs, too few for one of them: 30 is not reached."""
    points = saved_study(law)
    short = saved_study(law, epochs=28)
    for size in (32, 64):
        points["sgd", size] = short["sgd", size]
    found = table(points)
    assert found["reached"].tolist() == [5, 5, 5, 0, 5]
    assert np.isnan(found["updates"][3]) and found["last_updates"][3] == 28
    assert found["updates_above"].fillna("").tolist() == ["", "", "", "low value high", ""]
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.01)


def test_another_curve_is_not_described():
    found = table(saved_study(lambda size: {4: 20, 8: 90, 16: 15, 32: 80, 64: 30}[size]))
    assert found["rms_log_residual"][0] > 0.15 and not found["described"][0]
    told = law_facts(found)
    assert told["verdict"] == "does_not_hold" and told["rms_log_residual"] > 0.15


@pytest.mark.parametrize(
    ("updates", "below", "above", "unknown"),
    [
        (lambda size: 50, ["low", "value", "high"], [], "e_min_examples"),
        (lambda size: 400 / size, [], ["low", "value", "high"], "s_min_updates"),
    ],
)
def test_beyond_the_sweep_there_is_a_bound_only(updates, below, above, unknown):
    told = facts(saved_study(updates))
    assert (told["b_crit_samples"]["below"], told["b_crit_samples"]["above"]) == (below, above)
    assert told["b_crit_samples"]["value"] is None
    # What no batch size of the sweep shows is told on no side.
    assert told[unknown]["value"] is None and not told[unknown]["above"]


def test_what_is_seen_of_a_law_beyond_the_sweep_is_told():
    flat, falling = facts(saved_study(lambda size: 50)), facts(saved_study(lambda size: 384 / size))
    assert flat["s_min_updates"]["value"] == pytest.approx(50, rel=0.001)
    assert falling["e_min_examples"]["value"] == pytest.approx(384, rel=0.001)


def test_diverged_runs_are_no_part_of_the_law():
    points = saved_study(law)
    curves = [np.where(np.arange(1, EPOCHS + 1) < 25, 2, 1)] * 2 + [[np.nan]] * 3
    points["sgd", 64] = saved_point(curves, updates_per_epoch=1)
    found = table(points)
    assert found["reached"].tolist() == [5, 5, 5, 5, 2]
    # Most runs never reached; those that did are on the law.
    assert "value" in found["updates_above"][4]
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.001)
    assert found["rms_log_residual"][0] < 0.001


def test_two_sizes_fit_no_law():
    points = saved_study(law)
    for size in (4, 8, 16):
        points["sgd", size] = saved_point([[2] * EPOCHS] * 5, updates_per_epoch=1)
    found = table(points)
    assert found[["s_min", "b_crit", "law_updates", "rms_log_residual"]].isna().all(axis=None)
    told = law_facts(found)
    assert told["verdict"] == "not_fitted" and told["rms_log_residual"] is None
    assert told["b_crit_samples"]["above"] == told["b_crit_samples"]["below"] == []


def test_a_size_that_did_not_fit_says_nothing():
    points = saved_study(law)
    points["sgd", 128] = out_of_memory(5)
    found = table(points)
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.001)
    assert np.isnan(found["updates"][5]) and found["rms_log_residual"][0] < 0.001
    assert found["updates_above"].isna()[5]
    points = saved_study(lambda size: 10 * (1 + 200 / size), epochs=600)
    points["sgd", 512] = out_of_memory(5)
    told = facts(points)
    assert told["largest_size"] == 64 and "value" in told["b_crit_samples"]["above"]


def test_one_replicate_fits_without_limits():
    found = table(saved_study(law, replicates=1))
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.01)
    assert np.isnan(found["b_crit_low"][0])
