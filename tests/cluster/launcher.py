"""Runs Snakemake with its SLURM executor asking for the jobs' states every second.

The executor takes ten seconds more between one look and the next whenever no job has succeeded,
which makes a test wait for minutes. And a Ctrl-C cancels no job that is just being submitted or
looked at: the executor has it in no list for that while. Everything else about it stays as it is.

    python tests/cluster/launcher.py --executor slurm ...
"""

import sys

from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

SECONDS = 1


def get_seconds(executor):
    """Return the seconds until the next look."""
    return SECONDS


def ignore_seconds(executor, seconds):
    """Drop the longer time that the executor sets."""


def remember_and_check(executor, jobs, check=Executor.check_active_jobs):
    """Look at the states of these jobs, and know which they are until the next look."""
    executor.looked_at = jobs
    return check(executor, jobs)


def cancel_all(executor):
    """Cancel the jobs, whatever the executor's other threads are doing with them."""
    executor._job_submission_executor.shutdown(wait=True)
    with executor.lock:
        jobs = [*executor.active_jobs, *executor.looked_at]
    executor.cancel_jobs(list({job.external_jobid: job for job in jobs}.values()))
    executor.shutdown()


if __name__ == "__main__":
    Executor.looked_at = []
    Executor.check_active_jobs = remember_and_check
    Executor.cancel = cancel_all
    Executor.next_seconds_between_status_checks = property(get_seconds, ignore_seconds)
    sys.exit(main())
