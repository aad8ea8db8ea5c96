"""The table of convergence epochs, a row per point, replicate and definition."""

import numpy as np
import pandas as pd

from batchscope.convergence import auto_target, nearest_size, stable_epoch, target_epoch
from batchscope.histories import curves

COLUMNS = [
    "recipe",
    "batch_size",
    "replicate",
    "definition",
    "metric",
    "target",
    "epoch",
    "updates",
    "seconds",
    "status",
]


def convergence_table(histories, settings):
    """Convergence of every run by both definitions.

    Args:
        histories: from `read_histories`.
        settings: `convergence` of the config.

    Returns:
        DataFrame with the columns of epochs.csv. `epoch`, `updates` and `seconds` are empty
        unless the run reached; a run of even pace is assumed, so `seconds` is the epoch's share
        of the run's train_seconds, empty for a run that was resumed. `target` is empty for
        `stable`, and where the reference itself has no finite value.
    """
    target, stable = settings["target"], settings["stable"]
    targets = recipe_targets(histories, target)
    tables = []
    for (recipe, batch_size), (history, runs) in histories.items():
        value = targets[recipe]
        found = target_epoch(
            curves(history, target["metric"]), target["metric"], value, target["hold"]
        )
        rows = _rows(recipe, batch_size, runs, found)
        tables.append(rows.assign(definition="target", metric=target["metric"], target=value))
        found = stable_epoch(
            curves(history, stable["metric"]),
            **{name: setting for name, setting in stable.items() if name != "metric"},
        )
        rows = _rows(recipe, batch_size, runs, found)
        tables.append(rows.assign(definition="stable", metric=stable["metric"], target=np.nan))
    return pd.concat(tables, ignore_index=True)[COLUMNS].astype(
        {"epoch": "Int64", "updates": "Int64"}
    )


def recipe_targets(histories, settings):
    """The target of each recipe: the config's number, or `auto` from its reference batch size."""
    targets = {}
    for recipe in dict.fromkeys(recipe for recipe, _ in histories):
        targets[recipe] = settings["value"]
        if settings["value"] == "auto":
            sizes = [size for name, size in histories if name == recipe]
            reference = nearest_size(sizes, settings["reference_batch_size"])
            history, _ = histories[recipe, reference]
            metric = settings["metric"]
            targets[recipe] = auto_target(curves(history, metric), metric, settings["tolerance"])
    return targets


def _rows(recipe, batch_size, runs, epoch):
    """The rows of one point by one definition; `epoch` is NaN where not reached."""
    diverged = runs["status"].eq("diverged").to_numpy()
    epoch = np.where(diverged, np.nan, epoch)
    return pd.DataFrame(
        {
            "recipe": recipe,
            "batch_size": batch_size,
            "replicate": runs["replicate"],
            "epoch": epoch,
            "updates": epoch * (runs["updates"] // runs["epochs"]),
            "seconds": epoch / runs["epochs"] * runs["train_seconds"],
            "status": np.select(
                [diverged, np.isfinite(epoch)], ["diverged", "reached"], "not_reached"
            ),
        }
    )
