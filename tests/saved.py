"""Saved files of training jobs, made up for tests of what reads them."""

import numpy as np
import pandas as pd


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


def job(batch_size, epochs, updates_per_epoch=2):
    """What job.json says of a point."""
    return {
        "point": {"batch_size": batch_size, "epochs": epochs, "learning_rate": 0.001},
        "effective_batch_size": batch_size,
        "updates_per_epoch": updates_per_epoch,
        "device": "CPU: test",
    }


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
