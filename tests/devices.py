"""A made-up study on several devices, for tests of advice."""

import json

import jsonschema
import pandas as pd
import yaml
from answers import EPOCHS, SAMPLES, facts, point, settings
from saved import ANSWER_SCHEMA, SCHEMAS, Study

from batchscope.analysis.advice import advise
from batchscope.analysis.measurements import measure
from batchscope.results import PACE_COLUMNS

SCHEMA = yaml.safe_load((SCHEMAS / "advice.schema.yaml").read_text())
# It refers to this one by its name.
SCHEMA["$defs"]["answer"] = ANSWER_SCHEMA | {"$id": "recommendation.schema.yaml"}
# See `answers.curves`.
B_CRIT = 8
SIZES = (2, 4, 8, 16, 32, 64)


def study(sizes=SIZES, line=(2e-5, 1e-6), replicates=10):
    """A study whose update takes alpha + beta B seconds."""
    points, jobs = {}, {}
    for size in sizes:
        updates = -(-SAMPLES // size)
        seconds = EPOCHS * updates * (line[0] + line[1] * SAMPLES / updates)
        points["adam", size] = point(size, 0.2, replicates, [seconds] * replicates)
        jobs["adam", size] = facts(size)
    return Study(points, settings(0.45), EPOCHS, jobs, spread=0.01)


def elsewhere(made, number=1, line=(2e-5, 1e-6), sizes=SIZES, device="GPU: other"):
    """The Measurements of a study with the seconds of another device."""
    rows = []
    for size in sizes:
        updates = -(-SAMPLES // size)
        seconds = line[0] * updates + line[1] * SAMPLES
        for turn in range(1, 8):
            rows.append((device, "adam", size, turn, 10, seconds * (1 + 0.01 * (turn - 4))))
    pace = pd.DataFrame(rows, columns=PACE_COLUMNS)
    config = settings(0.45)
    config["target"]["reference_batch_size"] = 32
    return measure(made.saved, made.pace, made.convergence, config, (number, pace))


def told(*devices):
    found = json.loads(json.dumps(advise(devices), allow_nan=False))
    jsonschema.validate(found, SCHEMA)
    return found
