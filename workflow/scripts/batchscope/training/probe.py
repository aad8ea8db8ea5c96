"""Tries a user's model before it is trained: is it sound, and which way of training is best.

Keras's `fit` is what a training means. The compiled loop is faster, and takes its place wherever it
comes to the same numbers.
"""

import logging
from typing import NamedTuple

import numpy as np

from batchscope.config.problem import problem
from batchscope.training import runtime
from batchscope.training.checks import check_model
from batchscope.training.memory import estimate
from batchscope.training.model import fresh_model
from batchscope.training.model_file import ModelError
from batchscope.training.seeds import epoch_order
from batchscope.training.timer import choose_clock
from batchscope.training.ways import FIT, FIT_XLA, GRAPH, XLA, compile_trainer

log = logging.getLogger(__name__)

# Full batches and a partial one. One size for all, so that seconds compare within a study.
BATCH_SIZE, SAMPLES, VALIDATION, EPOCHS = 32, 648, 200, 2
LEARNING_RATE = 0.001

# Equal: |a - b| <= TOLERANCE (1 + |b|), for every value of every epoch.
TOLERANCE = 1e-5

# A slower way is left only for one that takes less than this share of its time: a measurement is
# never the same twice, and shall not decide otherwise the next time.
CLEARLY = 0.8
MEASURED_SECONDS = 0.2


class Tried(NamedTuple):
    """One way of training: its curve of two epochs, what is known of it, or why it failed."""

    curve: np.ndarray | None
    facts: dict
    error: Exception | None = None


def probe(settings, arrays, device, threads):
    """Find all that is wrong with a model, and how it is trained.

    Args:
        settings: `model` of the config, with a file and its sha256.
        arrays: from `dataset.load`.
        device: (kind, name) of what trains, from `runtime.device`.
        threads: threads that the process was started with.

    Returns:
        (what training depends on, the rest of what was found): plain values.

    Raises:
        ModelError: with every problem. Other errors are those of the user's functions.
    """
    model, problems = check_model(settings, arrays)
    if problems:
        raise ModelError(say(settings, problems))
    report = {"parameters": model.count_params(), "memory_mib": estimate(model, arrays)}
    log.info("%(parameters)d parameters; MiB by estimate: %(memory_mib)s", report)
    few = {
        name: array[: SAMPLES if name.endswith("_train") else VALIDATION]
        for name, array in arrays.items()
    }
    way, report["ways"] = _choose(settings, few, choose_clock(device[0], threads))
    log.info("to be trained by %s", way)
    report |= {"device": ": ".join(device), "threads": threads, "versions": runtime.versions()}
    return {"trained_by": way}, report


def say(settings, problems):
    """Problem lines below the file's name."""
    return "\n".join([f"{settings['file']} cannot be trained:", *(f"  {p}" for p in problems)])


def _choose(settings, arrays, clock):
    """(the way to train, {way: what was found about it})."""
    point = {"model": settings, "seed": 1, "batch_size": BATCH_SIZE, "epochs": EPOCHS}
    point |= {"optimizer": "Adam", "arguments": {}}
    tried = {}
    for way in (XLA, FIT_XLA, GRAPH, FIT):
        try:
            tried[way] = _train(point, arrays, way, clock)
        # Whatever a layer raises, or a compiler that does not know it.
        except Exception as error:
            tried[way] = Tried(None, {"problem": f"{type(error).__name__}: {error}"}, error)
        log.info("%s: %s", way, tried[way].facts)
    # From the same seed XLA draws other numbers than TensorFlow: each loop has a `fit` of its own.
    ways = [loop for loop, fit in ((XLA, FIT_XLA), (GRAPH, FIT)) if _equal(tried[loop], tried[fit])]
    if tried[FIT].error is None:
        ways.append(FIT)
    if not ways:
        raise tried[FIT].error
    best = ways[0]
    for way in ways[1:]:
        if _seconds(tried[way]) < CLEARLY * _seconds(tried[best]):
            best = way
    return best, {way: one.facts for way, one in tried.items()}


def _train(point, arrays, way, clock):
    """Train two epochs twice, from the same state, and go on to see how long one takes."""
    trainer, facts = compile_trainer(point, arrays, way)
    settings = point["model"]
    measured = ["loss", *settings["metrics"]]
    if trainer.columns[: len(measured)] != measured or len(trainer.columns) != 2 * len(measured):
        half = trainer.columns[: len(trainer.columns) // 2]
        line = problem(
            "what the model measures",
            ", ".join(measured),
            ", ".join(half),
            "The metrics are `model.metrics` of the config; remove the model's own.",
        )
        raise ModelError(say(settings, [line]))
    orders = np.stack([epoch_order(1, 1, epoch + 1, trainer.n) for epoch in range(EPOCHS)])
    weights = [variable.numpy() for variable in fresh_model(point, arrays, 1, 1).variables]
    curves = []
    for _ in range(2):
        trainer.reset(weights)
        curves.append(trainer.run(orders, LEARNING_RATE))
    if not _close(*curves):
        line = problem(
            "a training that is repeated from the same state",
            "the same losses",
            f"losses of {curves[0][-1, 0]:.6g} and {curves[1][-1, 0]:.6g} after {EPOCHS} epochs",
            "Draw random numbers with a keras.random.SeedGenerator of the layer, so that their "
            "state is one of the model's variables.",
        )
        raise ModelError(say(settings, [line]))
    started, epochs = clock(), 0
    while (seconds := clock() - started) < MEASURED_SECONDS:
        epochs += len(trainer.run(orders, LEARNING_RATE))
    return Tried(curves[0], facts | {"seconds_per_epoch": seconds / epochs})


def _seconds(tried):
    return tried.facts["seconds_per_epoch"]


def _equal(loop, fit):
    """Whether the loop came to the numbers of `fit`, which its facts then say."""
    if loop.error or fit.error:
        return False
    equal = _close(loop.curve, fit.curve)
    loop.facts["equals_fit"] = equal
    return equal


def _close(one, other):
    return one.shape == other.shape and np.allclose(
        one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True
    )
