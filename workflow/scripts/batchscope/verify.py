"""Trains a point of a finished study again, and compares: python -m batchscope.verify results"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from batchscope.config import paths
from batchscope.finished import point_names, read_made_from
from batchscope.job_facts import read_job
from batchscope.report.verification import verification_text
from batchscope.saved import points_of, read_named

SNAKEFILE = Path(__file__).parents[2] / "Snakefile"


def choose_point(folder, config, chosen):
    """The point to train again.

    Args:
        folder: the study's results.
        config: that of its study.json.
        chosen: "recipe/batch size"; None for the cheapest, by the train_seconds of its runs.

    Returns:
        ("recipe/batch size", what its job.json holds).

    Raises:
        SystemExit: if there is no such point, or if it cannot be trained again.
        ValueError: if a file is not the one that its training has written.
    """
    names = point_names(folder, config)
    if chosen:
        known = {f"{recipe}/{size}": (recipe, size) for recipe, size in names}
        if chosen not in known:
            raise SystemExit(
                f"{chosen}: expected a recipe and a batch size of the study in {folder}, one of "
                f"{', '.join(known)}."
            )
        names = [known[chosen]]
    if "histories" in config:
        raise SystemExit(
            f"{folder}: nothing can be trained again. The trainings of this study were done "
            "elsewhere, and their histories were imported."
        )
    jobs, seconds = {}, defaultdict(float)
    for recipe, size in names:
        for point in points_of(*read_named(Path(folder, "train"), (recipe, size))):
            if not point.out_of_memory:
                jobs[f"{recipe}/{size}"] = point.job
                seconds[f"{recipe}/{size}"] += point.runs["train_seconds"].sum()
    if not jobs:
        raise SystemExit(
            f"{chosen or folder}: nothing can be trained again. It did not fit into the device's "
            "memory, so there is no epoch to compare."
        )
    name = min(seconds, key=seconds.get)
    return name, jobs[name]


def train_again(config, name, recorded):
    """Train a point in a new process and a new folder, by the workflow as it is now.

    Args:
        config: that of study.json. Modified.
        name: "recipe/batch size".
        recorded: what its job.json holds.

    Returns:
        What job.json of the new training holds.

    Raises:
        SystemExit: if the training fails.
    """
    here, threads = Path.cwd(), recorded["threads"]
    with tempfile.TemporaryDirectory(prefix="batchscope-") as temporary:
        folder = Path(temporary).resolve()
        # The paths of a study are relative to where it was run; they shall be so to this folder.
        with contextlib.chdir(folder):
            paths.relocate(config, here)
        config |= {"pathvars": {"results": "results"}, "allow_missing": False}
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        if "file" in config["model"]:
            # A probe chooses by speed, which may be another way this time. A choice that is newer
            # than the data is kept.
            _run(folder, "results/dataset/dataset.npz", threads)
            way = folder / "results" / "probe" / "way.json"
            way.parent.mkdir()
            choice = json.dumps({"trained_by": recorded["trained_by"]})
            way.write_text(choice, encoding="utf-8")
        _run(folder, f"results/train/{name}/history.csv", threads)
        return read_job(folder / "results" / "train" / name / "job.json")


def _run(folder, target, threads):
    command = [sys.executable, "-m", "snakemake", target, "--snakefile", SNAKEFILE]
    command += ["--directory", folder, "--configfile", folder / "config.json"]
    command += ["--set-threads", f"train={threads}", "--cores", str(threads)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        said = done.stdout.decode(errors="replace")
        raise SystemExit(f"{said}\n{target} could not be made again, as said above.")


def main():
    """Train again what the command line asks for; end with code 0 only if it is byte-identical."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", help="results of a finished study, the folder with study.html")
    parser.add_argument("point", nargs="?", help="such as adam/32; else the cheapest is taken")
    given = parser.parse_args()
    config = read_made_from(given.results)["config"]
    try:
        name, recorded = choose_point(given.results, config, given.point)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    print(f"training {name} again, in a temporary folder", flush=True)
    now = train_again(config, name, recorded)
    print(verification_text(name, recorded, now))
    sys.exit(now["sha256"]["history.csv"] != recorded["sha256"]["history.csv"])


if __name__ == "__main__":
    main()
