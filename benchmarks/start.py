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
START = """
import json, time
from batchscope.training import runtime
started = time.process_time()
runtime.start_keras(threads=1)
print(json.dumps(time.process_time() - started))
"""
START_COLLECTING = """
import json, time
from batchscope.training import runtime
started = time.process_time()
runtime.set_environment(threads=1)
with runtime.hidden(runtime.OPTIONAL):
    import keras
print(json.dumps(time.process_time() - started))
"""
COMPILE = """
import json, time, yaml
from batchscope.training import runtime
runtime.start_keras(threads=1)
from batchscope.config.study import load_study, resolve_point
from batchscope.data.make import make
from batchscope.training.ways import compile_trainer
study = load_study(yaml.safe_load(open("config/config.yaml")))
point = resolve_point(study, "adam", 32)
arrays, _ = make(study["dataset"], study["model"]["loss"])
started = time.process_time()
compile_trainer(point, arrays, "xla")
print(json.dumps(time.process_time() - started))
"""


def measure(code, flags=""):
    """CPU seconds that the code measures in a fresh process, under these flags of XLA."""
    done = subprocess.run(
        [sys.executable, "-c", code],
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
        "start": lambda: measure(START),
        "start, collecting garbage": lambda: measure(START_COLLECTING),
        "compile": lambda: measure(COMPILE),
        "compile, fusion emitters": lambda: measure(COMPILE, "--xla_cpu_use_fusion_emitters=true"),
    }
    seconds = {way: [] for way in ways}
    for _ in range(REPEATS):
        for way, run in ways.items():
            seconds[way].append(run())
    print(json.dumps({way: statistics.median(values) for way, values in seconds.items()}))
