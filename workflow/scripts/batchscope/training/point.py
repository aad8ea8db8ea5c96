"""One training job: all replicates of one point, from the dataset to the rows of its files."""

import logging
from typing import NamedTuple

import tensorflow as tf

from batchscope.config import recipe
from batchscope.config.numbers import find_out_of_range
from batchscope.config.problem import refuse
from batchscope.data.dataset import sha256
from batchscope.results import LOSS, TEST, VALIDATION
from batchscope.sources import digest
from batchscope.training import checkpoint, runtime, tables, ways
from batchscope.training.runs import Run, Runner, epochs_per_call
from batchscope.training.timer import choose_clock, measure_epoch

log = logging.getLogger(__name__)

# What is not known of a point that does not fit into memory.
UNKNOWN = (
    "parameters",
    "compile_seconds",
    "random_layers",
    "seconds_per_epoch",
    "skipped_updates",
)


class Result(NamedTuple):
    """What a job leaves behind: (columns, rows) of each of its two tables, and job.json."""

    history: tuple
    runs: tuple
    job: dict


def train_point(point, arrays, way, device, threads, guard, checkpoint_path):
    """Train every replicate of a point, at every learning rate of its grid if it has one.

    Args:
        point: from `config.resolve_point`; it need not be settled.
        arrays: from `dataset.load`.
        way: one of `ways`.
        device: (kind, name) of what trains, from `runtime.device`.
        threads: threads that the process was started with.
        guard: the process's StopGuard; it holds when this returns.
        checkpoint_path: where an unfinished job leaves its state and looks for it.

    Returns:
        Result. If the point does not fit into memory, its history is empty and every run is
        `out_of_memory`.

    Raises:
        Stopped: when asked to stop, once the state is saved.
        ConfigError: if the recipe comes to a number that no training can take.
    """
    kind, name = device
    point = recipe.settle(point, len(arrays["x_train"]))
    refuse(find_out_of_range(point))
    job = describe(point, arrays, way, threads, f"{kind}: {name}")
    tested = [TEST + name for name in _measured(point)] if "x_test" in arrays else []
    compiled = _compile_if_it_fits(point, arrays, way)
    # A user's model may have changed Keras's settings.
    job["environment"] = runtime.environment()
    # What comes now is worth keeping.
    guard.hold()
    if compiled is None:
        return _out_of_memory(point, job, tested)
    trainer, chunk, facts = compiled
    job |= facts
    key = _fingerprint(job, kind)
    clock = choose_clock(kind, threads)
    job["seconds_per_epoch"] = measure_epoch(trainer, point["seed"], clock)
    runner = Runner(point, arrays, trainer, chunk, clock, guard, checkpoint_path, key)

    runs = _runs(point)
    finished = runner.train(runs)

    updates = job["updates_per_epoch"]
    job["skipped_updates"] = sum(updates * len(end.curve) - end.updates for end in finished)
    return Result(
        tables.history_table(runs, finished, trainer.columns, updates, _has_grid(point)),
        tables.runs_table(runs, finished, updates, tested),
        job,
    )


def describe(point, arrays, way, threads, device):
    """What job.json says before anything is trained.

    Args:
        point: a settled one.
        arrays: from `dataset.load`.
        way: one of `ways`.
        threads: threads that the process was started with.
        device: what trains.

    Returns:
        dict of plain values.
    """
    n = len(arrays["x_train"])
    return {
        "point": point,
        "dataset_sha256": sha256(arrays),
        "effective_batch_size": recipe.effective_batch_size(point["batch_size"], n),
        "updates_per_epoch": recipe.updates_per_epoch(point["batch_size"], n),
        "samples_per_epoch": n,
        "validation_samples": len(arrays["x_validation"]),
        "test_samples": len(arrays.get("x_test", ())),
        # Which rate of a grid is taken is the analysis's to say.
        "learning_rate": None if _has_grid(point) else point["learning_rate"],
        "trained_by": way,
        "device": device,
        "threads": threads,
        "versions": runtime.versions(),
        "code": digest(checkpoint.SCRIPT),
    }


def _compile_if_it_fits(point, arrays, way):
    """(Trainer, epochs per call, facts), or None if an epoch does not fit into memory."""
    try:
        trainer, facts = ways.compile_trainer(point, arrays, way)
        # An epoch that has been trained once fits; what fails later is worth another attempt.
        return trainer, epochs_per_call(trainer, point), facts
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        log.warning("batch size %d does not fit into memory: %s", point["batch_size"], error)
        return None


def _fingerprint(job, kind):
    """What a checkpoint has to be of: all that decides the bits of a training."""
    names = ("point", "dataset_sha256", "threads", "trained_by", "versions", "environment")
    return checkpoint.fingerprint({name: job[name] for name in names} | {"device": kind})


def _has_grid(point):
    return recipe.kind(point["learning_rate"]) == "grid"


def _runs(point):
    """Every replicate, at every learning rate of a grid, the smallest first."""
    setting = point["learning_rate"]
    rates = sorted(setting["grid"]) if _has_grid(point) else [setting]
    return [
        Run(point["seed"], replicate, rate)
        for rate in rates
        for replicate in range(1, point["replicates"] + 1)
    ]


def _measured(point):
    return [LOSS.name, *point["model"]["metrics"]]


def _out_of_memory(point, job, tested):
    job |= dict.fromkeys(UNKNOWN)
    measured = _measured(point)
    metrics = [*measured, *(VALIDATION + name for name in measured)]
    return Result(
        tables.history_table([], [], metrics, job["updates_per_epoch"], _has_grid(point)),
        tables.out_of_memory_table(_runs(point), tested),
        job,
    )
