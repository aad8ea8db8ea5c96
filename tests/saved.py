"""Saved files of training jobs, made up for tests of what reads them."""

import numpy as np
import pandas as pd

from batchscope.analysis.bootstrap import Bootstrap
from batchscope.analysis.convergence_table import convergence_table, sensitivity_table
from batchscope.analysis.law_table import scaling_table
from batchscope.analysis.measures import (
    Estimate,
    estimate,
    last_times,
    quality_measures,
    reference_rows,
    run_measures,
)
from batchscope.analysis.summary_table import summary_table


def saved_point(losses, accuracies=None, seconds=1.0, updates_per_epoch=2):
    """(history, runs) of one point.

    Args:
        losses: val_loss per replicate and epoch; a list that ends in NaN diverged there.
        accuracies: val_accuracy in the same shape; 1 - loss / 10 if not given.
        seconds: train_seconds of every run, or a list of them.
        updates_per_epoch: updates of an epoch.
    """
    history, runs = [], []
    for index, curve in enumerate(losses):
        curve = np.asarray(curve, float)
        accuracy = 1 - curve / 10 if accuracies is None else np.asarray(accuracies[index], float)
        for epoch, (loss, hits) in enumerate(zip(curve, accuracy, strict=True), start=1):
            history.append((index + 1, epoch, epoch * updates_per_epoch, loss, hits, loss, hits))
        runs.append(
            {
                "replicate": index + 1,
                "seed": index,
                "status": "completed" if np.isfinite(curve[-1]) else "diverged",
                "epochs": len(curve),
                "updates": len(curve) * updates_per_epoch,
                "learning_rate": 0.001,
                "train_seconds": np.broadcast_to(seconds, len(losses))[index],
                "wall_seconds": 1.0,
                "cpu_seconds": 1.0,
                "resumed": False,
            }
        )
    columns = ["replicate", "epoch", "updates", "loss", "accuracy", "val_loss", "val_accuracy"]
    return pd.DataFrame(history, columns=columns), pd.DataFrame(runs)


def out_of_memory(replicates):
    """(history, runs) of a point that did not fit into memory."""
    history, runs = saved_point([[1]] * replicates)
    runs = runs.assign(status="out_of_memory", epochs=0, updates=0)
    times = ["train_seconds", "wall_seconds", "cpu_seconds"]
    return history[:0], runs.assign(**dict.fromkeys(times, np.nan))


def job(batch_size, epochs, updates_per_epoch=2, **facts):
    """What job.json says of a point."""
    return {
        "point": {"batch_size": batch_size, "epochs": epochs, "clamped": []},
        "effective_batch_size": batch_size,
        "updates_per_epoch": updates_per_epoch,
        "samples_per_epoch": 100,
        "learning_rate": 0.001,
        "learning_rate_edge": None,
        "tuning_seconds": 0,
        "device": "CPU: test",
        "peak_memory_mb": 512.0,
    } | facts


class Study:
    """Everything that follows from the saved files of made-up points."""

    def __init__(self, histories, settings, epochs=4, jobs=None, reference=32):
        runs = {point: table for point, (_, table) in histories.items()}
        self.histories, self.points = histories, list(histories)
        self.jobs = {point: job(point[1], epochs) for point in histories} | (jobs or {})
        self.boot = Bootstrap(max(len(table) for table in runs.values()))
        self.epochs = convergence_table(histories, settings)
        self.sensitivity = sensitivity_table(histories, settings)
        self.measures = run_measures(runs, self.jobs, self.epochs)
        self.last = last_times(runs, self.epochs)
        references = reference_rows(self.points, reference)
        everything = self.measures | quality_measures(histories)
        self.estimates = estimate(everything, references, self.boot)
        self.table = summary_table(runs, self.jobs, self.epochs, self.estimates, self.last)

    def scaling(self, recipe):
        """The scaling table of a recipe."""
        rows = [row for row, (name, _) in enumerate(self.points) if name == recipe]
        points = [self.points[row] for row in rows]
        own, last = ({n: x[rows] for n, x in each.items()} for each in (self.measures, self.last))
        estimates = {
            name: Estimate(*(values[rows] for values in entry))
            for name, entry in self.estimates.items()
        }
        return scaling_table(points, self.jobs, own, last, estimates, self.boot)


SETTINGS = {
    "target": {
        "metric": "val_loss",
        "value": "auto",
        "tolerance": 0.0,
        "reference_batch_size": 32,
        "hold": 1,
    },
    "stable": {
        "metric": "val_accuracy",
        "window": 1,
        "band": 0.01,
        "level_epochs": 1,
        "min_epochs": 1,
    },
}
