"""The tables of convergence, a row per point, replicate and definition."""

import numpy as np
import pandas as pd

from batchscope.analysis.choice import BEST_LOSS, best_rates, rows_of_points
from batchscope.analysis.convergence import (
    auto_target,
    nearest_size,
    stable_epoch,
    target_epoch,
)
from batchscope.analysis.measures import STABLE, TARGET, best_losses
from batchscope.results import NO_TARGET, NOT_REACHED, OUT_OF_MEMORY, REACHED, metric_of

COLUMNS = [
    "recipe",
    "batch_size",
    "learning_rate",
    "chosen",
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

# Targets of the sensitivity table: so much worse than the reference's best value, as a fraction.
TOLERANCES = (0.02, 0.05, 0.1, 0.2)


def convergence_table(saved, seconds, settings):
    """Convergence of every run by both definitions.

    Args:
        saved: list of SavedPoint.
        seconds: what an epoch takes at each, from `pace.seconds_per_epoch`.
        settings: `convergence` of the config.

    Returns:
        DataFrame with the columns of epochs.csv. `epoch`, `updates` and `seconds` are empty
        unless the run reached; `seconds` is the epochs times the point's pace, empty where that
        is not known. `last_epoch` is the last epoch that could have been found: a run that did
        not reach is later than this; it is empty unless the run was completed. `target` is empty
        for `stable`, and where half of the reference's runs or more were not completed; the
        status is then `no_target`. `chosen` is whether the learning rate is the one that is
        taken of its point: by the target, in both definitions.
    """
    by_stable = settings["stable"]
    rows = target_rows(saved, seconds, settings)
    epochs = [_stable_epoch(point, by_stable) for point in saved]
    stable = _rows(saved, seconds, epochs, by_stable["min_epochs"]).assign(
        definition=STABLE,
        metric=by_stable["metric"],
        target=np.nan,
        # Both have the same runs in the same order.
        chosen=rows["chosen"],
    )
    return _joined([rows, stable])


def sensitivity_table(saved, seconds, settings):
    """Convergence of every run under other targets.

    Args:
        saved: list of SavedPoint.
        seconds: what an epoch takes at each, from `pace.seconds_per_epoch`.
        settings: `convergence` of the config.

    Returns:
        DataFrame as of `convergence_table`, of the definition `target` alone, with a further
        column `factor`: the target is so many times each recipe's best loss at its reference
        batch size, or as much worse than its best accuracy. `chosen` is by that target.
    """
    tables = []
    for tolerance in TOLERANCES:
        target = settings["target"] | {"value": "auto", "tolerance": tolerance}
        rows = target_rows(saved, seconds, settings | {"target": target})
        tables.append(rows.assign(factor=1 + tolerance))
    return _joined(tables, ["factor"])


def recipe_targets(saved, settings):
    """The target of each recipe: the config's number, or `auto` from its reference batch size.

    Args:
        saved: list of SavedPoint.
        settings: `convergence.target` of the config.

    Returns:
        dict recipe -> float; NaN where `auto` cannot be set. Of a grid it is the best of those
        that its learning rates set.
    """
    targets, metric = {}, settings["metric"]
    best = np.fmin if metric_of(metric).falls else np.fmax
    for recipe in dict.fromkeys(point.recipe for point in saved):
        targets[recipe] = settings["value"]
        if settings["value"] == "auto":
            own = [point for point in saved if point.recipe == recipe]
            size = nearest_size(
                [point.batch_size for point in own], settings["reference_batch_size"]
            )
            targets[recipe] = float(
                best.reduce(
                    [
                        # A run that diverged later says nothing of what can be reached.
                        auto_target(
                            np.where(point.completed[:, None], point.curves(metric), np.nan),
                            metric,
                            settings["tolerance"],
                        )
                        for point in own
                        if point.batch_size == size
                    ]
                )
            )
    return targets


def _stable_epoch(point, settings):
    """`stable_epoch` of each run, whose final level is that of its own last epochs."""
    settings = dict(settings)
    curves, epochs = point.curves(settings.pop("metric")), point.runs["epochs"].to_numpy()
    found = np.full(len(epochs), np.nan)
    for length in set(epochs):
        own = epochs == length
        found[own] = stable_epoch(curves[own, :length], **settings)
    return found


def target_rows(saved, seconds, convergence):
    """The rows of all points by the definition `target`: a DataFrame. `convergence` is the
    config's."""
    settings = convergence["target"]
    targets, metric, hold = recipe_targets(saved, settings), settings["metric"], settings["hold"]
    own = [targets[point.recipe] for point in saved]
    epochs = [
        target_epoch(point.curves(metric), metric, target, hold)
        for point, target in zip(saved, own, strict=True)
    ]
    rows = _rows(saved, seconds, epochs, hold)
    runs = {
        "target_epoch": rows["epoch"].to_numpy().reshape(len(saved), -1),
        "epochs": np.stack([point.runs["epochs"].to_numpy(float) for point in saved]),
        BEST_LOSS: best_losses(saved),
    }
    chosen = best_rates(rows_of_points(saved), runs, convergence["choose_rate_by"])
    target, out_of_memory, is_chosen = (
        np.repeat(of_points, runs["epochs"].shape[1])
        for of_points in (
            own,
            [point.out_of_memory for point in saved],
            np.isin(np.arange(len(saved)), chosen),
        )
    )
    without = np.isnan(target)
    status = np.where(out_of_memory, OUT_OF_MEMORY, NO_TARGET)
    return rows.assign(
        status=np.where(without, status, rows["status"]),
        last_epoch=rows["last_epoch"].mask(without),
        definition=TARGET,
        metric=metric,
        target=target,
        chosen=is_chosen,
    )


def _rows(saved, seconds, epochs, needed):
    """The rows of all points by one definition.

    Args:
        saved: list of SavedPoint.
        seconds: of an epoch of each, float64 [points].
        epochs: of each, float64 [replicates], NaN where not reached.
        needed: epochs that the definition takes to find one, the found one included.
    """
    names = pd.DataFrame(
        {
            "recipe": [point.recipe for point in saved],
            "batch_size": [point.batch_size for point in saved],
            "learning_rate": [point.learning_rate for point in saved],
            "pace": seconds,
        }
    )
    runs = pd.concat([point.runs for point in saved], ignore_index=True)
    rows = names.loc[names.index.repeat([len(own) for own in epochs])].reset_index(drop=True)
    completed = np.concatenate([point.completed for point in saved])
    epoch = np.where(completed, np.concatenate(epochs), np.nan)
    status = np.where(np.isfinite(epoch), REACHED, NOT_REACHED)
    return rows.drop(columns="pace").assign(
        replicate=runs["replicate"],
        epoch=epoch,
        # A run that trained no epoch has reached none, so what it is divided by does not matter.
        updates=epoch * (runs["updates"] // runs["epochs"].clip(lower=1)),
        seconds=epoch * rows["pace"],
        status=np.where(completed, status, runs["status"]),
        last_epoch=np.where(completed, np.maximum(runs["epochs"] - needed + 1, 0), np.nan),
    )


def _joined(tables, more=()):
    table = pd.concat(tables, ignore_index=True)[[*COLUMNS, *more]]
    return table.astype(dict.fromkeys(["epoch", "updates", "last_epoch"], "Int64"))
