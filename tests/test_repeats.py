"""What benchmarks/repeats.py says of repeats that are made up, and what it keeps of its own."""

import importlib.util
import json
import os
from pathlib import Path

import pandas as pd
import pytest

FILE = Path(__file__).parents[1] / "benchmarks" / "repeats.py"
SPEC = importlib.util.spec_from_file_location("repeats", FILE)
repeats = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(repeats)

NAN = float("nan")


def table(value, low, high, epoch=20.0):
    """summary.csv of a size whose seconds are known, and of one that never reaches."""
    limits = {"": [value, NAN], "_low": [low, NAN], "_high": [high, NAN]}
    of_epochs = {end: [number / 10, 0.1] for end, (number, _) in limits.items()}
    return pd.DataFrame(
        {"batch_size": [4, 8], "target_epoch": [epoch, NAN]}
        | {f"target_seconds{end}": own for end, own in limits.items()}
        | {f"seconds_per_epoch{end}": own for end, own in of_epochs.items()}
    )


TABLES = [table(1.0, 0.9, 1.9), table(2.0, 1.0, 3.0), table(3.0, 2.5, 9.0)]


def answer(sizes, share, **seconds):
    points = [
        {"batch_size": int(size[1:]), "expected_seconds": {"value": value}}
        for size, value in seconds.items()
    ]
    soonest = {"points": [{"batch_size": size} for size in sizes], "share_of_draws": share}
    return {"recipes": {"adam": {"recommendation": {"candidates": points, "soonest": soonest}}}}


# By the medians, 2.5 of 1, 3, 2.5 and 1.5 of 2, 1.5, 1.5, the fastest is 8.
ANSWERS = [
    answer([4], 0.96, b4=1, b8=2),
    answer([8], 0.95, b4=3, b8=1.5),
    answer([8], 0.6, b4=2.5, b8=1.5),
]


def test_limits_are_held_against_the_grand_median():
    """It is 2: below 2.5, above 1.9, between 1 and 3."""
    found = repeats.judge_limits(TABLES, "target_seconds")
    expected = {"median": 2.0, "smallest": 1.0, "largest": 3.0, "limits": 3, "hold": 1}
    assert found.to_dict("index") == {4: expected}


def test_a_sure_statement_of_another_size_is_wrong():
    found, fastest = repeats.judge_statements([*ANSWERS, answer([4, 8], 1, b4=2, b8=2)])
    assert fastest == 8
    assert found["sure"].tolist() == [True, True, False, True]
    assert found["wrong"].tolist() == [True, False, False, True]


def test_the_report_has_both_numbers_and_the_table():
    text = repeats.report(TABLES, ANSWERS)
    assert "33% of the limits of seconds to target hold the grand median (1 of 3)" in text
    assert "95% or more of the draws, 1 of 2 name a size that is not the fastest" in text
    assert "4 (0.96), 8 (0.95), 8 (0.60)." in text
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")][2:]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["4", "200.000", "100.000", "300.000", "1 of 3", "1 of 3"],
        ["8", "100.000", "100.000", "100.000", "3 of 3", "–"],
    ]


def finish(folder, number, found, said=ANSWERS[0]):
    (folder / str(number)).mkdir(parents=True)
    found.to_csv(folder / str(number) / "summary.csv", index=False)
    (folder / str(number) / "recommendation.json").write_text(json.dumps(said))


def test_finished_repeats_are_kept_and_the_others_run(tmp_path, monkeypatch):
    ran = []

    def run_study(cores, kept):
        ran.append((cores, kept.name))
        finish(tmp_path, kept.name, TABLES[1])

    monkeypatch.setattr(repeats, "run_study", run_study)
    finish(tmp_path, 2, TABLES[0])
    tables, answers = repeats.repeat(3, 4, tmp_path)
    assert ran == [(4, "1"), (4, "3")]
    assert [own.loc[0, "target_seconds"] for own in tables] == [2, 1, 2]
    assert answers == [ANSWERS[0]] * 3


def test_repeats_of_another_study_are_refused(tmp_path):
    finish(tmp_path, 1, TABLES[0])
    finish(tmp_path, 2, table(1.0, 0.9, 1.9, epoch=21.0))
    with pytest.raises(ValueError, match="expected repeats of one study"):
        repeats.repeat(2, 4, tmp_path)


def test_busy_processors_are_those_of_the_studies():
    before = os.sched_getaffinity(0)
    with repeats.busy(1) as [hog]:
        assert os.sched_getaffinity(0) == {min(before)}
        assert hog.poll() is None
    assert hog.poll() is not None
    assert os.sched_getaffinity(0) == before
    with pytest.raises(ValueError, match="processors or more"), repeats.busy(len(before) + 1):
        pass


def test_without_hogs_nothing_is_changed():
    before = os.sched_getaffinity(0)
    with repeats.busy(0) as hogs:
        assert (hogs, os.sched_getaffinity(0)) == ([], before)
