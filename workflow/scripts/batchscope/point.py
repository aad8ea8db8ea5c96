"""One training job: all replicates of one point, from the dataset to the rows of its files."""

import logging
import time

import keras
import numpy as np

from batchscope import runtime
from batchscope.model import build_model, build_optimizer
from batchscope.seeds import epoch_order, weights_seed
from batchscope.trainer import Trainer, has_convolution

log = logging.getLogger(__name__)

# Work handed to the compiled program at once: progress and interruptions wait this long at most.
CHUNK_SECONDS = 1.0
PROGRESS_SECONDS = 10.0

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
)


def train_point(point, arrays, threads):
    """Train every replicate of a point.

    Args:
        point: from `config.resolve_point`.
        arrays: from `dataset.load`.
        threads: threads that the process was started with.

    Returns:
        (history, runs, job): header and rows of history.csv, header and rows of runs.csv, and
        the facts about the compiled program for job.json.
    """
    kind, device = runtime.device()
    features, n = arrays["x_train"].shape[1:], len(arrays["x_train"])
    updates_per_epoch = -(-n // point["batch_size"])

    def fresh_model(replicate):
        keras.utils.set_random_seed(weights_seed(point["seed"], replicate))
        return build_model(point["model"], features)

    model = fresh_model(1)
    settings = point["model"]
    model.compile(build_optimizer(point), loss=settings["loss"], metrics=settings["metrics"])
    # XLA's convolutions on a CPU are far slower than TensorFlow's own.
    jit_compile = kind == "GPU" or not has_convolution(model, features)
    trainer = Trainer(model, arrays, point["batch_size"], point["epochs"], jit_compile)
    started = time.perf_counter()
    trainer.compile()
    compile_seconds = time.perf_counter() - started
    log.info("compiled in %.1f s (XLA: %s)", compile_seconds, jit_compile)

    chunk = _epochs_per_call(trainer, point)
    # CPU time is not spoiled by jobs side by side, but counts every thread of this one.
    clock = time.process_time if threads == 1 and kind == "CPU" else time.perf_counter
    progress = _Progress(point["replicates"], point["epochs"])
    history, runs = [], []
    for replicate in range(1, point["replicates"] + 1):
        trainer.reset([variable.numpy() for variable in fresh_model(replicate).variables])
        before = clock(), time.perf_counter(), time.process_time()
        curve = np.empty((0, len(trainer.columns)), np.float32)
        while len(curve) < point["epochs"] and np.isfinite(curve[-1:]).all():
            stop = min(len(curve) + chunk, point["epochs"])
            epochs = range(len(curve) + 1, stop + 1)
            orders = [epoch_order(point["seed"], replicate, epoch, n) for epoch in epochs]
            curve = np.concatenate([curve, trainer.run(np.stack(orders))])
            progress.report(replicate, len(curve))
        after = clock(), time.perf_counter(), time.process_time()
        epochs = len(curve)
        history += [
            (replicate, epoch, epoch * updates_per_epoch, *map(float, row))
            for epoch, row in enumerate(curve, start=1)
        ]
        runs.append(
            (
                replicate,
                weights_seed(point["seed"], replicate),
                "completed" if np.isfinite(curve[-1]).all() else "diverged",
                epochs,
                epochs * updates_per_epoch,
                point["learning_rate"],
                *(end - start for start, end in zip(before, after, strict=True)),
            )
        )
    job = {
        "point": point,
        "effective_batch_size": min(point["batch_size"], n),
        "updates_per_epoch": updates_per_epoch,
        "parameters": model.count_params(),
        "device": f"{kind}: {device}",
        "threads": threads,
        "jit_compile": jit_compile,
        "compile_seconds": compile_seconds,
        "versions": runtime.versions(),
    }
    header = ("replicate", "epoch", "updates", *trainer.columns)
    return (header, history), (RUN_COLUMNS, runs), job


def _epochs_per_call(trainer, point):
    """How many epochs fill CHUNK_SECONDS, from one epoch that also warms the program up."""
    order = epoch_order(point["seed"], 1, 1, trainer.n)[None]
    trainer.run(order)
    started = time.perf_counter()
    trainer.run(order)
    seconds = time.perf_counter() - started
    return max(1, min(trainer.capacity, int(CHUNK_SECONDS / seconds)))


class _Progress:
    """Says in the log, now and then, how far the job is."""

    def __init__(self, replicates, epochs):
        self.replicates, self.epochs = replicates, epochs
        self.started = self.last = time.perf_counter()

    def report(self, replicate, epoch):
        now = time.perf_counter()
        finished = replicate == self.replicates and epoch == self.epochs
        if now - self.last < PROGRESS_SECONDS and not finished:
            return
        self.last = now
        done = ((replicate - 1) * self.epochs + epoch) / (self.replicates * self.epochs)
        left = (now - self.started) * (1 - done) / done
        log.info(
            "replicate %d of %d, epoch %d of %d, %.0f s left",
            replicate,
            self.replicates,
            epoch,
            self.epochs,
            left,
        )
