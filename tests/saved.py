"""Saved files of training jobs, made up for tests of what reads them."""

import io
import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import yaml

from batchscope.analysis.answer import answer
from batchscope.analysis.convergence_table import convergence_table, sensitivity_table
from batchscope.analysis.law_table import law_table
from batchscope.analysis.measurements import measure
from batchscope.analysis.pace import seconds_per_epoch
from batchscope.analysis.rate_map import rate_map
from batchscope.analysis.summary_table import summary_table
from batchscope.job_facts import TOLD, with_digests
from batchscope.results import PACE_COLUMNS, TABLES
from batchscope.saved import SavedPoint, points_of, read_training
from batchscope.sources import file_digest

SCHEMAS = Path(__file__).parents[1] / "workflow" / "schemas"
ANSWER_SCHEMA = yaml.safe_load((SCHEMAS / "recommendation.schema.yaml").read_text())

# The recipe of most made-up studies, as in the config.
RECIPE = [
    {
        "name": "sgd",
        "optimizer": "SGD",
        "learning_rate": 0.1,
        "arguments": {},
        "warmup_epochs": 0,
        "keep_timescale": False,
    }
]


def read_point(folder):
    """The points that a training left in a folder: list of SavedPoint."""
    return points_of(*read_training(folder))


def saved_point(losses, accuracies=None, seconds=1.0, updates_per_epoch=2):
    """(history, runs) of one point.

    Args:
        losses: val_loss per replicate and epoch; a list that ends in NaN diverged there.
        accuracies: val_accuracy in the same shape; 1 - loss / 10 if not given.
        seconds: train_seconds of every run, or a list of them.
        updates_per_epoch: updates of an epoch.
    """
    history, runs = [], []
    for index, curve in enumerate(losses):
        curve = np.asarray(curve, float)
        accuracy = 1 - curve / 10 if accuracies is None else np.asarray(accuracies[index], float)
        for epoch, (loss, hits) in enumerate(zip(curve, accuracy, strict=True), start=1):
            history.append((index + 1, epoch, epoch * updates_per_epoch, loss, hits, loss, hits))
        runs.append(
            {
                "replicate": index + 1,
                "seed": index,
                "status": "completed" if np.isfinite(curve[-1]) else "diverged",
                "epochs": len(curve),
                "updates": len(curve) * updates_per_epoch,
                "learning_rate": 0.001,
                "train_seconds": np.broadcast_to(seconds, len(losses))[index],
                "wall_seconds": 1.0,
                "cpu_seconds": 1.0,
                "resumed": False,
            }
        )
    columns = ["replicate", "epoch", "updates", "loss", "accuracy", "val_loss", "val_accuracy"]
    return pd.DataFrame(history, columns=columns), pd.DataFrame(runs)


def out_of_memory(replicates):
    """(history, runs) of a point that did not fit into memory."""
    history, runs = saved_point([[1]] * replicates)
    runs = runs.assign(status="out_of_memory", epochs=0, updates=0)
    times = ["train_seconds", "wall_seconds", "cpu_seconds"]
    return history[:0], runs.assign(**dict.fromkeys(times, np.nan))


def job(batch_size, epochs, updates_per_epoch=2, **facts):
    """What job.json says of a point."""
    return {
        "point": {
            "batch_size": batch_size,
            "epochs": epochs,
            "optimizer": "SGD",
            "clamped": [],
        },
        "effective_batch_size": batch_size,
        "updates_per_epoch": updates_per_epoch,
        "samples_per_epoch": 100,
        "validation_samples": 10_000,
        "learning_rate": 0.001,
        "trained_by": "xla",
        "random_layers": [],
        "device": "CPU: test",
        "peak_memory_mib": 512.0,
    } | facts


def write_facts(folder, facts):
    """Write job.json beside the tables of a training, with the digests of all.

    Args:
        folder: the point's.
        facts: as of `job`; what is not told is null.
    """
    digests = {file: file_digest(folder / file) for file in TABLES}
    (folder / "job.json").write_text(json.dumps(with_digests(dict.fromkeys(TOLD) | facts, digests)))


class Study:
    """Everything that follows from the saved files of made-up points, put together by the library.

    Tables are as written and read again, as each rule has those of the rules before it.

    Attributes:
        saved: list of SavedPoint.
        convergence: DataFrame of epochs.csv.
        sensitivity: DataFrame of sensitivity.csv.
        measurements: the Measurements.
        table: DataFrame of summary.csv.
    """

    def __init__(self, points, settings, epochs=4, jobs=None, reference=32, spread=0.0):
        """Take dict (recipe, batch size) -> (history, runs), or of a grid -> dict of these by
        learning rate; the jobs that are not as `job`, and the `spread` of `pace_of`. Each job found
        the same pace in itself."""
        jobs = {name: job(name[1], epochs) for name in points} | (jobs or {})
        self.saved = []
        for name, own in points.items():
            if isinstance(own, dict):
                # As in the files of a grid.
                own = {r: (h.assign(learning_rate=r), runs) for r, (h, runs) in own.items()}
            rates = own if isinstance(own, dict) else {jobs[name]["learning_rate"]: own}
            self.saved += [SavedPoint(*name, rate, *rates[rate], jobs[name]) for rate in rates]
        self.pace = pace_of(self.saved, spread)
        for point in self.saved:
            own = self.pace[
                self.pace["batch_size"].eq(point.batch_size) & self.pace["recipe"].eq(point.recipe)
            ]
            point.job.setdefault("seconds_per_epoch", own["seconds_per_epoch"].median())
        seconds = seconds_per_epoch(self.saved, self.pace)
        self.convergence = reread(convergence_table(self.saved, seconds, settings))
        self.sensitivity = reread(sensitivity_table(self.saved, seconds, settings))
        target = settings["target"] | {"reference_batch_size": reference}
        self.measurements = measure(
            self.saved, self.pace, self.convergence, settings | {"target": target}
        )
        self.table = reread(summary_table(self.measurements.summaries))

    def law(self, recipe):
        """The scaling table of a recipe, as written and read again."""
        return reread(law_table(self.measurements, recipe))

    def rate_map(self, recipe):
        """The learning-rate map of a recipe, as written and read again."""
        return reread(rate_map(self.measurements, recipe, "time"))

    def answer(self, recipes=RECIPE):
        """What recommendation.json holds, given `recipes` of the config; it fits its schema."""
        laws = {name: self.law(name) for name in self.measurements.recipes}
        tuned = dict.fromkeys(p.recipe for p in self.saved if "learning_rate" in p.history)
        maps = {name: self.rate_map(name) for name in tuned}
        found = answer(self.measurements, self.sensitivity, laws, maps, recipes)
        # As written and read again, which no value that JSON does not know would survive.
        found = json.loads(json.dumps(found, allow_nan=False))
        jsonschema.validate(found, ANSWER_SCHEMA)
        return found


def pace_of(saved, spread, rounds=7):
    """A pace.csv in which an epoch takes what the median run of each point took for one.

    Args:
        saved: list of SavedPoint.
        spread: how much longer an epoch takes from one round to the next, as a share; the median
            over rounds is as without.
        rounds: how many.
    """
    rows = []
    for point in {(point.recipe, point.batch_size): point for point in saved}.values():
        seconds = (point.runs["train_seconds"] / point.runs["epochs"]).median()
        for turn in range(1, rounds + 1):
            factor = 1 + spread * (turn - (rounds + 1) / 2)
            if np.isfinite(seconds):
                name = (point.recipe, point.batch_size)
                rows.append((saved[0].job["device"], *name, turn, 10, seconds * factor))
    return pd.DataFrame(rows, columns=PACE_COLUMNS)


def reread(table):
    """A table as read from the file that it was written to."""
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


SETTINGS = {
    "choose_rate_by": "time",
    "target": {
        "metric": "val_loss",
        "value": "auto",
        "tolerance": 0.0,
        "reference_batch_size": 32,
        "hold": 1,
    },
    "stable": {
        "metric": "val_accuracy",
        "window": 1,
        "band": 0.01,
        "level_epochs": 1,
        "min_epochs": 1,
    },
}
