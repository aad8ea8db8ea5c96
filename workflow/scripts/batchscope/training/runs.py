"""Trains the runs of a point one after the other, so that they can be stopped and gone on with."""

import logging
import time
from typing import NamedTuple

import numpy as np

from batchscope.training import checkpoint
from batchscope.training.learning_rate import schedule
from batchscope.training.model import initial_weights
from batchscope.training.seeds import epoch_order
from batchscope.training.stopping import Stopped

log = logging.getLogger(__name__)

# Work handed to the compiled program at once: progress and interruptions wait this long at most.
CHUNK_SECONDS = 1.0
PROGRESS_SECONDS = 10.0

# Work that may be lost to a kill.
CHECKPOINT_SECONDS = 60.0


class Run(NamedTuple):
    """One training: its study seed, the replicate of it, and the learning rate."""

    seed: int
    replicate: int
    learning_rate: float


def epochs_per_call(trainer, point):
    """How many epochs fill CHUNK_SECONDS, from one epoch that also warms the program up."""
    order = epoch_order(point["seed"], 1, 1, trainer.n)[None]
    trainer.run(order, 0)
    started = time.perf_counter()
    trainer.run(order, 0)
    seconds = time.perf_counter() - started
    return max(1, min(trainer.capacity, int(CHUNK_SECONDS / seconds)))


class Runner:
    """Trains runs in their order, from where an earlier attempt at the same job was stopped.

    Args:
        point: the point.
        arrays: from `dataset.load`.
        trainer: its compiled trainer.
        chunk: epochs to hand over at once, from `epochs_per_call`.
        clock: what train_seconds are measured by.
        guard: the StopGuard of this process.
        path: where the checkpoint is.
        key: the job's `checkpoint.fingerprint`.
    """

    def __init__(self, point, arrays, trainer, chunk, clock, guard, path, key):
        self._point, self._arrays, self._trainer = point, arrays, trainer
        self._chunk, self._clock = chunk, clock
        self._guard, self._path, self._key = guard, path, key
        self._progress = checkpoint.load(path, key)
        self._saved = time.perf_counter()

    def train(self, runs):
        """Train runs to their end and save them.

        Args:
            runs: list of Run, the same in every attempt at a job.

        Returns:
            A FinishedRun for each.

        Raises:
            Stopped: when asked to stop, once the checkpoint is saved.
        """
        progress, epochs = self._progress, self._point["epochs"]
        left = runs[len(progress.finished) :]
        if left:
            log.info("training %d runs of %d epochs", len(left), epochs)
            reporter = _Reporter(progress, len(runs), epochs)
            for run in left:
                self._train_run(run, reporter)
            # Little is left to do after the last epoch, but a kill then would lose the most.
            self._save()
        return progress.finished

    def _train_run(self, run, reporter):
        progress = self._progress
        resumed = bool(progress.state)
        if resumed:
            self._trainer.set_state(progress.state)
        else:
            self._begin(run)
        while not self._is_over():
            self._save_or_stop()
            self._train_chunk(run)
            reporter.report()
        finite = np.isfinite(progress.curve[-1]).all()
        test = self._trainer.test() if finite else []
        progress.finish(self._trainer.updates, resumed, test)

    def _begin(self, run):
        model, seed, replicate = self._trainer.model, run.seed, run.replicate
        self._trainer.reset(initial_weights(model, self._point, self._arrays, seed, replicate))
        self._progress.begin(len(self._trainer.columns))

    def _is_over(self):
        curve = self._progress.curve
        return len(curve) == self._point["epochs"] or not np.isfinite(curve[-1:]).all()

    def _train_chunk(self, run):
        first = len(self._progress.curve) + 1
        last = min(first + self._chunk - 1, self._point["epochs"])
        before = self._clocks()
        orders = [
            epoch_order(run.seed, run.replicate, epoch, self._trainer.n)
            for epoch in range(first, last + 1)
        ]
        rates = schedule(run.learning_rate, self._point["warmup_epochs"], first, last)
        rows = self._trainer.run(np.stack(orders), rates)
        self._progress.add(rows, self._clocks() - before)

    def _clocks(self):
        return np.array([self._clock(), time.perf_counter(), time.process_time()])

    def _save_or_stop(self):
        request = self._guard.request()
        if request or time.perf_counter() - self._saved > CHECKPOINT_SECONDS:
            self._save()
        if request:
            raise Stopped(f"stopped by {request}; the checkpoint is saved")

    def _save(self):
        # A run without an epoch begins anew, and is none that was interrupted.
        begun = len(self._progress.curve) > 0
        self._progress.state = self._trainer.get_state() if begun else []
        checkpoint.save(self._path, self._key, self._progress)
        self._saved = time.perf_counter()


class _Reporter:
    """Says in the log, now and then, how far the runs are.

    Args:
        progress: the job's Progress.
        runs: how many there are.
        epochs: of each run.
    """

    def __init__(self, progress, runs, epochs):
        self._progress, self._runs, self._epochs = progress, runs, epochs
        self._before = self._done()
        self._started = self._last = time.perf_counter()

    def report(self):
        now, done, whole = time.perf_counter(), self._done(), self._runs * self._epochs
        if now - self._last < PROGRESS_SECONDS and done < whole:
            return
        self._last = now
        log.info(
            "run %d of %d, epoch %d of %d, %.0f s left",
            len(self._progress.finished) + 1,
            self._runs,
            len(self._progress.curve),
            self._epochs,
            (whole - done) * (now - self._started) / (done - self._before),
        )

    def _done(self):
        return len(self._progress.finished) * self._epochs + len(self._progress.curve)
