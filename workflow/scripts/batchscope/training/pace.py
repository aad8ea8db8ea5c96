"""The pace of each point: the seconds of an epoch, measured apart from the trainings.

What else a machine does changes from minute to minute, and a training job tells all replicates of a
point under the same luck. Here all points take turns in one process, in several rounds, so that
each round sees all of them and a point is seen at several times.
"""

import logging
import time

import numpy as np
import tensorflow as tf

from batchscope.results import PACE_COLUMNS
from batchscope.training import runtime
from batchscope.training.model_file import blamed_on
from batchscope.training.timer import Timer, choose_clock
from batchscope.training.ways import compile_trainer

log = logging.getLogger(__name__)

ROUNDS = 7


def measure_pace(jobs, arrays, device, threads):
    """Measure what an epoch takes at each point.

    Args:
        jobs: what job.json says of each point that fitted into memory.
        arrays: from `dataset.load`.
        device: (kind, name) of what trains, from `runtime.device`.
        threads: threads that the process was started with.

    Returns:
        ((columns, rows) of pace.csv, the facts of pace.json). Points of one program are measured
        once and have the same numbers. One that does not fit into memory has no rows.
    """
    started = time.perf_counter()
    kind, name = device
    clock = choose_clock(kind, threads)
    tensors = {name: tf.constant(array) for name, array in arrays.items()}
    programs = share_programs(jobs)
    timers = {}
    for number, (way, points) in enumerate(programs):
        with blamed_on(points[0]["model"].get("file")):
            timer = _compile_timer(points[0], tensors, way, clock)
        if timer is not None:
            timers[number] = timer
    log.info("measuring %d programs in %d rounds", len(timers), ROUNDS)
    rows = [
        (f"{kind}: {name}", point["recipe"], point["batch_size"], turn, epochs, seconds)
        for turn, number, (epochs, seconds) in take_turns(timers, ROUNDS)
        for point in programs[number][1]
    ]
    facts = {
        "device": f"{kind}: {name}",
        "threads": threads,
        "versions": runtime.versions(),
        "clock": clock.__name__,
        "seconds": time.perf_counter() - started,
    }
    return (PACE_COLUMNS, rows), facts


def share_programs(jobs):
    """The way and the points of each program, which the learning rate is no part of.

    Args:
        jobs: what job.json says of each point.

    Returns:
        list of (trained_by, list of points).
    """
    programs = []
    for job in jobs:
        point = job["point"]
        parts = [job["trained_by"], job["effective_batch_size"]]
        parts += map(point.get, ("model", "optimizer", "arguments"))
        for known, points in programs:
            if known == parts:
                points.append(point)
                break
        else:
            programs.append((parts, [point]))
    return [(way, points) for (way, *_), points in programs]


def take_turns(timers, rounds):
    """Call each timer once in each round, each round in an order of its own.

    Args:
        timers: dict name -> a function without arguments.
        rounds: how many.

    Yields:
        (round, from 1; name; what the timer returned).
    """
    names, generator = list(timers), np.random.default_rng(0)
    for turn in range(1, rounds + 1):
        for index in generator.permutation(len(names)):
            yield turn, names[index], timers[names[index]]()


def _compile_timer(point, tensors, way, clock):
    """A Timer; None if the point does not fit into memory."""
    try:
        trainer, _ = compile_trainer(point, tensors, way)
        return Timer(trainer, point["seed"], clock)
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        log.warning("batch size %d does not fit into memory: %s", point["batch_size"], error)
        return None
