"""What an epoch takes, measured by training for a short time."""

import statistics
import time

import numpy as np

from batchscope.training.seeds import epoch_order

# What a measurement takes at least.
MEASURED_SECONDS = 0.05

# In each training job.
MEASUREMENTS = 3


def choose_clock(kind, threads):
    """What seconds of training are measured by: a function that returns seconds.

    CPU time is not spoiled by jobs side by side, but counts every thread of this one.

    Args:
        kind: "GPU" or "CPU", from `runtime.device`.
        threads: threads that the process was started with.
    """
    return time.process_time if threads == 1 and kind == "CPU" else time.perf_counter


class Timer:
    """Trains for about MEASURED_SECONDS whenever it is called.

    The learning rate is 0: nothing is learned, nothing diverges, and points that differ in it alone
    take as long.

    Args:
        trainer: a compiled Trainer.
        seed: the study seed.
        clock: from `choose_clock`.
    """

    def __init__(self, trainer, seed, clock):
        self._trainer, self._seed, self._clock = trainer, seed, clock
        # The first call warms the program up.
        self._train(1)
        # One epoch would not tell how many to hand over: a call alone may take as long as several.
        self._chunk = 1
        while self._chunk < trainer.capacity and self._train(self._chunk)[1] < MEASURED_SECONDS / 2:
            self._chunk = min(2 * self._chunk, trainer.capacity)

    def __call__(self):
        """Train; return (epochs, seconds per epoch)."""
        epochs, seconds = 0, 0
        while not epochs or seconds < MEASURED_SECONDS:
            trained, taken = self._train(self._chunk)
            epochs, seconds = epochs + trained, seconds + taken
        return epochs, seconds / epochs

    def _train(self, epochs):
        """Train so many epochs at once: (epochs, seconds), with those that drawing orders takes."""
        started = self._clock()
        orders = [epoch_order(self._seed, 1, epoch, self._trainer.n) for epoch in range(epochs)]
        rows = self._trainer.run(np.stack(orders), 0)
        return len(rows), self._clock() - started


def measure_epoch(trainer, seed, clock):
    """The median seconds of an epoch in a few measurements; arguments as of Timer."""
    timer = Timer(trainer, seed, clock)
    return statistics.median(timer()[1] for _ in range(MEASUREMENTS))
