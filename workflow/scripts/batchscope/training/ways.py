"""The ways of training a model, and what trains it in each."""

import logging
import time

from batchscope.files import read_json
from batchscope.training.fit import FitTrainer
from batchscope.training.model import build_optimizer, fresh_model
from batchscope.training.trainer import Trainer

log = logging.getLogger(__name__)

# How a model is trained: a loop that XLA compiles, the same as TensorFlow's graph, or Keras's fit.
# `fit` whose steps XLA compiles is there to compare with.
XLA, GRAPH, FIT, FIT_XLA = "xla", "graph", "fit", "fit_xla"


def read_way(path):
    """The way that a probe has found.

    Args:
        path: of way.json; empty for layers, which nothing probes.

    Returns:
        XLA, GRAPH or FIT.
    """
    return read_json(path)["trained_by"] if path else XLA


def compile_trainer(point, arrays, way):
    """Build and compile what trains a point.

    Args:
        point: from `config.resolve_point`.
        arrays: from `dataset.load`, or as tensors, which several trainers then share.
        way: one of the constants above.

    Returns:
        (the Trainer or FitTrainer, what job.json says of it).

    Raises:
        MemoryError, tf.errors.ResourceExhaustedError: if it does not fit into memory.
    """
    model = fresh_model(point, arrays, point["seed"], replicate=1)
    settings = point["model"]
    model.compile(build_optimizer(point), loss=settings["loss"], metrics=settings["metrics"])
    kind = FitTrainer if way in (FIT, FIT_XLA) else Trainer
    jit_compile = way in (XLA, FIT_XLA)
    trainer = kind(model, arrays, point["batch_size"], point["epochs"], jit_compile)
    started = time.perf_counter()
    trainer.compile()
    seconds = time.perf_counter() - started
    log.info("compiled in %.1f s, to be trained by %s", seconds, way)
    facts = {
        "parameters": model.count_params(),
        "compile_seconds": seconds,
        "random_layers": trainer.random_layers,
    }
    return trainer, facts
