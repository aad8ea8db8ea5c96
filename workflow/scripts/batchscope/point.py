"""One training job: all replicates of one point, from the dataset to the rows of its files."""

import logging
import time
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from batchscope import checkpoint, recipe, runtime
from batchscope.dataset import sha256
from batchscope.model import build_model, build_optimizer
from batchscope.seeds import epoch_order, tuning_seed, weights_seed
from batchscope.trainer import Trainer, has_convolution

log = logging.getLogger(__name__)

# Work handed to the compiled program at once: progress and interruptions wait this long at most.
CHUNK_SECONDS = 1.0
PROGRESS_SECONDS = 10.0

# Work that may be lost to a kill.
CHECKPOINT_SECONDS = 60.0

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


class Stopped(Exception):
    """The job was asked to stop; what it had done is in its checkpoint."""


class Run(NamedTuple):
    """One training: its study seed, the replicate of it, and the learning rate."""

    seed: int
    replicate: int
    learning_rate: float


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
        return _train(point, arrays, kind, job, checkpoint_path)
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        log.warning("batch size %d does not fit into memory: %s", point["batch_size"], error)
        return _out_of_memory(point, job)


def _train(point, arrays, kind, job, checkpoint_path):
    trainer, jit_compile, compile_seconds = _compile(point, arrays, kind)
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

    chunk = _epochs_per_call(trainer, point)
    trials = _trials(point)
    rate = point["learning_rate"]
    if trials:
        _train_runs(trials, point, trainer, chunk, progress, clock, save)
        losses = {trial.learning_rate: [] for trial in trials}
        for trial, (curve, *_) in zip(trials, progress.finished, strict=False):
            losses[trial.learning_rate].append(_best_loss(curve, trainer.columns))
        rate = recipe.choose(losses)
        log.info("chose learning rate %g", rate)
    replicates = [Run(point["seed"], r, rate) for r in range(1, point["replicates"] + 1)]
    _train_runs([*trials, *replicates], point, trainer, chunk, progress, clock, save)

    tried, finished = progress.finished[: len(trials)], progress.finished[len(trials) :]
    job |= {
        "learning_rate": rate,
        "learning_rate_edge": recipe.edge(rate, losses) if trials else None,
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


def _fresh_model(point, features, seed, replicate):
    keras.utils.set_random_seed(weights_seed(seed, replicate))
    return build_model(point["model"], features)


def _compile(point, arrays, kind):
    """The point's compiled trainer, whether XLA compiled it, and the seconds that took."""
    features = arrays["x_train"].shape[1:]
    model = _fresh_model(point, features, point["seed"], replicate=1)
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


def _train_runs(runs, point, trainer, chunk, progress, clock, save):
    """Go on from `progress` until all `runs` are in progress.finished.

    Args:
        runs: Runs in their order; the first of them may be finished.
        point: the point.
        trainer: its compiled trainer.
        chunk: epochs to hand over at once.
        progress: a checkpoint's Progress; kept up to date, but for its `state`.
        clock: what train_seconds are measured by.
        save: saves `progress` with the trainer's state.
    """
    left = runs[len(progress.finished) :]
    if not left:
        return
    epochs, features = point["epochs"], trainer.model.input_shape[1:]
    reporter = _Reporter(len(runs), epochs, progress)
    saved = time.perf_counter()
    with checkpoint.StopRequest() as stop:
        log.info("training %d runs of %d epochs", len(left), epochs)
        for run in left:
            resumed = bool(progress.state)
            if resumed:
                trainer.set_state(progress.state)
            else:
                fresh = _fresh_model(point, features, run.seed, run.replicate)
                trainer.reset([variable.numpy() for variable in fresh.variables])
                progress.begin(len(trainer.columns))
            while len(progress.curve) < epochs and np.isfinite(progress.curve[-1:]).all():
                first = len(progress.curve) + 1
                last = min(first + chunk - 1, epochs)
                before = clock(), time.perf_counter(), time.process_time()
                orders = [
                    epoch_order(run.seed, run.replicate, epoch, trainer.n)
                    for epoch in range(first, last + 1)
                ]
                rates = recipe.schedule(run.learning_rate, point["warmup_epochs"], first, last)
                rows = trainer.run(np.stack(orders), rates)
                after = clock(), time.perf_counter(), time.process_time()
                progress.add(rows, np.subtract(after, before))
                reporter.report(len(progress.finished) + 1, len(progress.curve))
                if stop.signal or time.perf_counter() - saved > CHECKPOINT_SECONDS:
                    save()
                    saved = time.perf_counter()
                if stop.signal:
                    raise Stopped(f"stopped by signal {stop.signal}; the checkpoint is saved")
            progress.finish(resumed)


def _epochs_per_call(trainer, point):
    """How many epochs fill CHUNK_SECONDS, from one epoch that also warms the program up."""
    order = epoch_order(point["seed"], 1, 1, trainer.n)[None]
    trainer.run(order, 0)
    started = time.perf_counter()
    trainer.run(order, 0)
    seconds = time.perf_counter() - started
    return max(1, min(trainer.capacity, int(CHUNK_SECONDS / seconds)))


class _Reporter:
    """Says in the log, now and then, how far the job is."""

    def __init__(self, runs, epochs, progress):
        self.runs, self.epochs = runs, epochs
        self.before = len(progress.finished) * epochs + len(progress.curve)
        self.started = self.last = time.perf_counter()

    def report(self, run, epoch):
        now = time.perf_counter()
        finished = run == self.runs and epoch == self.epochs
        if now - self.last < PROGRESS_SECONDS and not finished:
            return
        self.last = now
        done = (run - 1) * self.epochs + epoch
        left = (self.runs * self.epochs - done) * (now - self.started) / (done - self.before)
        log.info(
            "run %d of %d, epoch %d of %d, %.0f s left",
            run,
            self.runs,
            epoch,
            self.epochs,
            left,
        )
