"""The check of the default study's medians, on saved numbers: what passes and what is named."""

import pandas as pd
import pytest
from golden import GOLDEN, TOLERANCES, find_differences, medians

SAVED = pd.read_csv(GOLDEN, index_col="batch_size")


def test_the_default_study_has_all_its_sizes():
    assert SAVED.index.tolist() == [4, 8, 16, 32, 64, 128, 256, 512]
    assert list(SAVED) == list(TOLERANCES)


def test_the_same_numbers_and_those_within_the_tolerances_pass():
    for moved in (0, 0.9, -0.9):
        assert find_differences(SAVED + moved * pd.Series(TOLERANCES), SAVED) == []


@pytest.mark.parametrize("column", TOLERANCES)
@pytest.mark.parametrize("size", SAVED.index)
def test_a_median_beyond_its_tolerance_is_named(size, column):
    """So is a target that half of the runs did not reach before, or do not reach any more."""
    expected = SAVED[column][size]
    known = pd.notna(expected)
    for value in (
        *([expected + 1.1 * TOLERANCES[column], expected - 1.1 * TOLERANCES[column]] * known),
        float("nan") if known else 98.0,
    ):
        found = SAVED.copy()
        found.loc[size, column] = value
        [line] = find_differences(found, SAVED)
        assert line.startswith(f"batch size {size}, {column}: expected {expected} within ")
        assert line.endswith(f"Received: {value}.")


def test_a_size_that_is_missing_is_named():
    lines = find_differences(SAVED.drop(index=8), SAVED)
    assert [line.split(":")[0] for line in lines] == [f"batch size 8, {c}" for c in TOLERANCES]


def test_medians_are_over_the_replicates(tmp_path):
    """At 4 the epochs are 2, 5 and never; at 8 they are 3, never and never."""
    nan = float("nan")
    (tmp_path / "convergence").mkdir()
    epochs = pd.DataFrame({"batch_size": [4] * 3 + [8] * 3, "epoch": [2, nan, 5, nan, nan, 3]})
    both = [epochs.assign(definition="target"), epochs.assign(definition="stable", epoch=1)]
    pd.concat(both).to_csv(tmp_path / "convergence" / "epochs.csv", index=False)
    for size, losses in ((4, [0.5, 0.1, 0.2]), (8, [0.3, 0.3, 0.9])):
        rows = [(r, e, loss / e, e / 4) for r, loss in enumerate(losses) for e in (1, 2)]
        folder = tmp_path / "train" / "adam" / str(size)
        folder.mkdir(parents=True)
        columns = ["replicate", "epoch", "val_loss", "val_accuracy"]
        pd.DataFrame(rows, columns=columns).to_csv(folder / "history.csv", index=False)
    expected = {
        "target_epoch": [5.0, nan],
        "final_val_loss": [0.1, 0.15],
        "final_val_accuracy": [0.5, 0.5],
    }
    expected = pd.DataFrame(expected, index=pd.Index([4, 8], name="batch_size"))
    pd.testing.assert_frame_equal(medians(tmp_path), expected)
