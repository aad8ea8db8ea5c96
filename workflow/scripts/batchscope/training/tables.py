"""The tables of a training job: (columns, rows) of history.csv and runs.csv."""

from batchscope.results import (
    COMPLETED,
    DIVERGED,
    HISTORY_COLUMNS,
    LEARNING_RATE,
    OUT_OF_MEMORY,
    RUNS_COLUMNS,
)
from batchscope.training.seeds import weights_seed

SECONDS = ("train_seconds", "wall_seconds", "cpu_seconds")


def history_table(runs, finished, metrics, updates_per_epoch, grid):
    """history.csv, a row per replicate and epoch.

    Args:
        runs: list of Run.
        finished: a FinishedRun for each.
        metrics: names of the columns of their curves.
        updates_per_epoch: int.
        grid: whether each replicate was trained at several learning rates. They are then told.
    """
    rows = [
        (
            *([run.learning_rate] if grid else []),
            run.replicate,
            epoch,
            epoch * updates_per_epoch,
            *map(float, values),
        )
        for run, end in zip(runs, finished, strict=True)
        for epoch, values in enumerate(end.curve, start=1)
    ]
    return (*([LEARNING_RATE] if grid else []), *HISTORY_COLUMNS, *metrics), rows


def runs_table(runs, finished, updates_per_epoch, tested):
    """runs.csv, a row per replicate; of a grid, one per learning rate and replicate.

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


def out_of_memory_table(runs, tested):
    """runs.csv of replicates that no epoch could be trained of."""
    unknown = dict.fromkeys((*SECONDS, *tested)) | {"resumed": False}
    rows = [_row(run, OUT_OF_MEMORY, 0, 0) | unknown for run in runs]
    return _in_order((*RUNS_COLUMNS, *tested), rows)


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
