"""Runs Snakemake with its SLURM executor asking for the jobs' states every second.

The executor takes ten seconds more between one look and the next whenever no job has succeeded,
which makes a test wait for minutes. Everything else about it stays as it is.

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


if __name__ == "__main__":
    Executor.next_seconds_between_status_checks = property(get_seconds, ignore_seconds)
    sys.exit(main())
