"""Trains all replicates of one point."""

import csv
import json
import resource
import time
from pathlib import Path

from batchscope import joblog


def main(dataset, description, history, runs, job, point, threads):
    """Train `point` on the dataset and write history.csv, runs.csv and job.json.

    Args:
        dataset: path of dataset.npz.
        description: path of dataset.json.
        history: path of history.csv.
        runs: path of runs.csv.
        job: path of job.json.
        point: the resolved hyperparameters.
        threads: threads to use.
    """
    started = time.perf_counter()
    from batchscope import runtime

    runtime.start_keras(threads)
    from batchscope.dataset import load
    from batchscope.point import train_point

    startup_seconds = time.perf_counter() - started
    sha256 = json.loads(Path(description).read_text())["sha256"]
    (header, rows), (run_header, run_rows), facts = train_point(point, load(dataset), threads)
    write_csv(history, header, rows)
    write_csv(runs, run_header, run_rows)
    facts |= {
        "startup_seconds": startup_seconds,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "dataset_sha256": sha256,
    }
    Path(job).write_text(json.dumps(facts, indent=2) + "\n")


def write_csv(path, header, rows):
    """Write rows of plain values; floats keep every digit they need."""
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        dataset=snakemake.input.dataset,
        description=snakemake.input.description,
        history=snakemake.output.history,
        runs=snakemake.output.runs,
        job=snakemake.output.job,
        point=snakemake.params.point,
        threads=snakemake.threads,
    )
