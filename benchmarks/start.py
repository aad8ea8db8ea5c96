"""What a job costs before it trains: starting Keras and compiling the article's training.

Each way is measured in fresh processes, in turn with the others. Prints a JSON object: way ->
median CPU seconds.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
REPEATS = 5
MEASURE = """
import gc, json, sys, time
if "garbage" in sys.argv:
    gc.disable = lambda: None
from batchscope.training import runtime
started = time.process_time()
runtime.start_keras(threads=1)
start = time.process_time() - started
import yaml
from batchscope.config.study import load_study, resolve_point
from batchscope.data.dataset import make
from batchscope.training.job import _compile
study = load_study(yaml.safe_load(open("config/config.yaml")))
arrays = make(**study["dataset"])
started = time.process_time()
_compile(resolve_point(study, "adam", 32), arrays, "CPU")
print(json.dumps([start, time.process_time() - started]))
"""


def measure(argument="", flags=""):
    """CPU seconds of (start, model and compilation) in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, argument],
        cwd=ROOT,
        env=os.environ | {"XLA_FLAGS": flags, "CUDA_VISIBLE_DEVICES": "-1"},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    ways = {
        "start": lambda: measure()[0],
        "start, collecting garbage": lambda: measure("garbage")[0],
        "compile": lambda: measure()[1],
        "compile, fusion emitters": lambda: measure(flags="--xla_cpu_use_fusion_emitters=true")[1],
    }
    seconds = {way: [] for way in ways}
    for _ in range(REPEATS):
        for way, run in ways.items():
            seconds[way].append(run())
    print(json.dumps({way: statistics.median(values) for way, values in seconds.items()}))
