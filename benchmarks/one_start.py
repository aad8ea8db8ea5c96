"""What it would save to start Keras once for all trainings of the default study.

The points are trained in three ways, in turn: each by a process of its own, as in the study; each
by a child that is forked from one process, which has imported Keras; and all by one process, one
after the other. In the first two as many train at a time as there are cores. Nothing is saved, and
there is no Snakemake, no job `pace` and no page. Prints a JSON object: way -> [median seconds of
the clock, median CPU seconds].
"""

import functools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from batchscope.config.study import load_study, resolve_point
from batchscope.data.dataset import load, save
from batchscope.training import runtime
from batchscope.training.stopping import StopGuard

ROOT = Path(__file__).parent.parent
STUDY = load_study(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
CORES = len(os.sched_getaffinity(0))
ROUNDS = 5


def train(dataset, batch_size):
    """Train all replicates of a point, as a job of the study does."""
    from batchscope.training.point import train_point

    arrays, point = load(*dataset), resolve_point(STUDY, "adam", batch_size)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "checkpoint.npz")
        train_point(point, arrays, "xla", runtime.device(), 1, StopGuard(), checkpoint)


def train_forked(dataset, batch_sizes):
    """Train each point in a child of this process, CORES at a time."""
    for number, batch_size in enumerate(batch_sizes):
        if number >= CORES:
            check(os.wait()[1])
        if not os.fork():
            train(dataset, batch_size)
            os._exit(0)
    for _ in range(min(CORES, len(batch_sizes))):
        check(os.wait()[1])


def check(status):
    """End if a child of this process has failed."""
    if status:
        raise SystemExit(f"expected a training to end well. Received: status {status}")


def begin(dataset, *given):
    """Give what `main` takes to a process of its own, and wait for it."""
    subprocess.run(
        [sys.executable, __file__, *dataset, *map(str, given)],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
        check=True,
        stderr=subprocess.DEVNULL,
    )


def each(dataset):
    """Train each point by a process of its own, CORES at a time."""
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(functools.partial(begin, dataset), STUDY["batch_sizes"]))


def cost(way):
    """(seconds of the clock, CPU seconds) of a way to train."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    way()
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare():
    """The costs of all ways: dict way -> [seconds of the clock, CPU seconds]."""
    from batchscope.data.make import make

    with tempfile.TemporaryDirectory() as folder:
        dataset = f"{folder}/dataset.npz", f"{folder}/dataset.json"
        save(*make(STUDY["dataset"], STUDY["model"]["loss"]), *dataset)
        ways = {
            "each by its own process": lambda: each(dataset),
            "each by a forked process": lambda: begin(dataset, "forked"),
            "all by one process": lambda: begin(dataset, *STUDY["batch_sizes"]),
        }
        costs = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                costs[name].append(cost(way))
    return {
        name: [statistics.median(x) for x in zip(*found, strict=True)]
        for name, found in costs.items()
    }


def main():
    """Print the costs of all ways; or, given the two files of a dataset, train the batch sizes
    that follow, or "forked" for all of them."""
    if len(sys.argv) == 1:
        print(json.dumps(compare()))
        return
    *dataset, first = sys.argv[1:4]
    runtime.start_keras(threads=1)
    if first == "forked":
        train_forked(dataset, STUDY["batch_sizes"])
    else:
        for batch_size in sys.argv[3:]:
            train(dataset, int(batch_size))


if __name__ == "__main__":
    main()
