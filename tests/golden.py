"""Whether the default study in a folder is whole and came to the numbers of golden.csv.

`python tests/golden.py results`. If not, a package or the code has changed what the study comes to.
APPROVE=1 writes golden.csv anew: read the difference before you commit it.
"""

import json
import os
import sys
from pathlib import Path

import pandas as pd

GOLDEN = Path(__file__).with_suffix(".csv")

# How far a median may be from that of golden.csv. Processors round differently. XLA was told to
# compile the study without the instructions of newer processors (--xla_cpu_max_isa). With AVX2 in
# place of AVX-512 no val_loss changed. With SSE4.2 single ones changed by up to 0.00009, medians by
# up to 0.00000003, and median epochs and accuracies not at all. So a median loss may change by what
# single ones did, and the others by a step: one epoch, and one of the 500 validation samples. Other
# initial weights and orders (seed 2) changed each of the eight median losses by 0.0005 to 0.014, so
# they are seen. ARM was not tried.
TOLERANCES = {"target_epoch": 1, "final_val_loss": 0.0001, "final_val_accuracy": 0.0021}


def medians(folder):
    """The medians over the replicates of a finished study of one recipe.

    Args:
        folder: its results, a Path.

    Returns:
        DataFrame with the index batch_size and a column for each of TOLERANCES. A target_epoch that
        half of the replicates or more did not reach is NaN.
    """
    epochs = pd.read_csv(folder / "convergence" / "epochs.csv")
    epochs = epochs[epochs["definition"] == "target"].fillna({"epoch": float("inf")})
    found = epochs.groupby("batch_size")["epoch"].median().to_frame("target_epoch")
    for path in folder.glob("train/*/*/history.csv"):
        last = pd.read_csv(path).groupby("replicate").last()
        for column in ("val_loss", "val_accuracy"):
            found.loc[int(path.parent.name), f"final_{column}"] = last[column].median()
    return found.replace(float("inf"), float("nan"))


def find_differences(found, golden):
    """A line for each median that is further from the golden one than its tolerance.

    Args:
        found: from `medians`.
        golden: likewise.
    """
    found = found.reindex(golden.index)
    return [
        f"batch size {size}, {column}: expected {expected} within {tolerance}. "
        f"Received: {found[column][size]}."
        for column, tolerance in TOLERANCES.items()
        for size, expected in golden[column].items()
        if abs(found[column][size] - expected) > tolerance
        or pd.isna(found[column][size]) != pd.isna(expected)
    ]


def check_whole(folder):
    """Refuse a study that lacks something.

    Raises:
        AssertionError: naming what.
    """
    summary = pd.read_csv(folder / "summary" / "summary.csv")
    assert summary["batch_size"].tolist() == [4, 8, 16, 32, 64, 128, 256, 512], summary
    assert summary["replicates"].eq(30).all(), summary
    for figure in ("learning_curves/adam", "law/adam"):
        for ending in ("png", "svg"):
            assert (folder / f"{figure}.{ending}").stat().st_size > 20_000, figure
    assert 1_000_000 < (folder / "study.html").stat().st_size < 3_000_000
    found = json.loads((folder / "summary" / "recommendation.json").read_text())
    soonest = found["recipes"]["adam"]["recommendation"]["soonest"]["points"]
    assert {point["batch_size"] for point in soonest} <= {4, 8, 16, 32}, found


def main():
    """Check the study whose results are in the folder that the command line names."""
    folder = Path(sys.argv[1])
    check_whole(folder)
    found = medians(folder)
    if os.environ.get("APPROVE"):
        found.round(6).to_csv(GOLDEN)
    differences = find_differences(found, pd.read_csv(GOLDEN, index_col="batch_size"))
    if differences:
        raise SystemExit("\n".join(["the study came to other numbers:", *differences]))
    print("the study is whole: 8 batch sizes, 30 replicates each, with the medians of golden.csv")


if __name__ == "__main__":
    main()
