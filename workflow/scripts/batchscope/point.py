"""One training job: all replicates of one point, from the dataset to the rows of its files."""

import logging
import time

import keras
import numpy as np

from batchscope import checkpoint, runtime
from batchscope.dataset import sha256
from batchscope.model import build_model, build_optimizer
from batchscope.seeds import epoch_order, weights_seed
from batchscope.trainer import Trainer, has_convolution

log = logging.getLogger(__name__)

# Work handed to the compiled program at once: progress and interruptions wait this long at most.
CHUNK_SECONDS = 1.0
PROGRESS_SECONDS = 10.0

# Work that may be lost to a kill.
CHECKPOINT_SECONDS = 60.0

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


class Stopped(Exception):
    """The job was asked to stop; what it had done is in its checkpoint."""


def train_point(point, arrays, threads, checkpoint_path):
    """Train every replicate of a point.

    Args:
        point: from `config.resolve_point`.
        arrays: from `dataset.load`.
        threads: threads that the process was started with.
        checkpoint_path: where an unfinished job leaves its state and looks for it.

    Returns:
        (history, runs, job): header and rows of history.csv, header and rows of runs.csv, and
        the facts about the compiled program for job.json.

    Raises:
        Stopped: on SIGTERM or SIGINT, once the state is saved.
    """
    kind, device = runtime.device()
    trainer, jit_compile, compile_seconds = _compile(point, arrays, kind)
    updates_per_epoch = -(-trainer.n // point["batch_size"])
    job = {
        "point": point,
        "dataset_sha256": sha256(arrays),
        "effective_batch_size": min(point["batch_size"], trainer.n),
        "updates_per_epoch": updates_per_epoch,
        "parameters": trainer.model.count_params(),
        "device": f"{kind}: {device}",
        "threads": threads,
        "jit_compile": jit_compile,
        "compile_seconds": compile_seconds,
        "versions": runtime.versions(),
    }
    decisive = ("point", "dataset_sha256", "threads", "jit_compile", "versions")
    key = checkpoint.fingerprint({name: job[name] for name in decisive} | {"device": kind})
    progress = checkpoint.load(checkpoint_path, key)
    # CPU time is not spoiled by jobs side by side, but counts every thread of this one.
    clock = time.process_time if threads == 1 and kind == "CPU" else time.perf_counter

    def save():
        progress.state = trainer.get_state()
        checkpoint.save(checkpoint_path, key, progress)

    _train_replicates(point, trainer, progress, clock, save)
    runs = [
        (
            replicate,
            weights_seed(point["seed"], replicate),
            "completed" if np.isfinite(curve[-1]).all() else "diverged",
            len(curve),
            len(curve) * updates_per_epoch,
            point["learning_rate"],
            *seconds,
            resumed,
        )
        for replicate, (curve, seconds, resumed) in enumerate(progress.finished, start=1)
    ]
    history = [
        (replicate, epoch, epoch * updates_per_epoch, *map(float, row))
        for replicate, (curve, _, _) in enumerate(progress.finished, start=1)
        for epoch, row in enumerate(curve, start=1)
    ]
    header = ("replicate", "epoch", "updates", *trainer.columns)
    return (header, history), (RUN_COLUMNS, runs), job


def _fresh_model(point, features, replicate):
    keras.utils.set_random_seed(weights_seed(point["seed"], replicate))
    return build_model(point["model"], features)


def _compile(point, arrays, kind):
    """The point's compiled trainer, whether XLA compiled it, and the seconds that took."""
    features = arrays["x_train"].shape[1:]
    model = _fresh_model(point, features, replicate=1)
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


def _train_replicates(point, trainer, progress, clock, save):
    """Go on from `progress` until all replicates are in progress.finished.

    Args:
        point: the point.
        trainer: its compiled trainer.
        progress: a checkpoint's Progress; kept up to date, but for its `state`.
        clock: what train_seconds are measured by.
        save: saves `progress` with the trainer's state.
    """
    epochs, features = point["epochs"], trainer.model.input_shape[1:]
    chunk = _epochs_per_call(trainer, point)
    reporter = _Reporter(point["replicates"], epochs, progress)
    saved = time.perf_counter()
    with checkpoint.StopRequest() as stop:
        log.info("training %d replicates of %d epochs", point["replicates"], epochs)
        for replicate in range(len(progress.finished) + 1, point["replicates"] + 1):
            resumed = bool(progress.state)
            if resumed:
                trainer.set_state(progress.state)
            else:
                fresh = _fresh_model(point, features, replicate)
                trainer.reset([variable.numpy() for variable in fresh.variables])
                progress.begin(len(trainer.columns))
            while len(progress.curve) < epochs and np.isfinite(progress.curve[-1:]).all():
                before = clock(), time.perf_counter(), time.process_time()
                first = len(progress.curve) + 1
                orders = [
                    epoch_order(point["seed"], replicate, epoch, trainer.n)
                    for epoch in range(first, min(first + chunk, epochs + 1))
                ]
                rows = trainer.run(np.stack(orders))
                after = clock(), time.perf_counter(), time.process_time()
                progress.add(rows, np.subtract(after, before))
                reporter.report(replicate, len(progress.curve))
                if stop.signal or time.perf_counter() - saved > CHECKPOINT_SECONDS:
                    save()
                    saved = time.perf_counter()
                if stop.signal:
                    raise Stopped(f"stopped by signal {stop.signal}; the checkpoint is saved")
            progress.finish(resumed)


def _epochs_per_call(trainer, point):
    """How many epochs fill CHUNK_SECONDS, from one epoch that also warms the program up."""
    order = epoch_order(point["seed"], 1, 1, trainer.n)[None]
    trainer.run(order)
    started = time.perf_counter()
    trainer.run(order)
    seconds = time.perf_counter() - started
    return max(1, min(trainer.capacity, int(CHUNK_SECONDS / seconds)))


class _Reporter:
    """Says in the log, now and then, how far the job is."""

    def __init__(self, replicates, epochs, progress):
        self.replicates, self.epochs = replicates, epochs
        self.before = len(progress.finished) * epochs + len(progress.curve)
        self.started = self.last = time.perf_counter()

    def report(self, replicate, epoch):
        now = time.perf_counter()
        finished = replicate == self.replicates and epoch == self.epochs
        if now - self.last < PROGRESS_SECONDS and not finished:
            return
        self.last = now
        done = (replicate - 1) * self.epochs + epoch
        left = (self.replicates * self.epochs - done) * (now - self.started) / (done - self.before)
        log.info(
            "replicate %d of %d, epoch %d of %d, %.0f s left",
            replicate,
            self.replicates,
            epoch,
            self.epochs,
            left,
        )
