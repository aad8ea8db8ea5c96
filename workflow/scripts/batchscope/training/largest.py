"""The largest batch size that fits into memory, found by doubling and halving.

PyTorch Lightning's BatchSizeFinder does the same (mode `power`).
"""

import logging

import tensorflow as tf

from batchscope.data.memory import MIB, available
from batchscope.training.memory import estimate
from batchscope.training.model import fresh_model
from batchscope.training.seeds import epoch_order
from batchscope.training.ways import compile_trainer

log = logging.getLogger(__name__)


def find_largest(point, arrays, way, kind):
    """Find the largest batch size of a point's training, of those tried.

    Args:
        point: a settled one, whose batch size is the first that is tried.
        arrays: from `dataset.load`.
        way: one of `ways`.
        kind: "GPU" or "CPU". The system kills a process for memory that a CPU lacks, so there a
            size that does not fit by estimate is not tried.

    Returns:
        {"size": the largest that fits, "limit": what ends it there: `samples`, since it is all of
        them; `memory` or `estimate`, since `refused` does not fit; `nothing`, if none does;
        "refused": the next size tried, or None}.
    """
    n = len(arrays["x_train"])
    needed = estimate(fresh_model(point, arrays, point["seed"], replicate=1), arrays)

    def fits(size):
        free = available() if kind == "CPU" else None
        if free is not None and (needed["fixed"] + needed["per_sample"] * size) * MIB > free:
            return "estimate"
        return None if _trains(point | {"batch_size": size, "epochs": 1}, arrays, way) else "memory"

    size = min(point["batch_size"], n)
    limit = fits(size)
    if limit is None:
        while size < n:
            larger = min(2 * size, n)
            limit = fits(larger)
            if limit is not None:
                return {"size": size, "limit": limit, "refused": larger}
            size = larger
        return {"size": size, "limit": "samples", "refused": None}
    while size > 1:
        refused, size = size, size // 2
        if (smaller := fits(size)) is None:
            return {"size": size, "limit": limit, "refused": refused}
        limit = smaller
    return {"size": None, "limit": "nothing", "refused": 1}


def _trains(point, arrays, way):
    """Whether an epoch of one update or more fits into memory."""
    try:
        trainer, _ = compile_trainer(point, arrays, way)
        trainer.run(epoch_order(point["seed"], 1, 1, trainer.n)[None], 0)
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        log.info("batch size %d does not fit into memory: %s", point["batch_size"], error)
        return False
    log.info("batch size %d fits into memory", point["batch_size"])
    return True
