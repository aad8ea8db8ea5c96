"""Reads what training jobs saved, and nothing else."""

import numpy as np
import pandas as pd


def read_histories(history_paths, runs_paths, points):
    """The saved files of several points.

    Args:
        history_paths: paths of history.csv, a file per point.
        runs_paths: paths of runs.csv, in the same order.
        points: (recipe, batch size) of each.

    Returns:
        dict (recipe, batch size) -> (history, runs), two DataFrames with the files' columns. The
        train_seconds of a replicate that was interrupted and resumed are NaN.
    """
    tables = {}
    for point, *paths in zip(points, history_paths, runs_paths, strict=True):
        history, runs = (pd.read_csv(path) for path in paths)
        # Time lost and repeated, perhaps on another machine, compares with nothing.
        runs.loc[runs["resumed"], "train_seconds"] = np.nan
        tables[tuple(point)] = history, runs
    return tables


def check_saved(histories, jobs, points, dataset_sha256, folder):
    """Refuse files that were saved for other settings than the config's.

    Snakemake forgets what a job was run with if it is killed before the job ends.

    Args:
        histories: from `read_histories`.
        jobs: dict (recipe, batch size) -> the facts in job.json.
        points: the config's resolved points, in any order.
        dataset_sha256: of the study's dataset.
        folder: the folder of all trainings, to name files in.

    Raises:
        ValueError: naming each stale point, what differs, and the options that mend it.
    """
    problems, stale = [], []
    for point in points:
        name = point["recipe"], point["batch_size"]
        saved = jobs[name]["point"]
        _, runs = histories[name]
        found = [
            f"{key} {saved.get(key)}, now {value}"
            for key, value in point.items()
            if saved.get(key) != value
        ]
        if jobs[name]["dataset_sha256"] != dataset_sha256:
            found.append("other data")
        if len(runs) != point["replicates"]:
            found.append(f"{len(runs)} replicates saved, {point['replicates']} expected")
        if found:
            file = f"{folder}/{point['recipe']}/{point['batch_size']}/history.csv"
            problems.append(f"  {file}: {'; '.join(found)}")
            stale.append(file)
    if problems:
        raise ValueError(
            "saved trainings do not belong to this config (was a run killed?):\n"
            + "\n".join(problems)
            + f"\nTrain them again: add to your snakemake command\n  --forcerun {' '.join(stale)}"
        )


def curves(history, metric):
    """One metric of a history as float64 [replicates, epochs].

    Replicates are in rising order; a diverged one is filled up with NaN after its last epoch.
    """
    table = history.pivot(index="replicate", columns="epoch", values=metric)
    return table.to_numpy(np.float64)
