"""Trains all replicates of one point."""

import csv
import json
import os
import sys
import time
from pathlib import Path

from batchscope import joblog


def main(dataset, history, runs, tuning, job, point, threads, gpus, attempt):
    """Train `point` on the dataset and write history.csv, runs.csv, tuning.csv and job.json.

    Args:
        dataset: path of dataset.npz.
        history: path of history.csv.
        runs: path of runs.csv.
        tuning: path of tuning.csv, without a row if the learning rate was given.
        job: path of job.json; the checkpoint of an unfinished job is beside it.
        point: the resolved hyperparameters.
        threads: threads to use.
        gpus: GPUs granted; with 0 a GPU that is there is left alone.
        attempt: number of the attempt at this job, from 1.

    Returns:
        Whether the point fitted into memory; if not, the files say so.

    Raises:
        SystemExit: when stopped by a signal, with a checkpoint; or when an earlier attempt
            showed that another is in vain.
    """
    started = time.perf_counter()
    from batchscope.training import checkpoint, devices, runtime
    from batchscope.training.retry import attempts

    if gpus:
        devices.claim_gpu(devices.list_gpus())
    else:
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    runtime.start_keras(threads)
    import tensorflow as tf

    from batchscope.data.dataset import load
    from batchscope.training.job import train_point
    from batchscope.training.runs import Stopped

    startup_seconds = time.perf_counter() - started
    unfinished = Path(job).with_name("checkpoint.npz")
    worth_retrying = (OSError, MemoryError, tf.errors.OpError, Stopped)
    try:
        with attempts(Path(job).with_name("failure.txt"), attempt, worth_retrying):
            tables = train_point(point, load(dataset), threads, unfinished)
    except Stopped as stopped:
        raise SystemExit(str(stopped)) from None
    write_csv(history, *tables.history)
    write_csv(runs, *tables.runs)
    write_csv(tuning, *tables.tuning)
    memory = {"startup_seconds": startup_seconds, "peak_memory_mib": runtime.peak_memory_mib()}
    Path(job).write_text(json.dumps(tables.job | memory, indent=2) + "\n")
    checkpoint.remove(unfinished)
    return tables.fitted


def write_csv(path, header, rows):
    """Write rows of plain values; floats keep every digit they need."""
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    fitted = main(
        dataset=snakemake.input.dataset,
        history=snakemake.output.history,
        runs=snakemake.output.runs,
        tuning=snakemake.output.tuning,
        job=snakemake.output.job,
        point=snakemake.params.point,
        threads=snakemake.threads,
        gpus=snakemake.resources.get("gpu", 0),
        attempt=snakemake.resources.attempt,
    )
    if not fitted:
        # The files are whole. TensorFlow's clean-up after a refused allocation may crash ("double
        # free"), which would look like a failed job.
        sys.stderr.flush()
        os._exit(0)
