"""Measures Batchscope against the tutorial's script, side by side, and prints Markdown tables."""

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
PARTS = ("Snakefile", "workflow", "config", "profiles", "environment.yml")
# For the scripts of this folder; a study uses the library of its own copy.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "workflow" / "scripts")}


def run(command, folder=None):
    """Run a command, in the folder of a study if one is given: (wall seconds, standard output)."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder or ROOT,
        env=None if folder else ENVIRONMENT,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return time.perf_counter() - started, done.stdout


def fresh_copy(folder):
    """The project without results."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, folder / part)
    return folder


def study(folder):
    """Wall seconds of the whole study from nothing, in `folder`."""
    return run(["-m", "snakemake", "--cores", "4"], fresh_copy(folder))[0]


def another_size(folder):
    """Wall seconds of one batch size more, in the folder of a finished study."""
    config = folder / "config" / "config.yaml"
    config.write_text(config.read_text().replace("batch_sizes: [4,", "batch_sizes: [48, 4,"))
    seconds, _ = run(["-m", "snakemake", "--cores", "4"], folder)
    if not (folder / "results/train/adam/48/job.json").exists():
        raise SystemExit(f"expected batch size 48 to be trained by the edit of {config}")
    return seconds


def recipes(folder):
    """Wall seconds of the study of recipes from nothing, and of another target of it."""
    config = fresh_copy(folder) / "config" / "recipes.yaml"
    command = ["-m", "snakemake", "--cores", "4", "--configfile", config]
    whole = run(command, folder)[0]
    config.write_text(config.read_text().replace("hold: 3", "hold: 4"))
    return whole, run(command, folder)[0]


def main():
    cpus = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    print(f"Measured on {len(cpus)} cores of {cpus[0].partition(': ')[2]}.\n")
    print("| batch size | `fit`, s per run | Batchscope, s per run | ratio |")
    print("|---:|---:|---:|---:|")
    for row in json.loads(run([HERE / "one_training.py"])[1]):
        ratio = row["fit"] / row["trainer"]
        print(f"| {row['batch_size']} | {row['fit']:.1f} | {row['trainer']:.4f} | {ratio:.0f} |")

    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(temporary) / name for name in ("before", "after", "recipes")]
        for folder in folders:
            folder.mkdir()
        before = study(folders[0])
        script = run([HERE / "article.py", Path(temporary) / "article.png"])[0]
        after = study(folders[1])
        whole = statistics.median([before, after])
        no_op = statistics.median(
            run(["-m", "snakemake", "--cores", "4"], folders[1])[0] for _ in range(5)
        )
        one_more = another_size(folders[1])
        of_recipes, of_target = recipes(Path(temporary, "recipes"))
        peaks = []
        for path in (folders[1] / "results/benchmarks").rglob("*.tsv"):
            with path.open() as file:
                peaks += [float(row["max_rss"]) for row in csv.DictReader(file, delimiter="\t")]
    print("\n| measure | value |")
    print("|---|---:|")
    print(f"| the article's script, 8 runs | {script:.0f} s |")
    print(f"| `snakemake --cores 4` from nothing, 240 runs | {whole:.0f} s |")
    print(f"| ratio | {whole / script:.2f} |")
    print(f"| `snakemake --cores 4` with nothing to do | {no_op:.1f} s |")
    print(f"| the same with one batch size more | {one_more:.0f} s |")
    print(f"| the study of recipes from nothing, 48 points | {of_recipes:.0f} s |")
    print(f"| the same with another target: nothing is trained | {of_target:.0f} s |")
    print(f"| largest memory of a job | {max(peaks):.0f} MiB |")
    seconds = json.loads(run([HERE / "start.py"])[1])
    for label, way, other in (
        (
            "start Keras without garbage collection, as a share of those with it",
            "start",
            "start, collecting garbage",
        ),
        (
            "compile with XLA's older code generator, as a share of those with the newer one",
            "compile",
            "compile, fusion emitters",
        ),
    ):
        print(f"| CPU seconds to {label} | {seconds[way] / seconds[other]:.2f} |")
    for way, (clock, cpu) in json.loads(run([HERE / "one_start.py"])[1]).items():
        print(f"| the 8 trainings alone, {way} | {clock:.1f} s, {cpu:.1f} CPU s |")


if __name__ == "__main__":
    main()
