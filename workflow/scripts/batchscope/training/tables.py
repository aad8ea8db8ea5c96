"""The tables of a training job: (columns, rows) of history.csv, runs.csv and tuning.csv."""

import numpy as np

from batchscope.results import (
    COMPLETED,
    DIVERGED,
    HISTORY_COLUMNS,
    LOSS,
    OUT_OF_MEMORY,
    RUNS_COLUMNS,
    TUNING_COLUMNS,
    validation,
)
from batchscope.training.seeds import weights_seed

SECONDS = ("train_seconds", "wall_seconds", "cpu_seconds")


def history_table(runs, finished, metrics, updates_per_epoch):
    """history.csv, a row per replicate and epoch.

    Args:
        runs: list of Run.
        finished: a FinishedRun for each.
        metrics: names of the columns of their curves.
        updates_per_epoch: int.
    """
    rows = [
        (run.replicate, epoch, epoch * updates_per_epoch, *map(float, values))
        for run, end in zip(runs, finished, strict=True)
        for epoch, values in enumerate(end.curve, start=1)
    ]
    return (*HISTORY_COLUMNS, *metrics), rows


def runs_table(runs, finished, updates_per_epoch, tested):
    """runs.csv, a row per replicate.

    Args:
        runs, finished, updates_per_epoch: as of `history_table`.
        tested: names of the columns of what was measured on the test samples.
    """
    rows = [
        _trained(run, end, updates_per_epoch)
        | {"resumed": end.resumed}
        # Nothing was measured after a run that diverged.
        | dict(zip(tested, end.test or [None] * len(tested), strict=True))
        for run, end in zip(runs, finished, strict=True)
    ]
    return _in_order((*RUNS_COLUMNS, *tested), rows)


def tuning_table(trials, tried, metrics, updates_per_epoch):
    """tuning.csv, a row per trial; arguments as of `history_table`."""
    *_, best = TUNING_COLUMNS
    rows = [
        # A trial that diverged has no best loss.
        _trained(run, end, updates_per_epoch)
        | {best: None if end.diverged else best_loss(end, metrics)}
        for run, end in zip(trials, tried, strict=True)
    ]
    return _in_order(TUNING_COLUMNS, rows)


def out_of_memory_table(runs, tested):
    """runs.csv of replicates that no epoch could be trained of."""
    unknown = dict.fromkeys((*SECONDS, *tested)) | {"resumed": False}
    rows = [_row(run, OUT_OF_MEMORY, 0, 0) | unknown for run in runs]
    return _in_order((*RUNS_COLUMNS, *tested), rows)


def best_loss(end, metrics):
    """The lowest validation loss of a FinishedRun, float; inf if it diverged."""
    return np.inf if end.diverged else float(end.curve[:, metrics.index(validation(LOSS))].min())


def _trained(run, end, updates_per_epoch):
    status, epochs = DIVERGED if end.diverged else COMPLETED, len(end.curve)
    seconds = dict(zip(SECONDS, end.seconds, strict=True))
    return _row(run, status, epochs, epochs * updates_per_epoch) | seconds


def _row(run, status, epochs, updates):
    return {
        "replicate": run.replicate,
        "seed": weights_seed(run.seed, run.replicate),
        "status": status,
        "epochs": epochs,
        "updates": updates,
        "learning_rate": run.learning_rate,
    }


def _in_order(columns, rows):
    return columns, [tuple(row[column] for column in columns) for row in rows]
