"""Trains the runs of a point one after the other, so that they can be stopped and gone on with."""

import logging
import time
from typing import NamedTuple

import keras
import numpy as np

from batchscope.training import checkpoint
from batchscope.training.learning_rate import schedule
from batchscope.training.model import build_model
from batchscope.training.seeds import epoch_order, weights_seed

log = logging.getLogger(__name__)

# Work handed to the compiled program at once: progress and interruptions wait this long at most.
CHUNK_SECONDS = 1.0
PROGRESS_SECONDS = 10.0

# Work that may be lost to a kill.
CHECKPOINT_SECONDS = 60.0


class Stopped(Exception):
    """The job was asked to stop; what it had done is in its checkpoint."""


class Run(NamedTuple):
    """One training: its study seed, the replicate of it, and the learning rate."""

    seed: int
    replicate: int
    learning_rate: float


def fresh_model(point, features, seed, replicate):
    """The point's model as a replicate of a study seed starts with it."""
    keras.utils.set_random_seed(weights_seed(seed, replicate))
    return build_model(point["model"], features)


def train_runs(runs, point, trainer, chunk, progress, clock, save):
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
                fresh = fresh_model(point, features, run.seed, run.replicate)
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
                rates = schedule(run.learning_rate, point["warmup_epochs"], first, last)
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


def epochs_per_call(trainer, point):
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
