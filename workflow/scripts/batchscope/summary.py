"""The summary table, a row per point: what it is, what it cost, when it converged, how it ended."""

import numpy as np
import pandas as pd

from batchscope.convergence import best_values
from batchscope.histories import curves
from batchscope.intervals import mean_interval, median_interval


def summary_table(histories, jobs, epochs):
    """Summarise every point.

    Args:
        histories: from `read_histories`.
        jobs: dict (recipe, batch size) -> the facts in job.json.
        epochs: DataFrame of epochs.csv.

    Returns:
        DataFrame, a row per point in the order of `histories`. Each measure X stands in three
        columns: X, X_low and X_high, the 95% interval. Times are medians over replicates in
        seconds, and inf where the median, or a limit, is later than the last epoch. Qualities
        are means over the completed replicates. Without an interval (a single replicate), or
        without a completed replicate, the columns are empty.
    """
    rows = []
    for (recipe, batch_size), (history, runs) in histories.items():
        job = jobs[recipe, batch_size]
        found = epochs[(epochs["recipe"] == recipe) & (epochs["batch_size"] == batch_size)]
        target = found[found["definition"] == "target"]
        stable = found[found["definition"] == "stable"]
        row = {
            "recipe": recipe,
            "batch_size": batch_size,
            "effective_batch_size": job["effective_batch_size"],
            "updates_per_epoch": job["updates_per_epoch"],
            "learning_rate": job["point"]["learning_rate"],
            "epochs": job["point"]["epochs"],
            "updates": job["point"]["epochs"] * job["updates_per_epoch"],
            "replicates": len(runs),
            "diverged": int(runs["status"].eq("diverged").sum()),
            "device": job["device"],
            **_measure(
                "seconds_per_epoch", median_interval(runs["train_seconds"] / runs["epochs"])
            ),
            **_measure("seconds_per_run", median_interval(runs["train_seconds"])),
            "target_metric": target["metric"].iloc[0],
            "target": target["target"].iloc[0],
            "target_reached": int(target["status"].eq("reached").sum()),
            **_measure("target_epoch", _time(target, "epoch")),
            **_measure("target_updates", _time(target, "updates")),
            **_measure("target_seconds", _time(target, "seconds")),
            "stable_reached": int(stable["status"].eq("reached").sum()),
            **_measure("stable_epoch", _time(stable, "epoch")),
        }
        completed = history[history["replicate"].isin(_completed(runs))]
        for metric in ("val_accuracy", "val_loss"):
            values = curves(completed, metric)
            row |= _measure(f"final_{metric}", mean_interval(values[:, -1:].ravel()))
            row |= _measure(f"best_{metric}", mean_interval(best_values(values, metric)))
        rows.append(row)
    return pd.DataFrame(rows)


def _completed(runs):
    return runs.loc[runs["status"] == "completed", "replicate"]


def _time(found, column):
    """The median of a column of epochs.csv, in which whoever did not get there is at infinity."""
    times = found[column].astype(float)
    return median_interval(times.where(found["status"] == "reached", np.inf))


def _measure(name, interval):
    return dict(zip((name, f"{name}_low", f"{name}_high"), interval, strict=True))
