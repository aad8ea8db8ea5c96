"""Trains all replicates of one point."""

import logging
import time
from pathlib import Path

from batchscope import joblog
from batchscope.training.stopping import StopGuard, end_as_success


def main(guard, rule):
    """Train a point on the dataset; write history.csv, runs.csv and job.json.

    Args:
        guard: the process's StopGuard.
        rule: the rule's `snakemake` object. Its output is named history, runs, job; the
            checkpoint is beside the last, and stays there. With no GPU granted one that is there is
            left alone.

    Raises:
        SystemExit: when stopped, when an earlier attempt showed that another is in vain, or with
            what is wrong in the user's model file or with the config.
    """
    started = time.perf_counter()
    # These take seconds, in which the guard has to be there.
    from batchscope import files
    from batchscope.training import checkpoint, devices, retry, runtime

    devices.take(rule.resources)
    runtime.start_keras(rule.threads)
    from batchscope.config.problem import ConfigError
    from batchscope.data.dataset import load
    from batchscope.training.model_file import blamed_on
    from batchscope.training.point import train_point
    from batchscope.training.ways import read_way

    startup_seconds = time.perf_counter() - started
    point, outputs, folder = rule.params.point, rule.output, Path(rule.output.job).parent
    failure, checkpoint_path = folder / "failure.txt", folder / checkpoint.NAME
    attempts = retry.attempts(failure, rule.resources.attempt, retry.passing_errors())
    try:
        with blamed_on(point["model"].get("file")), attempts:
            arrays, device = load(rule.input.dataset, rule.input.description), runtime.device()
            way = read_way(rule.input.way)
            result = train_point(point, arrays, way, device, rule.threads, guard, checkpoint_path)
    except ConfigError as error:
        raise SystemExit(str(error)) from None
    memory = {"startup_seconds": startup_seconds, "peak_memory_mib": runtime.peak_memory_mib()}
    guard.stop_if_orphan()
    files.write_point(outputs, result.history, result.runs, result.job | memory)
    if request := guard.request():
        logging.info("stopped too late by %s: all files are written", request)


if "snakemake" in globals():
    guard = StopGuard()
    joblog.redirect(snakemake.log[0])
    main(guard, snakemake)
    end_as_success()
