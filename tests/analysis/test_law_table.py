"""The scaling table and what is said of the law, on made-up runs that follow it or do not."""

import numpy as np
import pytest
from saved import SETTINGS, Study, out_of_memory, saved_point

from batchscope.analysis.law_table import b_crit_text, law_numbers, law_sentences

FIXED = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
SIZES = [4, 8, 16, 32, 64]
S_MIN, B_CRIT, EPOCHS = 20, 16, 100


def saved_study(updates, epochs=EPOCHS, replicates=5, jitter=0):
    """Points of one update an epoch whose runs reach the loss 1 after `updates` of a size."""
    histories = {}
    for size in SIZES:
        steps = [round(updates(size)) + jitter * (r - replicates // 2) for r in range(replicates)]
        curves = [np.where(np.arange(1, epochs + 1) < step, 2, 1) for step in steps]
        histories["sgd", size] = saved_point(curves, updates_per_epoch=1)
    return histories


def table(histories):
    return Study(histories, FIXED, EPOCHS).scaling("sgd")


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
    [sentence] = law_sentences(found)
    assert "describes the updates to the target (rms log residual 0.000)" in sentence
    assert "B_crit = 16.0. Far" in sentence and "S_min = 20" in sentence


def test_replicates_give_the_limits():
    found = table(saved_study(law, jitter=2))
    first = found.iloc[0]
    assert first["s_min_low"] < first["s_min"] < first["s_min_high"]
    assert first["updates_low"] < first["updates"] < first["updates_high"]
    assert (found["law_updates_low"] < found["law_updates_high"]).all()


def test_the_unreached_count_as_later():
    """The two largest sizes were given 28 epochs, too few for one of them: 30 is not reached."""
    histories = saved_study(law)
    short = saved_study(law, epochs=28)
    for size in (32, 64):
        histories["sgd", size] = short["sgd", size]
    found = table(histories)
    assert found["reached"].tolist() == [5, 5, 5, 0, 5]
    assert np.isinf(found["updates"][3]) and found["last_updates"][3] == 28
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.01)


def test_another_curve_is_not_described():
    found = table(saved_study(lambda size: {4: 20, 8: 90, 16: 15, 32: 80, 64: 30}[size]))
    assert found["rms_log_residual"][0] > 0.15 and not found["described"][0]
    [sentence] = law_sentences(found)
    assert "does not describe these data" in sentence and "no verdict" in sentence
    assert "B_crit = " in sentence


@pytest.mark.parametrize(
    ("updates", "text"),
    [(lambda size: 50, "below 4"), (lambda size: 400 / size, "above 64")],
)
def test_beyond_the_sweep_there_is_a_bound_only(updates, text):
    found = table(saved_study(updates))
    assert b_crit_text(found) == text
    numbers = law_numbers(found)
    assert numbers["b_crit_text"] == text and not np.isfinite(numbers["b_crit"])


def test_a_limit_beyond_the_sweep_is_a_bound():
    found = table(saved_study(law)).assign(b_crit=50.0, b_crit_low=30.0, b_crit_high=np.inf)
    assert b_crit_text(found) == "50.0 (30.0 to above 64)"
    assert b_crit_text(found.assign(b_crit_low=np.nan, b_crit_high=np.nan)) == "50.0"


def test_beyond_the_sweep_no_number_is_told():
    found = table(saved_study(lambda size: 400 / size))
    assert np.isinf(found["b_crit"][0]) and np.isnan(found["s_min"][0])
    assert "S_min =" not in law_sentences(found)[0].split("describes")[1]
    flat = table(saved_study(lambda size: 50))
    assert flat["b_crit"][0] == 0 and np.isnan(flat["e_min"][0])
    assert flat["s_min"][0] == pytest.approx(50, rel=0.001)


def test_diverged_runs_are_no_part_of_the_law():
    histories = saved_study(law)
    curves = [np.where(np.arange(1, EPOCHS + 1) < 25, 2, 1)] * 2 + [[np.nan]] * 3
    histories["sgd", 64] = saved_point(curves, updates_per_epoch=1)
    found = table(histories)
    assert found["reached"].tolist() == [5, 5, 5, 5, 2]
    # Most runs never got there; those that did are on the law.
    assert np.isinf(found["updates"][4])
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.001)
    assert found["rms_log_residual"][0] < 0.001


def test_two_sizes_fit_no_law():
    histories = saved_study(law)
    for size in (4, 8, 16):
        histories["sgd", size] = saved_point([[2] * EPOCHS] * 5, updates_per_epoch=1)
    found = table(histories)
    assert found[["s_min", "b_crit", "law_updates", "rms_log_residual"]].isna().all(axis=None)
    assert law_sentences(found)[0].startswith("**Batch-size law:** not fitted")
    assert law_numbers(found)["b_crit_text"] is None


def test_a_size_that_did_not_fit_says_nothing():
    histories = saved_study(law)
    histories["sgd", 128] = out_of_memory(5)
    found = table(histories)
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.001)
    assert np.isnan(found["updates"][5]) and found["rms_log_residual"][0] < 0.001
    histories = saved_study(lambda size: 10 * (1 + 200 / size), epochs=600)
    histories["sgd", 512] = out_of_memory(5)
    assert b_crit_text(table(histories)) == "above 64"


def test_one_replicate_fits_without_limits():
    found = table(saved_study(law, replicates=1))
    assert found["b_crit"][0] == pytest.approx(B_CRIT, rel=0.01)
    assert np.isnan(found["b_crit_low"][0])
    assert "B_crit = 16.0." in law_sentences(found)[0]
