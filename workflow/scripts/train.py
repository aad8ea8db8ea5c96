"""Trains all replicates of one point."""

import logging
import time
from pathlib import Path

from batchscope import joblog
from batchscope.training.stopping import StopGuard, end_as_success


def main(guard, dataset, outputs, point, threads, gpus, attempt):
    """Train `point` on the dataset; write history.csv, runs.csv, tuning.csv and job.json.

    Args:
        guard: the process's StopGuard.
        dataset: path of dataset.npz.
        outputs: paths, named history, runs, tuning, job; the checkpoint is beside the last.
        point: the resolved hyperparameters.
        threads, gpus: what was granted; with 0 GPUs one that is there is left alone.
        attempt: number of the attempt at this job, from 1.

    Raises:
        SystemExit: when stopped, or when an earlier attempt showed that another is in vain.
    """
    started = time.perf_counter()
    # These take seconds, in which the guard has to be there.
    from batchscope.training import devices, files, retry, runtime

    devices.take(gpus)
    runtime.start_keras(threads)
    from batchscope.data.dataset import load
    from batchscope.training.point import train_point

    startup_seconds = time.perf_counter() - started
    folder = Path(outputs.job).parent
    with retry.attempts(folder / "failure.txt", attempt, retry.passing_errors()):
        result = train_point(
            point, load(dataset), runtime.device(), threads, guard, folder / "checkpoint.npz"
        )
    memory = {"startup_seconds": startup_seconds, "peak_memory_mib": runtime.peak_memory_mib()}
    guard.stop_if_orphan()
    files.write_csv(outputs.history, *result.history)
    files.write_csv(outputs.runs, *result.runs)
    files.write_csv(outputs.tuning, *result.tuning)
    files.write_json(outputs.job, result.job | memory)
    if request := guard.request():
        # Snakemake deletes the files of a job that it has cancelled, however the job ended.
        words = "stopped too late by %s: all files are written, and the checkpoint is kept"
        logging.info(words, request)
    else:
        files.remove(folder / "checkpoint.npz")


if "snakemake" in globals():
    guard = StopGuard()
    joblog.redirect(snakemake.log[0])
    main(
        guard,
        dataset=snakemake.input.dataset,
        outputs=snakemake.output,
        point=snakemake.params.point,
        threads=snakemake.threads,
        gpus=snakemake.resources.get("gpu", 0),
        attempt=snakemake.resources.attempt,
    )
    end_as_success()
