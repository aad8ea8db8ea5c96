"""The contract of the files that trainings leave: what they hold, how they are read, what is
refused.

The trainings write them without pandas, so it is imported only where files are read.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

# What a run ended as, in runs.csv; what it came to by a definition of convergence, in epochs.csv.
COMPLETED, DIVERGED, OUT_OF_MEMORY = "completed", "diverged", "out_of_memory"
REACHED, NOT_REACHED, NO_TARGET = "reached", "not_reached", "no_target"

# Columns before those of the metrics.
HISTORY_COLUMNS = ("replicate", "epoch", "updates")
RUNS_COLUMNS = (
    "replicate",
    "seed",
    "status",
    "epochs",
    "updates",
    "learning_rate",
    "train_seconds",
    "wall_seconds",
    "cpu_seconds",
    "resumed",
)


class Metric(NamedTuple):
    """A metric of Keras as the files, figures and sentences know it.

    Attributes:
        name: Keras's name, a column of history.csv.
        falls: whether smaller values are better.
        label: its name for reading.
        unit: its unit for reading.
        averaged: over what an epoch's value is averaged.
        counted: whether it is a share of samples, k / n with a whole k.
    """

    name: str
    falls: bool
    label: str
    unit: str
    averaged: str
    counted: bool


METRICS = {
    metric.name: metric
    for metric in (
        Metric("loss", True, "loss", "nats per sample", "samples", False),
        Metric("accuracy", False, "accuracy", "share of samples", "samples", True),
    )
}
# The metric that is minimised, and the one that learning curves and final results are told in.
LOSS, SHOWN = METRICS["loss"], METRICS["accuracy"]

# Keras's prefix of what is measured on the validation samples.
VALIDATION = "val_"


def metric_of(column):
    """The Metric of a column of history.csv."""
    return METRICS[column.removeprefix(VALIDATION)]


def validation(metric):
    """The column of a Metric on the validation samples."""
    return VALIDATION + metric.name


# Trials of a learning rate: their runs, with the value that they are judged by.
TUNING_COLUMNS = (*RUNS_COLUMNS[:-1], f"best_{validation(LOSS)}")


@dataclass(frozen=True)
class SavedPoint:
    """What the training job of one point saved.

    Attributes:
        recipe: its recipe.
        batch_size: its batch size.
        history: DataFrame of history.csv.
        runs: DataFrame of runs.csv. The train_seconds of a replicate that was interrupted and
            resumed are NaN.
        job: the facts of job.json.
    """

    recipe: str
    batch_size: int
    history: "pd.DataFrame"  # noqa: F821
    runs: "pd.DataFrame"  # noqa: F821
    job: dict

    @property
    def completed(self):
        """Which replicates were completed: bool [replicates]."""
        return self.runs["status"].eq(COMPLETED).to_numpy()

    @property
    def out_of_memory(self):
        """Whether the point did not fit into the device's memory."""
        return bool(self.runs["status"].eq(OUT_OF_MEMORY).any())

    def curves(self, column):
        """One column of the history as float64 [replicates, epochs].

        A diverged replicate is filled up with NaN after its last epoch, as is one without any. A
        share of samples is exact, which single precision is not: a run whose accuracy equals the
        target has reached it.
        """
        table = self.history.pivot(index="replicate", columns="epoch", values=column)
        values = table.reindex(self.runs["replicate"]).to_numpy(np.float64)
        if not metric_of(column).counted:
            return values
        half = "validation_samples" if column.startswith(VALIDATION) else "samples_per_epoch"
        return np.round(values * self.job[half]) / self.job[half]


def read_point(folder):
    """Read the files that one training job saved into `folder`, the point's own.

    Raises:
        ValueError: if a file does not hold the contract's columns or statuses, naming it.
    """
    import pandas as pd

    folder = Path(folder)
    history, runs = (pd.read_csv(folder / file) for file in ("history.csv", "runs.csv"))
    for file, table, columns in (
        ("history.csv", history, HISTORY_COLUMNS),
        ("runs.csv", runs, RUNS_COLUMNS),
    ):
        missing = [column for column in columns if column not in table]
        if missing:
            raise ValueError(
                f"{folder / file}: expected the columns {', '.join(columns)}. "
                f"Received: {', '.join(table)}. Train the point again."
            )
    unknown = sorted(set(runs["status"]) - {COMPLETED, DIVERGED, OUT_OF_MEMORY})
    if unknown:
        raise ValueError(
            f"{folder / 'runs.csv'}: expected the statuses {COMPLETED}, {DIVERGED} and "
            f"{OUT_OF_MEMORY}. Received: {', '.join(map(str, unknown))}. Train the point again."
        )
    # Time lost and repeated, perhaps on another machine, compares with nothing.
    runs.loc[runs["resumed"], "train_seconds"] = np.nan
    job = json.loads((folder / "job.json").read_text())
    return SavedPoint(job["point"]["recipe"], job["point"]["batch_size"], history, runs, job)


def read_points(train, points):
    """Read several points.

    Args:
        train: the folder of all trainings, with a folder {recipe}/{batch_size} for each point.
        points: (recipe, batch size) of each.

    Returns:
        list of SavedPoint, in the order of `points`.
    """
    return [read_point(Path(train, recipe, str(size))) for recipe, size in points]


def check_saved(saved, points, dataset_sha256, train):
    """Refuse files that were saved for other settings than the config's.

    Snakemake forgets what a job was run with if it is killed before the job ends.

    Args:
        saved: list of SavedPoint.
        points: the config's resolved points, in the same order.
        dataset_sha256: of the study's dataset.
        train: the folder of all trainings, to name files in.

    Raises:
        ValueError: naming each stale point, what differs, and the options that mend it.
    """
    problems, stale = [], []
    for trained, point in zip(saved, points, strict=True):
        settings = trained.job["point"]
        differences = [
            f"{key} {settings.get(key)}, now {value}"
            for key, value in point.items()
            if settings.get(key) != value
        ]
        if trained.job["dataset_sha256"] != dataset_sha256:
            differences.append("other data")
        if len(trained.runs) != point["replicates"]:
            differences.append(
                f"{len(trained.runs)} replicates saved, {point['replicates']} expected"
            )
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
