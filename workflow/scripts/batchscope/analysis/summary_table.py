"""The summary table, a row per point: what it is, what it cost, when it converged, how it ended."""

import numpy as np
import pandas as pd

from batchscope.analysis.bootstrap import median

# In the table's order.
MEASURES = (
    "seconds_per_epoch",
    "seconds_per_run",
    "samples_per_second",
    "target_epoch",
    "target_updates",
    "target_examples",
    "target_seconds",
    "target_epoch_ratio",
    "target_updates_ratio",
    "target_seconds_ratio",
    "stable_epoch",
    "final_val_accuracy",
    "best_val_accuracy",
    "final_val_loss",
    "best_val_loss",
)


def summary_table(runs, jobs, epochs, estimates, last):
    """Summarise every point.

    Args:
        runs: from `read_runs`.
        jobs: from `read_jobs`.
        epochs: DataFrame of epochs.csv.
        estimates: from `measures.estimate`.
        last: from `measures.last_times`.

    Returns:
        DataFrame, a row per point in the order of `runs`. Each measure X stands in three
        columns: X, X_low and X_high. Times are medians over replicates in seconds, and inf where
        the median, or a limit, is later than the last epoch. Qualities are means over the
        completed replicates. `later_than_X` is what an infinite time X is later than, empty where
        no run was completed. What is not known is empty.
    """
    counts = epochs.assign(reached=epochs["status"].eq("reached")).pivot_table(
        index=["recipe", "batch_size"], columns="definition", values="reached", aggfunc="sum"
    )
    targets = epochs[epochs["definition"] == "target"].groupby(["recipe", "batch_size"]).first()
    rows = []
    for index, ((recipe, batch_size), own) in enumerate(runs.items()):
        job = jobs[recipe, batch_size]
        target = targets.loc[(recipe, batch_size)]
        no_memory = bool(own["status"].eq("out_of_memory").any())
        row = {
            "recipe": recipe,
            "batch_size": batch_size,
            "effective_batch_size": job["effective_batch_size"],
            "updates_per_epoch": job["updates_per_epoch"],
            "learning_rate": np.nan if job["learning_rate"] is None else job["learning_rate"],
            "learning_rate_edge": job["learning_rate_edge"],
            "tuning_seconds": job["tuning_seconds"],
            "clamped": " ".join(job["point"]["clamped"]),
            "epochs": job["point"]["epochs"],
            "updates": job["point"]["epochs"] * job["updates_per_epoch"],
            "replicates": len(own),
            "diverged": int(own["status"].eq("diverged").sum()),
            "out_of_memory": no_memory,
            "device": job["device"],
            "peak_memory_mb": np.nan if no_memory else job["peak_memory_mb"],
            "target_metric": target["metric"],
            "target": target["target"],
            "target_reached": int(counts.loc[(recipe, batch_size), "target"]),
            "stable_reached": int(counts.loc[(recipe, batch_size), "stable"]),
        }
        for name in MEASURES:
            for suffix, values in zip(("", "_low", "_high"), estimates[name][:3], strict=True):
                row[name + suffix] = values[index]
        for name, values in last.items():
            row[f"later_than_{name}"] = median(values[index])
        rows.append(row)
    return pd.DataFrame(rows)
