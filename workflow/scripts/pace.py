"""Measures what an epoch takes at each point, apart from the trainings."""

import logging
from pathlib import Path

from batchscope import joblog
from batchscope.training.stopping import StopGuard, end_as_success


def main(guard, dataset, description, jobs, outputs, threads, resources):
    """Write pace.csv and pace.json, and remove the checkpoints of the trainings.

    Args:
        guard: the process's StopGuard.
        dataset, description: paths of dataset.npz and dataset.json.
        jobs: paths of the job.json of each point.
        outputs: paths, named csv, json.
        threads, resources: what the job was granted. With no GPU one that is there is left alone.

    Raises:
        SystemExit: when stopped, or when an earlier attempt showed that another is in vain.
    """
    # These take seconds, in which the guard has to be there.
    from batchscope import files
    from batchscope.training import checkpoint, devices, retry, runtime

    devices.take(resources)
    runtime.start_keras(threads)
    from batchscope.data.dataset import load
    from batchscope.job_facts import read_job
    from batchscope.training.pace import measure_pace

    trained = [read_job(Path(job)) for job in jobs]
    # A point that did not fit into memory has no parameters.
    fitted = [job for job in trained if job["parameters"] is not None]
    failure = Path(outputs.csv).with_name("failure.txt")
    with retry.attempts(failure, resources.attempt, retry.passing_errors()):
        table, facts = measure_pace(fitted, load(dataset, description), runtime.device(), threads)
    guard.hold()
    guard.stop_if_orphan()
    files.write_csv(outputs.csv, *table)
    files.seal(outputs.csv)
    files.write_json(outputs.json, facts)
    # Snakemake deletes the files of a training that was killed or cancelled at its very end, and
    # knows by now of each that it has ended well.
    for job in jobs:
        files.remove(Path(job).with_name(checkpoint.NAME))
    if request := guard.request():
        logging.info("stopped too late by %s: all files are written", request)


if "snakemake" in globals():
    guard = StopGuard()
    joblog.redirect(snakemake.log[0])
    main(
        guard,
        dataset=snakemake.input.dataset,
        description=snakemake.input.description,
        jobs=snakemake.input.jobs,
        outputs=snakemake.output,
        threads=snakemake.threads,
        resources=snakemake.resources,
    )
    end_as_success()
