"""From saved files to table and sentences, on made-up curves with known answers."""

import numpy as np
import pytest
from saved import SETTINGS, job, saved_point

from batchscope.claims import compare, judge_claims
from batchscope.epochs import COLUMNS, convergence_table
from batchscope.markdown import summary_markdown
from batchscope.summary import summary_table
from batchscope.wording import count, interval, number

NAN = np.nan


def settings(**target):
    return SETTINGS | {"target": SETTINGS["target"] | target}


def summarise(histories, chosen=SETTINGS, epochs=4):
    jobs = {point: job(point[1], epochs) for point in histories}
    return summary_table(histories, jobs, convergence_table(histories, chosen))


@pytest.fixture
def histories():
    """Size 4 is fast and good, 32 the reference, 64 never gets there; its third run diverges."""
    return {
        ("sgd", 4): saved_point([[3, 2, 1, 1], [3, 1, 1, 1], [1, 1, 1, 1]], seconds=[4, 4, 8]),
        ("sgd", 32): saved_point([[5, 4, 3, 2], [5, 4, 2, 2], [5, 4, 4, 4]]),
        ("sgd", 64): saved_point([[9, 8, 7, 6], [9, 8, 7, 6], [9, NAN]]),
    }


def test_epochs_table(histories):
    table = convergence_table(histories, SETTINGS)
    assert list(table) == COLUMNS
    assert len(table) == 3 * 3 * 2
    target = table[table["definition"] == "target"]
    # The median of the reference's best values 2, 2 and 4 with no tolerance.
    assert target["target"].unique().tolist() == [2.0]
    four = target[target["batch_size"] == 4]
    assert four["epoch"].tolist() == [2, 2, 1]
    assert four["updates"].tolist() == [4, 4, 2]
    # Half, half and a quarter of the runs' 4, 4 and 8 seconds.
    assert four["seconds"].tolist() == [2.0, 2.0, 2.0]
    status = target.groupby("batch_size")["status"].apply(list).to_dict()
    assert status[32] == ["reached", "reached", "not_reached"]
    assert status[64] == ["not_reached", "not_reached", "diverged"]
    assert target[target["batch_size"] == 64]["epoch"].isna().all()


def test_a_diverged_run_is_diverged_even_if_it_had_reached(histories):
    histories["sgd", 64] = saved_point([[1, 1, NAN]] * 3)
    table = convergence_table(histories, SETTINGS)
    rows = table[table["batch_size"] == 64]
    assert rows["status"].eq("diverged").all() and rows["epoch"].isna().all()


def test_target_is_common_to_a_recipe_and_its_own(histories):
    histories["adam", 8] = saved_point([[0.5, 0.4]])
    table = convergence_table(histories, settings(tolerance=0.5))
    target = table[table["definition"] == "target"]
    assert target.groupby("recipe")["target"].unique().map(list).to_dict() == {
        "adam": [pytest.approx(0.6)],
        "sgd": [3.0],
    }


def test_a_number_is_a_target(histories):
    table = convergence_table(histories, settings(value=7.0))
    rows = table[(table["definition"] == "target") & (table["batch_size"] == 64)]
    assert rows["epoch"].tolist()[:2] == [3, 3]


def test_diverged_reference_sets_no_target_and_says_so():
    histories = {("sgd", 32): saved_point([[NAN], [NAN]]), ("sgd", 4): saved_point([[1, 1]] * 2)}
    table = summarise(histories, epochs=2)
    assert table["target"].isna().all()
    assert table["target_reached"].tolist() == [0, 0]
    text = summary_markdown(table)
    assert "No target could be set" in text
    assert "nan" not in text


def test_summary_rows(histories):
    table = summarise(histories).set_index("batch_size")
    assert table["target_reached"].to_dict() == {4: 3, 32: 2, 64: 0}
    assert table["diverged"].to_dict() == {4: 0, 32: 0, 64: 1}
    assert table["target_epoch"].to_dict() == {4: 2, 32: 4, 64: np.inf}
    assert table["seconds_per_epoch"].to_dict() == {4: 1, 32: 0.25, 64: 0.25}
    # Only completed replicates have a final value; the diverged one is counted beside it.
    assert table.loc[64, "final_val_loss"] == 6
    assert table.loc[32, "final_val_loss"] == pytest.approx(8 / 3)
    assert table.loc[32, "best_val_loss"] == pytest.approx(8 / 3)


def test_everything_diverged_has_no_final_value():
    table = summarise({("sgd", 4): saved_point([[NAN], [NAN]])}, epochs=1)
    assert np.isnan(table.loc[0, "final_val_accuracy"])
    row = [line for line in summary_markdown(table).splitlines() if line.startswith("|")][-1]
    assert row.split("|")[-2].strip() == "2/2" and "nan" not in row


def test_one_replicate_prints_no_interval(histories):
    single = {
        point: (history[history["replicate"] == 1], runs[runs["replicate"] == 1])
        for point, (history, runs) in histories.items()
    }
    text = summary_markdown(summarise(single))
    assert "no interval" in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert not any("(" in line or "–" in line for line in table)
    assert "> 4" in text


def test_one_batch_size_compares_nothing(histories):
    table = summarise({("sgd", 4): histories["sgd", 4]})
    assert judge_claims(table.to_dict("records")) == [
        "With batch size 4 alone there is nothing to compare."
    ]


def test_markdown_has_a_row_per_point_and_up_to_five_sentences(histories):
    text = summary_markdown(summarise(histories))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3
    sentences = [line for line in text.splitlines() if line.startswith("- ")]
    assert 3 <= len(sentences) <= 5


def test_the_time_of_a_resumed_replicate_counts_nowhere(histories):
    _, runs = histories["sgd", 4]
    runs.loc[2, "train_seconds"] = NAN
    table = summarise(histories).set_index("batch_size")
    assert table.loc[4, "seconds_per_run"] == 4
    # Its epochs do: three of three got there, at 2, 2 and 1; in seconds two of two.
    assert table.loc[4, "target_reached"] == 3 and table.loc[4, "target_epoch"] == 2
    assert table.loc[4, "target_seconds"] == 2
    runs["train_seconds"] = NAN
    text = summary_markdown(summarise(histories))
    assert "nan" not in text


def point(**values):
    """A summary row in which every measure is 1 (0.9–1.1) unless given."""
    row = {
        "batch_size": 4,
        "epochs": 100,
        "updates_per_epoch": 10,
        "replicates": 30,
        "target": 0.4,
        "target_metric": "val_loss",
        "target_reached": 30,
        "stable_reached": 30,
        "seconds_per_run": 1.0,
    }
    for measure in (
        "seconds_per_epoch",
        "target_epoch",
        "target_seconds",
        "stable_epoch",
        "final_val_accuracy",
    ):
        value, low, high = values.pop(measure, (1.0, 0.9, 1.1))
        row |= {measure: value, f"{measure}_low": low, f"{measure}_high": high}
    return row | values


def test_overlapping_intervals_do_not_tell():
    sentences = judge_claims([point(batch_size=4), point(batch_size=512)])
    assert sum("the data do not tell" in sentence for sentence in sentences) == 4


@pytest.mark.parametrize(
    ("measure", "small", "large", "verdict"),
    [
        ("seconds_per_epoch", (4, 3.9, 4.1), (1, 0.9, 1.1), "it falls with batch size, 4.0 times"),
        ("seconds_per_epoch", (1, 0.9, 1.1), (4, 3.9, 4.1), "it rises with batch size, 4.0 times"),
        ("target_epoch", (10, 9, 11), (20, 19, 21), "the small batch converges in fewer epochs"),
        ("target_epoch", (20, 19, 21), (10, 9, 11), "the small batch needs more epochs"),
        ("target_epoch", (10, 9, 11), (np.inf,) * 3, "the small batch converges in fewer epochs"),
        ("stable_epoch", (10, 9, 11), (20, 19, 21), "the small batch is stable earlier"),
        ("final_val_accuracy", (0.8, 0.79, 0.81), (0.7, 0.69, 0.71), "512 ends worse"),
        ("final_val_accuracy", (0.7, 0.69, 0.71), (0.8, 0.79, 0.81), "512 ends better"),
        ("final_val_accuracy", (np.nan,) * 3, (0.8, 0.79, 0.81), "the data do not tell"),
        ("target_seconds", (2, 1.9, 2.1), (1, 0.9, 1.1), "batch size 4 is slower"),
        (
            "target_seconds",
            (1, 0.9, 1.1),
            (2, 1.9, 2.1),
            "the lowest median time to the target is 1.00 (0.900–1.10) s at batch size 4 ",
        ),
        ("target_seconds", (np.inf,) * 3, (np.inf,) * 3, "at no batch size"),
    ],
)
def test_verdicts(measure, small, large, verdict):
    points = [point(batch_size=4, **{measure: small}), point(batch_size=512, **{measure: large})]
    assert any(verdict in sentence for sentence in judge_claims(points))


def test_not_reached_means_later_than_its_own_last_epoch_only():
    """One that was given 100 epochs is not slower than one that reached at 300 of 400."""
    stopped = point(target_epoch=(np.inf,) * 3, epochs=100)
    late = point(target_epoch=(300, 290, 310), epochs=400)
    assert compare(stopped, late, "target_epoch", last="epochs") == 0
    early = point(target_epoch=(90, 80, 100), epochs=400)
    assert compare(early, stopped, "target_epoch", last="epochs") == -1


def test_one_replicate_never_tells():
    one = point(target_epoch=(1, NAN, NAN))
    other = point(target_epoch=(9, NAN, NAN))
    assert compare(one, other, "target_epoch", last="epochs") == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0551, "0.0551"), (0.99996, "1.00"), (123.4, "123"), (0, "0"), (0.000012, "0.0000120")],
)
def test_numbers(value, text):
    assert number(value) == text


def test_counts_and_intervals():
    assert count(27.0) == "27" and count(27.5) == "27.5"
    assert interval(27, 25, 30, count) == "27 (25–30)"
    assert interval(27, NAN, NAN, count) == "27"
    assert interval(NAN, NAN, NAN) == "–"
    assert interval(np.inf, np.inf, np.inf, count, last=100) == "> 100"
    assert interval(80, 70, np.inf, count, last=100) == "80 (70 to > 100)"
    assert interval(1.5, 1.25, np.inf) == "1.50 (1.25 to ∞)"
