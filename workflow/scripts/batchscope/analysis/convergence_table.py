"""The tables of convergence epochs, a row per point, replicate and definition."""

import numpy as np
import pandas as pd

from batchscope.analysis.convergence import auto_target, nearest_size, stable_epoch, target_epoch
from batchscope.results import curves

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
    "last_epoch",
]

# Targets of the sensitivity table, as multiples of the reference's best loss.
FACTORS = (1.02, 1.05, 1.1, 1.2)


def convergence_table(histories, settings):
    """Convergence of every run by both definitions.

    Args:
        histories: from `read_histories`.
        settings: `convergence` of the config.

    Returns:
        DataFrame with the columns of epochs.csv. `epoch`, `updates` and `seconds` are empty
        unless the run reached; a run of even pace is assumed, so `seconds` is the epoch's share
        of the run's train_seconds, empty for a run that was resumed. `last_epoch` is the last
        epoch that could have been found: a run that did not reach is later than this; it is empty
        unless the run was completed. `target` is empty for `stable`, and where half of the
        reference's runs or more were not completed.
    """
    stable = settings["stable"]
    targets = recipe_targets(histories, settings["target"])
    tables = [_target_rows(histories, targets, settings["target"])]
    for point, (history, runs) in histories.items():
        found = stable_epoch(
            curves(history, stable["metric"], runs["replicate"]),
            **{name: setting for name, setting in stable.items() if name != "metric"},
        )
        rows = _rows(point, runs, found, stable["min_epochs"])
        tables.append(rows.assign(definition="stable", metric=stable["metric"], target=np.nan))
    return _joined(tables)


def sensitivity_table(histories, settings):
    """Convergence of every run under other targets.

    Args:
        histories: from `read_histories`.
        settings: `convergence` of the config.

    Returns:
        DataFrame as of `convergence_table`, of the definition `target` alone, with a further
        column `factor`: the target is so many times each recipe's best loss at its reference
        batch size, or as much worse than its best accuracy.
    """
    tables = []
    for factor in FACTORS:
        target = settings["target"] | {"value": "auto", "tolerance": factor - 1}
        rows = _target_rows(histories, recipe_targets(histories, target), target)
        tables.append(rows.assign(factor=factor))
    return _joined(tables, ["factor"])


def recipe_targets(histories, settings):
    """The target of each recipe: the config's number, or `auto` from its reference batch size."""
    targets = {}
    for recipe in dict.fromkeys(recipe for recipe, _ in histories):
        targets[recipe] = settings["value"]
        if settings["value"] == "auto":
            sizes = [size for name, size in histories if name == recipe]
            reference = nearest_size(sizes, settings["reference_batch_size"])
            history, runs = histories[recipe, reference]
            metric = settings["metric"]
            # A run that diverged later says nothing of what can be reached.
            completed = runs["status"].eq("completed").to_numpy()[:, None]
            values = np.where(completed, curves(history, metric, runs["replicate"]), np.nan)
            targets[recipe] = auto_target(values, metric, settings["tolerance"])
    return targets


def _target_rows(histories, targets, settings):
    """The rows of all points by the definition `target`."""
    tables = []
    for point, (history, runs) in histories.items():
        metric, value = settings["metric"], targets[point[0]]
        values = curves(history, metric, runs["replicate"])
        found = target_epoch(values, metric, value, settings["hold"])
        rows = _rows(point, runs, found, settings["hold"])
        tables.append(rows.assign(definition="target", metric=metric, target=value))
    return pd.concat(tables)


def _rows(point, runs, epoch, needed):
    """The rows of one point by one definition.

    Args:
        point: (recipe, batch size).
        runs: its runs.csv.
        epoch: float64 [replicates], NaN where not reached.
        needed: epochs that the definition takes to find one, the found one included.
    """
    completed = runs["status"].eq("completed").to_numpy()
    epoch = np.where(completed, epoch, np.nan)
    # A run that trained no epoch has reached none, so what it is divided by does not matter.
    epochs = runs["epochs"].clip(lower=1)
    return pd.DataFrame(
        {
            "recipe": point[0],
            "batch_size": point[1],
            "replicate": runs["replicate"],
            "epoch": epoch,
            "updates": epoch * (runs["updates"] // epochs),
            "seconds": epoch / epochs * runs["train_seconds"].astype(float),
            "status": np.where(
                completed, np.where(np.isfinite(epoch), "reached", "not_reached"), runs["status"]
            ),
            "last_epoch": np.where(completed, np.maximum(runs["epochs"] - needed + 1, 0), np.nan),
        }
    )


def _joined(tables, more=()):
    table = pd.concat(tables, ignore_index=True)[[*COLUMNS, *more]]
    return table.astype(dict.fromkeys(["epoch", "updates", "last_epoch"], "Int64"))
