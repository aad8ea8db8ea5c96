"""One training job: all replicates of one point, from the dataset to the rows of its files."""

import logging
import time
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from batchscope.data.dataset import sha256
from batchscope.training import checkpoint, runtime
from batchscope.training.learning_rate import choose, edge
from batchscope.training.model import build_optimizer
from batchscope.training.runs import Run, epochs_per_call, fresh_model, train_runs
from batchscope.training.seeds import tuning_seed, weights_seed
from batchscope.training.trainer import Trainer, has_convolution

log = logging.getLogger(__name__)

HISTORY_COLUMNS = ("replicate", "epoch", "updates")
RUN_COLUMNS = (
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
TUNING_COLUMNS = (*RUN_COLUMNS[:-1], "best_val_loss")


class Tables(NamedTuple):
    """What a job leaves behind: header and rows of each of its three tables, and job.json.

    Attributes:
        fitted: whether the point fitted into memory.
    """

    history: tuple
    runs: tuple
    tuning: tuple
    job: dict
    fitted: bool = True


def train_point(point, arrays, threads, checkpoint_path):
    """Train every replicate of a point, after tuning its learning rate if it has a grid.

    Args:
        point: from `config.resolve_point`.
        arrays: from `dataset.load`.
        threads: threads that the process was started with.
        checkpoint_path: where an unfinished job leaves its state and looks for it.

    Returns:
        Tables. If the point does not fit into memory, its history is empty and every run is
        `out_of_memory`: that is a result.

    Raises:
        Stopped: on SIGTERM or SIGINT, once the state is saved.
    """
    kind, device = runtime.device()
    n = len(arrays["x_train"])
    job = {
        "point": point,
        "dataset_sha256": sha256(arrays),
        "effective_batch_size": min(point["batch_size"], n),
        "updates_per_epoch": -(-n // point["batch_size"]),
        "samples_per_epoch": n,
        "device": f"{kind}: {device}",
        "threads": threads,
        "versions": runtime.versions(),
    }
    try:
        trainer, jit_compile, compile_seconds = _compile(point, arrays, kind)
        chunk = epochs_per_call(trainer, point)
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        # An epoch that has been trained once fits; what fails later is worth another attempt.
        log.warning("batch size %d does not fit into memory: %s", point["batch_size"], error)
        return _out_of_memory(point, job)
    job |= {
        "parameters": trainer.model.count_params(),
        "jit_compile": jit_compile,
        "compile_seconds": compile_seconds,
    }
    decisive = ("point", "dataset_sha256", "threads", "jit_compile", "versions")
    key = checkpoint.fingerprint({name: job[name] for name in decisive} | {"device": kind})
    progress = checkpoint.load(checkpoint_path, key)
    # CPU time is not spoiled by jobs side by side, but counts every thread of this one.
    clock = time.process_time if job["threads"] == 1 and kind == "CPU" else time.perf_counter

    def save():
        progress.state = trainer.get_state()
        checkpoint.save(checkpoint_path, key, progress)

    trials = _trials(point)
    rate = point["learning_rate"]
    if trials:
        train_runs(trials, point, trainer, chunk, progress, clock, save)
        losses = {trial.learning_rate: [] for trial in trials}
        for trial, (curve, *_) in zip(trials, progress.finished, strict=False):
            losses[trial.learning_rate].append(_best_loss(curve, trainer.columns))
        rate = choose(losses)
        log.info("chose learning rate %g", rate)
    replicates = [Run(point["seed"], r, rate) for r in range(1, point["replicates"] + 1)]
    train_runs([*trials, *replicates], point, trainer, chunk, progress, clock, save)

    tried, finished = progress.finished[: len(trials)], progress.finished[len(trials) :]
    job |= {
        "learning_rate": rate,
        "learning_rate_edge": edge(rate, losses) if trials else None,
        "tuning_seconds": sum(seconds[0] for _, seconds, _ in tried),
    }
    history = [
        (replicate, epoch, epoch * job["updates_per_epoch"], *map(float, row))
        for replicate, (curve, _, _) in enumerate(finished, start=1)
        for epoch, row in enumerate(curve, start=1)
    ]
    tuning = [
        (*_run_row(trial, entry, job)[:-1], _best_loss(entry[0], trainer.columns))
        for trial, entry in zip(trials, tried, strict=True)
    ]
    runs = [_run_row(run, entry, job) for run, entry in zip(replicates, finished, strict=True)]
    return Tables(
        ((*HISTORY_COLUMNS, *trainer.columns), history),
        (RUN_COLUMNS, runs),
        (TUNING_COLUMNS, tuning),
        job,
    )


def _trials(point):
    """The trainings that decide the learning rate: none if it is given."""
    setting = point["learning_rate"]
    if not isinstance(setting, dict):
        return []
    seed = tuning_seed(point["seed"])
    return [
        Run(seed, replicate, rate)
        for rate in setting["grid"]
        for replicate in range(1, setting["replicates"] + 1)
    ]


def _best_loss(curve, columns):
    """The lowest validation loss of a run, float; inf if it diverged."""
    losses = curve[:, columns.index("val_loss")]
    return float(losses.min()) if np.isfinite(curve[-1]).all() else np.inf


def _run_row(run, entry, job):
    """A row of runs.csv from a finished entry of Progress."""
    curve, seconds, resumed = entry
    return (
        run.replicate,
        weights_seed(run.seed, run.replicate),
        "completed" if np.isfinite(curve[-1]).all() else "diverged",
        len(curve),
        len(curve) * job["updates_per_epoch"],
        run.learning_rate,
        *seconds,
        resumed,
    )


def _out_of_memory(point, job):
    measured = ["loss", *point["model"]["metrics"]]
    columns = (*HISTORY_COLUMNS, *measured, *(f"val_{name}" for name in measured))
    rate = None if _trials(point) else point["learning_rate"]
    runs = [
        (r, weights_seed(point["seed"], r), "out_of_memory", 0, 0, rate, None, None, None, False)
        for r in range(1, point["replicates"] + 1)
    ]
    unknown = ("parameters", "jit_compile", "compile_seconds")
    job = dict.fromkeys(unknown) | job
    job |= {"learning_rate": rate, "learning_rate_edge": None, "tuning_seconds": 0.0}
    return Tables((columns, []), (RUN_COLUMNS, runs), (TUNING_COLUMNS, []), job, fitted=False)


def _compile(point, arrays, kind):
    """The point's compiled trainer, whether XLA compiled it, and the seconds that took."""
    features = arrays["x_train"].shape[1:]
    model = fresh_model(point, features, point["seed"], replicate=1)
    settings = point["model"]
    model.compile(build_optimizer(point), loss=settings["loss"], metrics=settings["metrics"])
    # XLA's convolutions on a CPU are far slower than TensorFlow's own.
    jit_compile = kind == "GPU" or not has_convolution(model, features)
    trainer = Trainer(model, arrays, point["batch_size"], point["epochs"], jit_compile)
    started = time.perf_counter()
    trainer.compile()
    seconds = time.perf_counter() - started
    log.info("compiled in %.1f s (XLA: %s)", seconds, jit_compile)
    return trainer, jit_compile, seconds
