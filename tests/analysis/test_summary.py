"""From saved files to table and sentences, on made-up curves with known answers."""

import numpy as np
import pandas as pd
import pytest
from saved import SETTINGS, Study, job, out_of_memory, saved_point

from batchscope.analysis.bootstrap import DRAWS, Bootstrap
from batchscope.analysis.claims import judge_claims, ordering
from batchscope.analysis.convergence_table import COLUMNS, convergence_table, sensitivity_table
from batchscope.analysis.measures import Estimate
from batchscope.figures.comparison import comparison
from batchscope.report.answer import answer
from batchscope.report.wording import count, enumerate_words, interval, number, percent, thousands

NAN = np.nan


def settings(**target):
    return SETTINGS | {"target": SETTINGS["target"] | target}


def summarise(histories, chosen=SETTINGS, epochs=4):
    return Study(histories, chosen, epochs).table


def answered(histories, chosen=SETTINGS, epochs=4, jobs=None):
    """The table, the recommendation and the text of a study with one recipe per name."""
    study = Study(histories, chosen, epochs, jobs)
    names = list(dict.fromkeys(name for name, _ in study.points))
    recipe = {"optimizer": "SGD", "learning_rate": 0.1, "arguments": {}, "warmup_epochs": 0}
    return answer(
        histories,
        study.jobs,
        study.epochs,
        study.sensitivity,
        {name: study.scaling(name) for name in names},
        [recipe | {"name": name} for name in names],
        32,
    )


def markdown(*arguments, **named):
    return answered(*arguments, **named)[2]


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


def test_other_targets_are_multiples_of_the_best_at_the_reference(histories):
    histories["sgd", 8] = saved_point([[2.5, 2.41, 2.39, 2.1]] * 3)
    table = sensitivity_table(histories, settings(value=7.0, tolerance=0.5))
    assert list(table) == [*COLUMNS, "factor"]
    assert table.groupby("factor")["target"].unique().map(list).to_dict() == {
        factor: [pytest.approx(2 * factor)] for factor in (1.02, 1.05, 1.1, 1.2)
    }
    eight = table[table["batch_size"] == 8].groupby("factor")["epoch"].first()
    # 2.04, 2.1, 2.2 and 2.4: a tie reaches.
    assert eight.isna().tolist() == [True, False, False, False]
    assert eight.dropna().tolist() == [4, 4, 3]
    accuracy = sensitivity_table(histories, settings(metric="val_accuracy"))
    # The median best accuracy of size 32 is 1 - 2 / 10.
    assert accuracy["target"].unique() == pytest.approx([0.784, 0.76, 0.72, 0.64])


def test_unfinished_reference_sets_no_target_and_says_so():
    histories = {("sgd", 32): saved_point([[NAN], [NAN]]), ("sgd", 4): saved_point([[1, 1]] * 2)}
    table = summarise(histories, epochs=2)
    assert table["target"].isna().all()
    assert table["target_reached"].tolist() == [0, 0]
    text = markdown(histories, epochs=2)
    assert "No target could be set" in text
    assert "nan" not in text


def test_summary_rows(histories):
    table = summarise(histories).set_index("batch_size")
    assert table["target_reached"].to_dict() == {4: 3, 32: 2, 64: 0}
    assert table["diverged"].to_dict() == {4: 0, 32: 0, 64: 1}
    assert table["target_epoch"].to_dict() == {4: 2, 32: 4, 64: np.inf}
    assert table["seconds_per_epoch"].to_dict() == {4: 1, 32: 0.25, 64: 0.25}
    # A hundred samples an epoch.
    assert table["samples_per_second"].to_dict() == {4: 100, 32: 400, 64: 400}
    assert table["target_examples"].to_dict() == {4: 200, 32: 400, 64: np.inf}
    assert table["peak_memory_mb"].eq(512).all()
    # Only completed replicates have a final value; the diverged one is counted beside it.
    assert table.loc[64, "final_val_loss"] == 6
    assert table.loc[32, "final_val_loss"] == pytest.approx(8 / 3)
    assert table.loc[32, "best_val_loss"] == pytest.approx(8 / 3)


def test_ratios_are_to_the_reference_of_the_same_recipe(histories):
    histories["adam", 8] = saved_point([[1, 1, 1, 1]] * 3)
    table = summarise(histories).set_index(["recipe", "batch_size"])
    assert table["target_epoch_ratio"].to_dict() == {
        ("sgd", 4): 0.5,
        ("sgd", 32): 1,
        ("sgd", 64): np.inf,
        ("adam", 8): 1,
    }
    # Three replicates: the range of their own ratios, 2/4, 2/3 and 1 over one that is not reached.
    limits = table.loc[("sgd", 4), ["target_epoch_ratio_low", "target_epoch_ratio_high"]]
    assert limits.tolist() == [0, pytest.approx(2 / 3)]


def test_everything_diverged_has_no_final_value():
    histories = {("sgd", 4): saved_point([[NAN], [NAN]])}
    assert np.isnan(summarise(histories, epochs=1).loc[0, "final_val_accuracy"])
    text = markdown(histories, epochs=1)
    assert "0/2, 2 diverged" in text and "nan" not in text


def test_later_than_is_the_last_epoch_that_could_have_been_found():
    """Held for three epochs, the fourth of six is the last; stable for two, the third of four."""
    chosen = {
        "target": SETTINGS["target"] | {"value": 1.0, "hold": 3},
        "stable": SETTINGS["stable"] | {"min_epochs": 2},
    }
    histories = {
        ("sgd", 4): saved_point([[9, 9, 9, 9, 1, 1]] * 5, seconds=12),
        ("sgd", 32): saved_point([[9, 8, 7, 6]] * 5),
        ("sgd", 64): saved_point([[9, NAN]] * 5),
    }
    study = Study(histories, chosen)
    last = study.table.set_index("batch_size")
    assert last["later_than_target_epoch"].tolist()[:2] == [4, 2]
    assert last["later_than_target_updates"].tolist()[:2] == [8, 4]
    assert last["later_than_target_seconds"].tolist()[:2] == [8, 0.5]
    assert last["later_than_stable_epoch"].tolist()[:2] == [5, 3]
    # One that diverged is not late: it never gets there.
    assert last.filter(like="later_than").loc[64].isna().all()
    text = markdown(histories, chosen)
    assert "> 4 " in text and "> 8.00" in text and "> –" not in text


def test_seconds_that_are_not_known_are_not_more_than_others():
    """Three reached and were interrupted; two were not, and did not reach."""
    point = saved_point([[1, 1]] * 3 + [[2, 2]] * 2, seconds=[NAN, NAN, NAN, 1, 1])
    table = summarise({("sgd", 4): point}, settings(value=1.0), epochs=2)
    assert table.loc[0, "target_epoch"] == 1 and table.loc[0, "target_seconds"] == np.inf
    assert table.loc[0, ["target_seconds_low", "target_seconds_high"]].tolist() == [np.inf] * 2
    assert table.loc[0, ["seconds_per_run", "seconds_per_run_low"]].tolist() == [1, 1]


def test_what_ended_without_a_result_still_answers(tmp_path):
    """Every point out of memory, its learning rate to be tuned; every run interrupted."""
    jobs = {("sgd", 4): job(4, 4, learning_rate=None)}
    assert "out of memory" in markdown({("sgd", 4): out_of_memory(5)}, jobs=jobs)
    unknown = {("sgd", size): saved_point([[1, 1]] * 5, seconds=[NAN] * 5) for size in (4, 32)}
    for histories in (unknown, {("sgd", 4): out_of_memory(5)}):
        comparison(Study(histories, SETTINGS).table).savefig(tmp_path / "comparison.png")


def test_means_are_of_survivors_and_say_so():
    histories = {
        ("sgd", 4): saved_point([[3, 2, 2, 2]] * 6),
        ("sgd", 32): saved_point([[3, 1, 1, 1]] * 3 + [[3, NAN]] * 3),
    }
    text = markdown(histories)
    assert "ends better. That is of the runs that did not diverge: 3 of 6 at batch size 32." in text


def test_several_recipes_are_answered_together(histories):
    """With one target; with one of each recipe's own; with none for one of them."""
    both = histories | {("adam", size): point for (_, size), point in histories.items()}
    _, found, text = answered(both, settings(value=3.0))
    assert found["overall"]["soonest"] and "## Over all recipes\n\n- **Soonest:** sgd at" in text
    both["adam", 32] = saved_point([[1, 1, 1, 1]] * 3)
    _, found, text = answered(both)
    assert found["overall"] is None and "each has a target of its own" in text
    both["adam", 32] = saved_point([[NAN]] * 3)
    assert "no target could be set for adam" in answered(both)[2]


def test_what_did_not_fit_is_told_and_judged_nowhere(histories):
    histories["sgd", 128] = out_of_memory(3)
    table = summarise(histories).set_index("batch_size")
    assert table["out_of_memory"].to_dict() == {4: False, 32: False, 64: False, 128: True}
    assert table.loc[128, ["target_epoch", "target_epoch_low", "seconds_per_epoch"]].isna().all()
    text = markdown(histories)
    assert "nan" not in text
    [row] = [line for line in text.splitlines() if "out of memory" in line]
    assert row.split("|")[1:3] == ["          128 ", "                  – "]
    assert "does not fit into the device's memory: batch size 128." in text
    claims = text[text.index("The article's claims") :]
    assert "at batch size 64" in claims and "at batch size 128" not in claims


def test_limits_are_named_after_what_they_are(histories):
    assert "with their range over 3 replicates: too few for intervals" in markdown(histories)
    more = {point: saved_point([[3, 2, 1, 1]] * 5) for point in histories}
    assert "with 95% intervals (paired bootstrap over 5 replicates)" in markdown(more)
    single = {point: saved_point([[3, 2, 1, 1]]) for point in histories}
    text = markdown(single)
    assert "of one replicate, so there is no interval" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert not any("(" in line for line in rows if "best" not in line)


def test_one_batch_size_compares_nothing(histories):
    text = markdown({("sgd", 4): histories["sgd", 4]})
    assert "- With fewer than two batch sizes trained there is nothing to compare." in text


def test_learning_rates_are_told_and_flagged(histories):
    jobs = {
        ("sgd", 4): job(4, 4, learning_rate=0.01, learning_rate_edge="lowest", tuning_seconds=7),
        ("sgd", 32): job(32, 4, learning_rate=0.3, learning_rate_edge="highest", tuning_seconds=5),
    }
    jobs["sgd", 64] = job(64, 4)
    jobs["sgd", 64]["point"]["clamped"] = ["beta_1"]
    text = markdown(histories, jobs=jobs)
    assert "| 0.0100 ↓ |" in " ".join(text.split()) and "| 0.300 ↑ |" in " ".join(text.split())
    assert "The lowest learning rate of the grid was the best at batch size 4;" in text
    assert "The highest learning rate of the grid was the best at batch size 32;" in text
    assert "Tuning took 12.0 s" in text
    assert "At batch size 64 the square root rule asks for a beta_1 below 0; 0 was taken." in text
    assert "Tuning" not in markdown(histories)


def test_markdown_shows_every_figure(histories):
    histories["adam", 8] = saved_point([[1, 1, 1, 1]] * 3)
    text = markdown(histories)
    for figure in ("learning_curves/sgd", "law/sgd", "law/adam", "comparison/recipes"):
        assert f"](../{figure}.png)" in text
    assert "each has a target of its own" in text


def test_the_time_of_a_resumed_replicate_counts_nowhere(histories):
    _, runs = histories["sgd", 4]
    runs.loc[2, "train_seconds"] = NAN
    table = summarise(histories).set_index("batch_size")
    assert table.loc[4, "seconds_per_run"] == 4
    # Its epochs do: three of three got there, at 2, 2 and 1; in seconds two of two.
    assert table.loc[4, "target_reached"] == 3 and table.loc[4, "target_epoch"] == 2
    assert table.loc[4, "target_seconds"] == 2
    runs["train_seconds"] = NAN
    assert "nan" not in markdown(histories)


def point(**values):
    """A summary row in which every measure is 1 unless given."""
    row = {
        "recipe": "sgd",
        "batch_size": 4,
        "epochs": 100,
        "updates_per_epoch": 10,
        "updates": 1000,
        "later_than_target_epoch": 100,
        "target_updates": 500,
        "diverged": 0,
        "device": "CPU: test",
        "replicates": 30,
        "out_of_memory": False,
        "target": 0.4,
        "target_metric": "val_loss",
        "target_reached": 30,
        "stable_reached": 30,
    }
    for measure in ("seconds_per_epoch", "target_epoch", "stable_epoch", "final_val_accuracy"):
        value = np.median(values.pop(measure, (1.0,)))
        row |= {measure: value, f"{measure}_low": NAN, f"{measure}_high": NAN}
    return row | values


def judge(measure, small, large, replicates=30, **facts):
    """The claims on two points whose `measure` has the values `small` and `large` in the draws."""
    drawn = np.stack([np.resize(small, DRAWS), np.resize(large, DRAWS)]).astype(float)
    ones = np.ones((2, DRAWS))
    names = ("seconds_per_epoch", "target_epoch", "stable_epoch", "final_val_accuracy")
    estimates = {name: Estimate(None, None, None, ones) for name in names}
    estimates[measure] = Estimate(None, None, None, drawn)
    points = [
        point(batch_size=4, **{measure: small}),
        point(batch_size=512, **{measure: large}, **facts),
    ]
    compare = ordering(pd.DataFrame(points), estimates, Bootstrap(replicates))
    return judge_claims(points, compare)


@pytest.mark.parametrize(
    ("measure", "small", "large", "verdict"),
    [
        ("seconds_per_epoch", [4], [1], "it falls with batch size, 4.0 times"),
        ("seconds_per_epoch", [1], [4], "it rises with batch size, 4.0 times"),
        ("target_epoch", [10], [20], "the small batch converges in fewer epochs"),
        ("target_epoch", [20], [10], "the small batch needs more epochs"),
        ("target_epoch", [10], [np.inf], "the small batch converges in fewer epochs"),
        ("target_epoch", [np.inf], [np.inf], "the data do not tell which of them needs"),
        ("stable_epoch", [10], [20], "the small batch is stable earlier"),
        ("final_val_accuracy", [0.8], [0.7], "512 ends worse"),
        ("final_val_accuracy", [0.7], [0.8], "512 ends better"),
        ("final_val_accuracy", [NAN], [0.8], "the data do not tell"),
    ],
)
def test_verdicts(measure, small, large, verdict):
    assert any(verdict in sentence for sentence in judge(measure, small, large))
    # Three replicates show what happened and prove nothing.
    few = " ".join(judge(measure, small, large, replicates=3))
    assert few.count("the data do not tell") == 4


@pytest.mark.parametrize(
    ("updates", "than"), [(100, "no more than"), (500, "no more than"), (1000, "more than")]
)
def test_what_a_size_without_success_may_have_lacked(updates, than):
    told = judge("target_epoch", [10], [np.inf], updates=updates)
    [sentence] = [sentence for sentence in told if "The budget's part: " in sentence]
    assert sentence.endswith(
        f"batch size 512 made {updates} updates in all, {than} the 500 that batch size 4 needed."
    )
    assert "budget" not in " ".join(judge("target_epoch", [10], [20], updates=updates))
    diverged = judge("target_epoch", [10], [np.inf], updates=updates, diverged=1)
    assert "budget" not in " ".join(diverged)


def test_a_verdict_takes_all_but_a_fortieth_of_the_draws():
    def told(share):
        smaller = int(share * DRAWS)
        draws = [10] * smaller + [30] * (DRAWS - smaller)
        return "fewer epochs:" in " ".join(
            text.replace("converges in fewer epochs", "fewer epochs:")
            for text in judge("target_epoch", draws, [20])
        )

    assert told(0.98) and not told(0.97)


def test_pairs_decide_even_where_their_spreads_overlap():
    """Every draw of one is below the same draw of the other."""
    draws = np.arange(DRAWS) / 100
    [sentence] = [s for s in judge("target_epoch", draws, draws + 0.1) if "to the target" in s]
    assert "the small batch converges in fewer epochs" in sentence


def test_not_reached_means_later_than_its_own_last_epoch_only():
    """One that was given 100 epochs is not slower than one that reached at 300 of 400."""
    text = " ".join(judge("target_epoch", [np.inf], [300], later_than_target_epoch=398))
    assert "the data do not tell which of them needs fewer epochs" in text
    text = " ".join(judge("target_epoch", [np.inf], [90], later_than_target_epoch=398))
    assert "the small batch needs more epochs" in text


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
    assert interval(np.inf, np.inf, np.inf, count, last="100") == "> 100"
    assert interval(80, 70, np.inf, count, last="100") == "80 (70 to > 100)"
    assert interval(1.5, 1.25, np.inf) == "1.50 (1.25 to ∞)"
    assert interval(0.4, -np.inf, 0.5) == "0.400 (-∞ to 0.500)"


def test_large_numbers_shares_and_lists():
    assert thousands(1234567.8) == "1,234,568"
    shares = (0, 0.001, 0.25, 0.996, 1)
    assert [percent(share) for share in shares] == ["0%", "under 1%", "25%", "over 99%", "100%"]
    assert enumerate_words(["4"]) == "4"
    assert enumerate_words(map(str, (4, 8, 16))) == "4, 8 and 16"
