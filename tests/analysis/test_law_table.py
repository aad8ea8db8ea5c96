"""The scaling table and the law's facts, on made-up runs that follow it or do not."""

import numpy as np
import pytest
from saved import SETTINGS, Study, job, out_of_memory, saved_point

from batchscope.analysis.law_table import law_facts

FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
SIZES = [4, 8, 16, 32, 64, 128, 256]
S_MIN, B_CRIT, EPOCHS = 400, 16, 2500


def saved_study(updates, epochs=EPOCHS, replicates=6, jitter=0.02, sizes=SIZES):
    """Points of one update an epoch whose runs reach the loss 1 around `updates` of a size.

    Replicates differ by `jitter`, not all sizes' in the same order.
    """
    points = {}
    for index, size in enumerate(sizes):
        away = np.roll(np.linspace(-1, 1, replicates), index) if replicates > 1 else np.zeros(1)
        steps = np.round(updates(size) * np.exp(jitter * away))
        curves = [np.where(np.arange(1, epochs + 1) < step, 2, 1) for step in steps]
        points["sgd", size] = saved_point(curves, updates_per_epoch=1)
    return points


def table(points, jobs=None):
    return Study(points, FIXED, EPOCHS, jobs=jobs).law("sgd")


def facts(points):
    return law_facts(table(points))


def law(size):
    return S_MIN * (1 + B_CRIT / size)


def test_a_law_is_found_where_there_is_one():
    found = table(saved_study(law))
    first = found.iloc[0]
    assert first["verdict"] == "described"
    assert found["law_updates"].tolist() == pytest.approx([law(size) for size in SIZES], rel=0.01)
    assert (found["law_extent"] == "within").all()
    assert (found["law_updates_low"] < found["law_updates"]).all()
    assert (found["law_updates"] < found["law_updates_high"]).all()
    assert first["rms_log_residual"] < 0.01
    told = law_facts(found)
    assert (told["smallest_size"], told["largest_size"]) == (4, 256)
    assert told["lack_of_fit"] > 0.01 > told["power_law_lack_of_fit"]
    # The smallest size is no tenth of B_crit, so fewer examples than there may do.
    assert told["e_min_examples"]["below"] == ["low", "value"]
    assert S_MIN * B_CRIT < told["e_min_examples"]["high"] == pytest.approx(8000, rel=0.03)
    for name, value in (("s_min_updates", S_MIN), ("b_crit_samples", B_CRIT)):
        assert told[name]["value"] == pytest.approx(value, rel=0.02)
        assert told[name]["low"] < told[name]["value"] < told[name]["high"]
        assert told[name]["above"] == told[name]["below"] == []


def test_nothing_is_told_beyond_the_sizes_that_reached():
    """With 500 epochs the target is reached at 128 and 256 alone; with 900, from 16 on."""
    points = saved_study(law, epochs=900)
    found = table(points)
    assert found["reached"].tolist() == [0, 0, 6, 6, 6, 6, 6]
    assert found["law_extent"].tolist() == ["extrapolated"] * 2 + ["within"] * 5
    assert found["law_updates"].notna().all()
    limits = found[["law_updates_low", "law_updates_high"]]
    assert limits[:2].isna().all(axis=None) and limits[2:].notna().all(axis=None)
    assert law_facts(found)["smallest_size"] == 16
    told = facts(saved_study(law, epochs=500))
    assert told["verdict"] == "not_fitted"
    assert (told["smallest_size"], told["largest_size"]) == (128, 256)


def test_s_min_is_a_bound_until_a_size_is_well_beyond_b_crit():
    told = facts(saved_study(law, sizes=[2, 4, 8, 16, 32, 64]))
    assert told["verdict"] == "described" and told["b_crit_samples"]["value"]
    # A run at 64 needs 500, and 400 is not seen.
    s_min = told["s_min_updates"]
    assert s_min["value"] is s_min["low"] is None and s_min["below"] == ["low", "value"]
    assert 500 <= s_min["high"] < 515


def test_a_study_that_stops_early_says_nothing_that_more_sizes_contradict():
    """Updates fall on beyond what four sizes show, as the article's do."""

    def updates(size):
        return 2750 * (size / 4) ** -0.517 if size <= 8 else 1921 * (size / 8) ** -0.25

    few = facts(saved_study(updates, epochs=3000, sizes=[4, 8, 16, 32], jitter=0.3))
    assert few["verdict"] == "compatible"
    more = saved_study(updates, epochs=3000, sizes=[4, 8, 16, 32, 64, 128, 256, 512], jitter=0.3)
    least = table(more)["updates"].min()
    assert few["s_min_updates"]["value"] is few["s_min_updates"]["low"] is None
    assert few["s_min_updates"]["high"] > least


@pytest.mark.parametrize(
    "updates", [lambda size: 4000 * size**-0.5, lambda size: law(size) * (1 + size / 200)]
)
def test_another_curve_is_rejected_and_an_exponent_told(updates):
    found = table(saved_study(updates))
    told = law_facts(found)
    assert told["verdict"] == "rejected" and told["lack_of_fit"] < 0.01
    assert told["exponent"]["low"] < told["exponent"]["value"] < told["exponent"]["high"]
    for name in ("s_min_updates", "e_min_examples", "b_crit_samples"):
        assert not any(told[name].values())
    # The curve is drawn, without a band.
    assert found["law_updates"].notna().all() and found["law_updates_low"].isna().all()


def test_the_exponent_of_a_power_law():
    told = facts(saved_study(lambda size: 4000 * size**-0.5))
    assert told["exponent"]["low"] < 0.5 < told["exponent"]["high"]
    assert told["power_law_lack_of_fit"] > 0.01


@pytest.mark.parametrize(
    ("updates", "side", "other"),
    [(lambda size: 500, "below", "above"), (lambda size: 8000 / size, "above", "below")],
)
def test_beyond_the_sizes_b_crit_is_a_bound(updates, side, other):
    told = facts(saved_study(updates))
    assert told["verdict"] == "compatible"
    assert told["b_crit_samples"][side] == ["low", "value", "high"]
    assert told["b_crit_samples"][other] == []


def test_epochs_can_be_too_coarse_to_judge_by():
    points = {
        ("sgd", size): saved_point([[2, 1, 1], [1, 1, 1]] * 3, updates_per_epoch=256 // size)
        for size in (4, 8, 16, 32)
    }
    told = facts(points)
    assert told["verdict"] == "coarse" and told["lack_of_fit"] is not None
    assert not any(told["b_crit_samples"].values()) and not any(told["exponent"].values())


def test_diverged_runs_are_no_part_of_the_law():
    points = saved_study(law)
    curves = [np.where(np.arange(1, EPOCHS + 1) < 424, 2, 1)] * 2 + [[np.nan]] * 4
    points["sgd", 256] = saved_point(curves, updates_per_epoch=1)
    found = table(points)
    assert found["reached"].tolist() == [6] * 6 + [2]
    # Most runs never reached; those that did are on the law.
    assert "value" in found["updates_above"][6]
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.03)


def test_a_size_that_did_not_fit_says_nothing():
    points = saved_study(law)
    whole = table(points)
    points["sgd", 512] = out_of_memory(6)
    found = table(points)
    assert found["b_crit"][0] == pytest.approx(whole["b_crit"][0], rel=1e-6)
    assert np.isnan(found["updates"][7]) and found["law_extent"][7] == "extrapolated"
    assert law_facts(found)["largest_size"] == 256


def test_sizes_of_one_effective_size_are_one():
    points = saved_study(law)
    points["sgd", 1024] = points["sgd", 256]
    jobs = {("sgd", 1024): job(1024, EPOCHS, effective_batch_size=256)}
    found, once = table(points, jobs), table(saved_study(law))
    numbers = ["lack_of_fit", "s_min", "s_min_low", "b_crit_high"]
    assert found[numbers].iloc[0].tolist() == once[numbers].iloc[0].tolist()
    assert found["law_updates"][7] == found["law_updates"][6]
    # Three sizes of two effective ones fit no law.
    points = {("sgd", size): points["sgd", size] for size in (64, 256, 1024)}
    assert law_facts(table(points, jobs))["verdict"] == "not_fitted"


def test_one_replicate_fits_without_limits_or_verdict():
    found = table(saved_study(law, replicates=1))
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.01)
    assert np.isnan(found["b_crit_low"][0])
    told = law_facts(found)
    assert told["verdict"] == "compatible" and told["lack_of_fit"] is None


def test_two_replicates_have_a_range_of_laws():
    found = table(saved_study(law, replicates=2))
    first = found.iloc[0]
    assert first["b_crit_low"] < first["b_crit"] < first["b_crit_high"]
