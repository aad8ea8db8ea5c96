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
        dict (recipe, batch size) -> (history, runs), two DataFrames with the files' columns.
    """
    return {
        tuple(point): (
            pd.read_csv(history, float_precision="round_trip"),
            pd.read_csv(runs, float_precision="round_trip"),
        )
        for point, history, runs in zip(points, history_paths, runs_paths, strict=True)
    }


def curves(history, metric):
    """One metric of a history as float64 [replicates, epochs].

    Replicates are in rising order; a diverged one is filled up with NaN after its last epoch.
    """
    table = history.pivot(index="replicate", columns="epoch", values=metric)
    return table.to_numpy(np.float64)
