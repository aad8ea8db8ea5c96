"""Reads what training jobs saved, and nothing else."""

import json
from pathlib import Path

import numpy as np
import pandas as pd


def read_runs(paths, points):
    """The runs.csv of several points.

    Args:
        paths: a file per point.
        points: (recipe, batch size) of each.

    Returns:
        dict (recipe, batch size) -> DataFrame with the file's columns. The train_seconds of a
        replicate that was interrupted and resumed are NaN.
    """
    tables = {}
    for point, path in zip(points, paths, strict=True):
        runs = pd.read_csv(path)
        # Time lost and repeated, perhaps on another machine, compares with nothing.
        runs.loc[runs["resumed"], "train_seconds"] = np.nan
        tables[tuple(point)] = runs
    return tables


def read_histories(history_paths, runs_paths, points):
    """As `read_runs`, with the histories: dict (recipe, batch size) -> (history, runs)."""
    runs = read_runs(runs_paths, points)
    histories = map(pd.read_csv, history_paths)
    return {point: (next(histories), runs[point]) for point in runs}


def read_jobs(paths, points):
    """The facts in the job.json of several points: dict (recipe, batch size) -> dict."""
    texts = (Path(path).read_text() for path in paths)
    return {tuple(point): json.loads(text) for point, text in zip(points, texts, strict=True)}


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


def curves(history, metric, replicates):
    """One metric of a history as float64 [replicates, epochs].

    A diverged replicate is filled up with NaN after its last epoch, as is one without any.
    """
    table = history.pivot(index="replicate", columns="epoch", values=metric)
    return table.reindex(replicates).to_numpy(np.float64)
