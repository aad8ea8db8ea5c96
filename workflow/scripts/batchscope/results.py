"""The contract of the files that trainings leave: their columns, statuses and metrics.

`saved` reads them. It is a module of its own so that an edit of it trains nothing again.
"""

from pathlib import Path
from typing import NamedTuple

# What a run ended as, in runs.csv; what it came to by a definition of convergence, in epochs.csv.
COMPLETED, DIVERGED, OUT_OF_MEMORY = "completed", "diverged", "out_of_memory"
REACHED, NOT_REACHED, NO_TARGET = "reached", "not_reached", "no_target"

# Columns before those of the metrics; of a grid, the learning rate stands before them.
HISTORY_COLUMNS = ("replicate", "epoch", "updates")
LEARNING_RATE = "learning_rate"
RUNS_COLUMNS = (
    "replicate",
    "seed",
    "status",
    "epochs",
    "updates",
    LEARNING_RATE,
    "train_seconds",
    "wall_seconds",
    "cpu_seconds",
    "resumed",
)
# Files of a point of which job.json, which is written last, has the digests.
TABLES = ("history.csv", "runs.csv")

PACE_COLUMNS = ("device", "recipe", "batch_size", "round", "epochs", "seconds_per_epoch")

# What of a point decides how long its epochs take, besides how many samples there are.
TRAINING_KEYS = ("optimizer", "arguments", "model")


class Metric(NamedTuple):
    """A metric of Keras as the files, figures and sentences know it.

    Attributes:
        name: Keras's name, a column of history.csv.
        falls: whether smaller values are better.
        label: its name for reading.
        unit: its unit for reading.
        counted: whether it is a share of samples, k / n with a whole k.
    """

    name: str
    falls: bool
    label: str
    unit: str
    counted: bool


METRICS = {
    metric.name: metric
    for metric in (
        Metric("loss", True, "loss", "nats per sample", False),
        Metric("accuracy", False, "accuracy", "share of samples", True),
        Metric("mean_absolute_error", True, "mean absolute error", "units of the target", False),
    )
}
# The metric that is minimised.
LOSS = METRICS["loss"]

# Prefixes of what is measured on the validation samples, Keras's own, and on the test samples.
VALIDATION, TEST = "val_", "test_"


def metric_of(column):
    """The Metric of a column of history.csv, or of one of runs.csv on the test samples."""
    return METRICS[column.removeprefix(VALIDATION).removeprefix(TEST)]


def validation(metric):
    """The column of a Metric on the validation samples."""
    return VALIDATION + metric.name


def is_trained(train, recipe, batch_size):
    """Whether the training of a point has left its files; job.json is the last of them.

    Args:
        train: the folder of all trainings, with a folder {recipe}/{batch_size} for each point.
    """
    return Path(train, recipe, str(batch_size), "job.json").is_file()
