"""Repeats the default study from nothing on busy processors: do its limits of seconds hold?

All repeats have the same histories, so they differ in seconds alone. The grand median of a number
is that over the repeats. Prints two numbers and the table of docs/statistics.md, in Markdown. Each
finished repeat is kept in a folder, from which an interrupted command goes on; empty it after an
edit of the code.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from tabulate import tabulate

ROOT = Path(__file__).parent.parent
FILES = ("summary.csv", "recommendation.json")

# What limits and statements claim.
SURE = 0.95

# Keeps one processor busy, as long as the process that started it is there.
HOG = """
import os, sys
processor, parent = map(int, sys.argv[1:])
os.sched_setaffinity(0, {processor})
while os.getppid() == parent:
    pass
"""


@contextlib.contextmanager
def busy(count):
    """Meanwhile run on so many processors alone, each of which a process keeps busy.

    Args:
        count: how many; with 0 nothing is done.

    Raises:
        ValueError: if there are fewer.
    """
    before = os.sched_getaffinity(0)
    chosen = sorted(before)[:count]
    if len(chosen) < count:
        raise ValueError(f"expected {count} processors or more. Received: {len(before)}.")
    os.sched_setaffinity(0, chosen or before)
    command = [sys.executable, "-c", HOG]
    hogs = [subprocess.Popen([*command, str(one), str(os.getpid())]) for one in chosen]
    try:
        yield hogs
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
        os.sched_setaffinity(0, before)


def run_study(cores, kept):
    """Run the default study from nothing, and keep FILES of its summary in the folder `kept`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--quiet", "all"]
        command += ["--snakefile", ROOT / "Snakefile", "--directory", folder, "summary"]
        command += ["--configfile", ROOT / "config" / "config.yaml"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
        kept.mkdir(parents=True, exist_ok=True)
        # The last one says that the repeat is finished, and is never half written.
        for name in FILES:
            (kept / "part").write_bytes(Path(folder, "results", "summary", name).read_bytes())
            (kept / "part").rename(kept / name)


def repeat(repeats, cores, folder):
    """Run the repeats that are not in the folder yet, and read all of them.

    Returns:
        (list of DataFrame of summary.csv, list of recommendation.json).

    Raises:
        ValueError: if their histories differ, so that the folder has repeats of another study.
    """
    for number in range(1, repeats + 1):
        if not (folder / str(number) / FILES[-1]).exists():
            run_study(cores, folder / str(number))
        print(f"{number} of {repeats} repeats", file=sys.stderr)
    kept = [folder / str(number) for number in range(1, repeats + 1)]
    tables = [pd.read_csv(path / FILES[0]) for path in kept]
    for table in tables:
        if not table["target_epoch"].equals(tables[0]["target_epoch"]):
            raise ValueError(f"{folder}: expected repeats of one study. Empty it and begin anew.")
    return tables, [json.loads((path / FILES[1]).read_text()) for path in kept]


def judge_limits(tables, measure):
    """A row per batch size: the values over repeats, and how many limits hold their median.

    Args:
        tables: list of DataFrame of summary.csv, of one recipe.
        measure: the measure's name.

    Returns:
        DataFrame with the index batch_size and the columns median, smallest, largest, limits and
        hold. Sizes whose value is not known have no row.
    """
    rows = {}
    for size, own in pd.concat(tables).groupby("batch_size"):
        value, low, high = (own[f"{measure}{end}"] for end in ("", "_low", "_high"))
        known, grand = value.notna() & low.notna() & high.notna(), value.median()
        if known.any():
            hold = (low <= grand) & (grand <= high)
            rows[size] = {
                "median": grand,
                "smallest": value.min(),
                "largest": value.max(),
                "limits": int(known.sum()),
                "hold": int(hold[known].sum()),
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("batch_size")


def judge_statements(answers):
    """A row per repeat: the sizes called soonest, the share of draws, and whether that is wrong.

    Args:
        answers: list of recommendation.json, of one recipe.

    Returns:
        (DataFrame with the columns sizes, share, sure, wrong; the size that is the fastest by the
        median over repeats of expected seconds).
    """
    told = [next(iter(answer["recipes"].values()))["recommendation"] for answer in answers]
    seconds = pd.DataFrame(
        {point["batch_size"]: point["expected_seconds"]["value"] for point in own["candidates"]}
        for own in told
    )
    fastest = int(seconds.median().idxmin())
    rows = []
    for own in told:
        sizes = [point["batch_size"] for point in own["soonest"]["points"]]
        share = own["soonest"]["share_of_draws"]
        rows.append((sizes, share, share >= SURE, sizes != [fastest]))
    return pd.DataFrame(rows, columns=["sizes", "share", "sure", "wrong"]), fastest


def report(tables, answers):
    """The two numbers, what was said, and the table: Markdown."""
    seconds = judge_limits(tables, "target_seconds")
    epochs = judge_limits(tables, "seconds_per_epoch")
    statements, fastest = judge_statements(answers)
    hold, limits = seconds["hold"].sum(), seconds["limits"].sum()
    sure, wrong = statements["sure"].sum(), (statements["sure"] & statements["wrong"]).sum()
    said = ", ".join(
        f"{' and '.join(map(str, sizes))} ({share:.2f})"
        for sizes, share in zip(statements["sizes"], statements["share"], strict=True)
    )
    rows = [
        {
            "batch size": size,
            "ms per epoch, grand median": f"{1000 * own['median']:.3f}",
            "smallest": f"{1000 * own['smallest']:.3f}",
            "largest": f"{1000 * own['largest']:.3f}",
            "limits that hold it": f"{own['hold']:.0f} of {own['limits']:.0f}",
            "limits of seconds to target that hold it": (
                f"{seconds['hold'][size]} of {seconds['limits'][size]}"
                if size in seconds.index
                else "–"
            ),
        }
        for size, own in epochs.iterrows()
    ]
    return f"""- {hold / limits:.0%} of the limits of seconds to target hold the grand median \
({hold} of {limits}).
- Of the statements in {SURE:.0%} or more of the draws, {wrong} of {sure} name a size that is not \
the fastest by the grand median, which is {fastest}.

Soonest, with the share of draws: {said}.

{tabulate(rows, "keys", "pipe", disable_numparse=True, colalign=["right"] * 6)}"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--cores", type=int, default=4, help="cores that Snakemake is told of")
    parser.add_argument("--hogs", type=int, default=2, help="processors to use and to keep busy")
    parser.add_argument("--folder", type=Path, default=ROOT / "results" / "repeats")
    chosen = parser.parse_args()
    with busy(chosen.hogs):
        found = repeat(chosen.repeats, chosen.cores, chosen.folder)
    print(report(*found))
