"""From saved files to the summary, on made-up curves with known answers."""

import numpy as np
import pytest
from saved import SETTINGS, Study, job, out_of_memory, saved_point

from batchscope.analysis.summary_table import moving_timescale

NAN = np.nan


def table(points, chosen=SETTINGS, epochs=4):
    return Study(points, chosen, epochs).table


def fixed(value):
    return SETTINGS | {"target": SETTINGS["target"] | {"value": value}}


@pytest.fixture
def points():
    """Size 4 is fast and good, 32 the reference, 64 never reaches; its third run diverges."""
    return {
        ("sgd", 4): saved_point([[3, 2, 1, 1], [3, 1, 1, 1], [1, 1, 1, 1]], seconds=[4, 4, 8]),
        ("sgd", 32): saved_point([[5, 4, 3, 2], [5, 4, 2, 2], [5, 4, 4, 4]]),
        ("sgd", 64): saved_point([[9, 8, 7, 6], [9, 8, 7, 6], [9, NAN]]),
    }


def known(column):
    """A column as dict, None where it is empty."""
    return {index: None if value != value else value for index, value in column.items()}


def renamed(points, metric):
    """The points with another metric in place of accuracy; None takes it away."""
    changed = {}
    for name, (history, runs) in points.items():
        if metric is None:
            history = history.drop(columns=["accuracy", "val_accuracy"])
        else:
            columns = {"accuracy": metric, "val_accuracy": f"val_{metric}"}
            history = history.rename(columns=columns)
        changed[name] = history, runs
    return changed


def of_loss():
    return SETTINGS | {"stable": SETTINGS["stable"] | {"metric": "val_loss"}}


def test_results_are_told_in_the_metric_that_was_measured(points):
    """The made-up accuracy is 1 - loss / 10; taken for an error, the smaller value is the best."""
    found = table(renamed(points, "mean_absolute_error"), of_loss()).set_index("batch_size")
    assert found.loc[32, "best_val_mean_absolute_error"] == pytest.approx(0.5)
    assert found.loc[32, "final_val_mean_absolute_error"] == pytest.approx(1 - 0.8 / 3)
    assert not any("accuracy" in column for column in found)


def test_of_a_loss_alone_the_loss_is_told(points):
    found = table(renamed(points, None), of_loss())
    ends = [column for column in found if column.startswith(("final", "best"))]
    columns = [
        f"{which}_val_loss{end}" for which in ("final", "best") for end in ("", "_low", "_high")
    ]
    assert ends == columns


def test_test_samples_count_after_the_last_epoch_of_completed_runs(points):
    for number, (_, runs) in enumerate(points.values()):
        runs["test_loss"], runs["test_accuracy"] = [1.0, 2.0, 9.0], number / 2
    found = table(points).set_index("batch_size")
    # The third run of 64 diverged.
    assert found["final_test_loss"].to_dict() == {4: 4, 32: 4, 64: 1.5}
    assert found["final_test_accuracy"].to_dict() == {4: 0, 32: 0.5, 64: 1}


def test_summary_rows(points):
    found = table(points).set_index("batch_size")
    assert found["target_reached"].to_dict() == {4: 3, 32: 2, 64: 0}
    assert found["diverged"].to_dict() == {4: 0, 32: 0, 64: 1}
    assert found["completed"].to_dict() == {4: 3, 32: 3, 64: 2}
    assert known(found["target_epoch"]) == {4: 2, 32: 4, 64: None}
    assert known(found["target_epoch_above"]) == {4: None, 32: "high", 64: "low value high"}
    assert found["later_than_target_epoch"].to_dict() == {4: 4, 32: 4, 64: 4}
    assert found["seconds_per_epoch"].to_dict() == {4: 1, 32: 0.25, 64: 0.25}
    # A hundred samples an epoch.
    assert found["samples_per_second"].to_dict() == {4: 100, 32: 400, 64: 400}
    assert known(found["target_examples"]) == {4: 200, 32: 400, 64: None}
    assert found["later_than_target_examples"].to_dict() == {4: 400, 32: 400, 64: 400}
    assert found["peak_memory_mib"].eq(512).all()
    # Only completed replicates have a final value; the diverged one is counted beside it.
    assert found.loc[64, "final_val_loss"] == 6
    assert found.loc[32, "final_val_loss"] == pytest.approx(8 / 3)
    assert found.loc[32, "best_val_loss"] == pytest.approx(8 / 3)


def test_no_file_has_an_infinite_number(points):
    """Not the summary, nor the scaling table, nor the answer, whatever was not reached."""
    points["sgd", 128] = out_of_memory(3)
    study = Study(points, SETTINGS)
    for found in (study.table, study.law("sgd")):
        assert not np.isinf(found.select_dtypes("number")).any(axis=None)
    study.answer()


def test_ratios_are_to_the_reference_of_the_same_recipe(points):
    points["adam", 8] = saved_point([[1, 1, 1, 1]] * 3)
    found = table(points).set_index(["recipe", "batch_size"])
    assert known(found["target_epoch_ratio"]) == {
        ("sgd", 4): 0.5,
        ("sgd", 32): 1,
        ("sgd", 64): None,
        ("adam", 8): 1,
    }
    assert "value" in found.loc[("sgd", 64), "target_epoch_ratio_above"]
    # Three replicates: the range of their own ratios, 2/4, 2/3 and 1 over one that is not reached.
    limits = found.loc[("sgd", 4), ["target_epoch_ratio_low", "target_epoch_ratio_high"]]
    assert limits.tolist() == [0, pytest.approx(2 / 3)]


def test_unfinished_reference_sets_no_target():
    points = {("sgd", 32): saved_point([[NAN], [NAN]]), ("sgd", 4): saved_point([[1, 1]] * 2)}
    found = table(points, epochs=2)
    assert found["target"].isna().all()
    assert found["target_reached"].tolist() == [0, 0]
    # Without a target nothing is late either.
    columns = ["target_epoch", "target_epoch_above", "later_than_target_epoch"]
    assert found[columns].isna().all(axis=None)


def test_everything_diverged_has_no_final_value():
    points = {("sgd", 4): saved_point([[NAN], [NAN]])}
    assert np.isnan(table(points, epochs=1).loc[0, "final_val_accuracy"])


def test_later_than_is_the_last_time_that_could_have_been_seen():
    """Held for three epochs, the fourth of six is the last; stable for two, the third of four."""
    chosen = SETTINGS | {
        "target": SETTINGS["target"] | {"value": 1.0, "hold": 3},
        "stable": SETTINGS["stable"] | {"min_epochs": 2},
    }
    points = {
        ("sgd", 4): saved_point([[9, 9, 9, 9, 1, 1]] * 5, seconds=12),
        ("sgd", 32): saved_point([[9, 8, 7, 6]] * 5),
        ("sgd", 64): saved_point([[9, NAN]] * 5),
    }
    last = table(points, chosen).set_index("batch_size")
    assert last["later_than_target_epoch"].tolist()[:2] == [4, 2]
    assert last["later_than_target_updates"].tolist()[:2] == [8, 4]
    assert last["later_than_target_seconds"].tolist()[:2] == [8, 0.5]
    assert last["later_than_stable_epoch"].tolist()[:2] == [5, 3]
    # One that diverged is not late: it never reaches.
    assert last.filter(like="later_than").loc[64].isna().all()


def test_seconds_that_are_not_known_are_not_more_than_others():
    points = {
        ("sgd", 4): saved_point([[1, 1]] * 3 + [[2, 2]] * 2, seconds=NAN),
        ("sgd", 32): saved_point([[1, 1]] * 5),
    }
    found = table(points, fixed(1.0), epochs=2)
    assert found.loc[0, "target_epoch"] == 1
    assert found.loc[0].filter(regex="seconds").drop("tuning_seconds").isna().all()
    assert found.loc[1, ["target_seconds", "seconds_per_run"]].tolist() == [0.5, 1]


def test_what_did_not_fit_has_no_numbers(points):
    points["sgd", 128] = out_of_memory(3)
    found = table(points).set_index("batch_size")
    assert found["out_of_memory"].to_dict() == {4: False, 32: False, 64: False, 128: True}
    row = found.loc[128, ["target_epoch", "target_epoch_low", "seconds_per_epoch"]]
    assert row.isna().all() and np.isnan(found.loc[128, "peak_memory_mib"])
    # Nothing is known of it, not even that it would be later.
    assert found.loc[[128], "target_epoch_above"].isna().all()


def test_a_range_over_replicates_tells_nothing_of_the_pace(points):
    found = table(points).set_index("batch_size")
    ends = ["target_seconds_low", "target_seconds", "target_seconds_high"]
    assert found.loc[4, ends].tolist() == [1, 2, 2]
    assert known(found.loc[4, ["seconds_per_epoch_low", "samples_per_second_high"]]) == {
        "seconds_per_epoch_low": None,
        "samples_per_second_high": None,
    }


def test_facts_of_the_job_are_told(points):
    own = job(64, 4, learning_rate=0.3, random_layers=["Dropout"])
    own["point"]["clamped"] = ["beta_1", "beta_2"]
    study = Study(points, SETTINGS, 4, {("sgd", 64): own, ("sgd", 32): job(32, 4)})
    row = study.table.set_index("batch_size").loc[64]
    assert (row["learning_rate"], row["clamped"]) == (0.3, "beta_1 beta_2")
    assert (row["trained_by"], row["random_layers"]) == ("xla", "Dropout")
    assert np.isnan(row["learning_rate_share"]) and np.isnan(row["tuning_seconds"])
    assert study.answer()["points"][2]["clamped"] == ["beta_1", "beta_2"]


def decaying(optimizer="SGD", rates=(0.1, 0.1, 0.1), decays=(0.01, 0.01, 0.01), **changes):
    """The study of one recipe whose batch sizes have these learning rates and weight decays."""
    jobs = {}
    for size, rate, decay in zip((4, 32, 64), rates, decays, strict=True):
        own = job(size, 4, learning_rate=rate, samples_per_epoch=50, **changes)
        own["effective_batch_size"] = min(size, 50)
        arguments = {} if decay is None else {"weight_decay": decay}
        own["point"] |= {"optimizer": optimizer, "arguments": arguments}
        jobs["sgd", size] = own
    return Study({name: saved_point([[1] * 4] * 5) for name in jobs}, SETTINGS, 4, jobs)


def test_the_timescale_of_weight_decay():
    """4 / (0.1 * 0.01 * 50) by hand; a batch of 64 holds all of the 50 samples."""
    study = decaying()
    assert study.table["weight_decay"].tolist() == [0.01] * 3
    assert study.table["decay_timescale"].tolist() == pytest.approx([80, 640, 1000])
    assert study.answer()["recipes"]["sgd"]["moving_timescale"] == {
        "shortest": {"batch_size": 4, "epochs": pytest.approx(80)},
        "longest": {"batch_size": 64, "epochs": pytest.approx(1000)},
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"rates": (0.1, 0.8, 1.25)},
        {"decays": (0.01, 0.08, 0.125)},
        # Rounded by hand.
        {"decays": (0.01, 0.0803, 0.125)},
        {"decays": (None, None, None)},
    ],
)
def test_a_timescale_that_stays_is_not_said_to_move(settings):
    assert decaying(**settings).answer()["recipes"]["sgd"]["moving_timescale"] is None


def test_weight_decay_that_is_not_given():
    assert decaying("AdamW", decays=(None,) * 3).table["weight_decay"].tolist() == [0.004] * 3
    assert decaying(decays=(None,) * 3).table["weight_decay"].isna().all()
    # Of an imported training it is not known, whatever Keras would take.
    imported = Study({("sgd", 4): saved_point([[1] * 4])}, SETTINGS, 4)
    assert "arguments" not in imported.saved[0].job["point"]
    assert imported.table[["weight_decay", "decay_timescale"]].isna().all(axis=None)


def test_a_size_that_was_not_trained_has_no_part_in_what_moves():
    study = decaying(rates=(0.1, 0.8, 0.1))
    own = {point["batch_size"]: point for point in study.measurements.summaries}
    own[64]["out_of_memory"] = True
    assert moving_timescale(list(own.values())) is None
