"""What trainings left: read into memory, and refused where it is not what it should be."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from batchscope.integrity import read_tables
from batchscope.job_facts import read_job, refused
from batchscope.results import (
    COMPLETED,
    LEARNING_RATE,
    LOSS,
    METRICS,
    OUT_OF_MEMORY,
    VALIDATION,
    metric_of,
)


@dataclass(frozen=True)
class SavedPoint:
    """What the training job of one point saved, at one learning rate.

    Attributes:
        recipe: its recipe.
        batch_size: its batch size.
        learning_rate: after the warm-up; None of an imported training if it is not known.
        history: DataFrame of history.csv, or of some of its columns.
        runs: DataFrame of runs.csv.
        job: the facts of job.json.
    """

    recipe: str
    batch_size: int
    learning_rate: float | None
    history: pd.DataFrame
    runs: pd.DataFrame
    job: dict

    @property
    def metrics(self):
        """The Metrics that its history has of the validation samples: list, in its order."""
        names = (name.removeprefix(VALIDATION) for name in self.history if name[:4] == VALIDATION)
        return [METRICS[name] for name in names]

    @property
    def shown(self):
        """The Metric that its curves and results are told in: what was measured besides the loss;
        the loss if that was nothing."""
        return max(self.metrics, key=lambda metric: metric != LOSS)

    @functools.cached_property
    def completed(self):
        """Which replicates were completed: bool [replicates]."""
        return self.runs["status"].eq(COMPLETED).to_numpy()

    @functools.cached_property
    def out_of_memory(self):
        """Whether the point did not fit into the device's memory."""
        return bool(self.runs["status"].eq(OUT_OF_MEMORY).any())

    @property
    def epochs(self):
        """Epochs of a whole run; None where imported runs are not of one length."""
        if self.job["point"]["epochs"] is not None:
            return self.job["point"]["epochs"]
        lengths = set(self.runs["epochs"][self.completed])
        return int(lengths.pop()) if len(lengths) == 1 else None

    def curves(self, column):
        """One column of the history as float64 [replicates, epochs].

        A replicate of fewer epochs than others is filled up with NaN. A share of samples, if
        their number is known, is exact, which single precision is not: a run whose accuracy
        equals the target has reached it.
        """
        if self.history.empty:
            return np.empty((len(self.runs), 0))
        run = pd.Index(self.runs["replicate"]).get_indexer(self.history["replicate"])
        epoch = self.history["epoch"].to_numpy()
        values = np.full((len(self.runs), epoch.max()), np.nan)
        values[run, epoch - 1] = self.history[column]
        if not metric_of(column).counted:
            return values
        half = "validation_samples" if column.startswith(VALIDATION) else "samples_per_epoch"
        samples = self.job[half]
        return values if samples is None else np.round(values * samples) / samples


def read_training(folder):
    """Read the files that one training job saved into `folder`, the point's own.

    Returns:
        (history, runs, job): a DataFrame of history.csv, one of runs.csv, and what job.json holds.

    Raises:
        ValueError: if a file is not the one that the training has written, or if the files do not
            hold what they should; naming it, and the options that mend it.
    """
    folder = Path(folder)
    job = read_job(folder / "job.json")
    return *read_tables(folder, job), job


def points_of(history, runs, job):
    """What `read_training` has read, as SavedPoint: one, or of a grid one for each learning rate,
    the smallest first."""
    name = job["point"]["recipe"], job["point"]["batch_size"]
    if LEARNING_RATE not in history:
        return [SavedPoint(*name, job["learning_rate"], history, runs, job)]
    return [
        SavedPoint(*name, float(rate), history[history[LEARNING_RATE] == rate], own, job)
        for rate, own in runs.groupby(LEARNING_RATE)
    ]


def read_named(train, name):
    """Read the point of a name, as `read_training` does.

    Args:
        train: the folder of all trainings, with a folder {recipe}/{batch_size} for each point.
        name: (recipe, batch size).

    Raises:
        ValueError: as of `read_training`; and if the folder holds another point.
    """
    folder = Path(train, name[0], str(name[1]))
    history, runs, job = read_training(folder)
    found = job["point"]["recipe"], job["point"]["batch_size"]
    if found != tuple(name):
        raise refused(
            folder,
            "job.json",
            f"a training of {name[0]} at batch size {name[1]}",
            f"one of {found[0]} at batch size {found[1]}",
        )
    return history, runs, job


def check_saved(saved, points, dataset_sha256, train):
    """Refuse files that were saved for other settings than the config's.

    Snakemake forgets what a job was run with if it is killed before the job ends.

    Args:
        saved: list of SavedPoint.
        points: the config's resolved points.
        dataset_sha256: of the study's dataset.
        train: the folder of all trainings, to name files in.

    Raises:
        ValueError: naming each stale point, what differs, and the options that mend it.
    """
    problems, stale = [], []
    # All learning rates of a point were trained by one job.
    jobs = {}
    for trained in saved:
        jobs.setdefault((trained.recipe, trained.batch_size), []).append(trained)
    for own, point in zip(jobs.values(), points, strict=True):
        job = own[0].job
        differences = [
            f"{key} {job['point'].get(key)}, now {value}"
            for key, value in point.items()
            if job["point"].get(key) != value
        ]
        if job["dataset_sha256"] != dataset_sha256:
            differences.append("other data")
        rates, setting = [trained.learning_rate for trained in own], point["learning_rate"]
        if isinstance(setting, dict) and rates != sorted(setting.get("grid", rates)):
            differences.append(f"the learning rates {', '.join(map(str, rates))} saved")
        differences += [
            f"{replicates} replicates saved, {point['replicates']} expected"
            for replicates in {len(trained.runs) for trained in own} - {point["replicates"]}
        ]
        if differences:
            file = f"{train}/{point['recipe']}/{point['batch_size']}/history.csv"
            problems.append(f"  {file}: {'; '.join(differences)}")
            stale.append(file)
    if problems:
        raise ValueError(
            "saved trainings do not belong to this config (was a run killed?):\n"
            + "\n".join(problems)
            + f"\nTrain them again: add to your snakemake command\n  --forcerun {' '.join(stale)}"
        )
