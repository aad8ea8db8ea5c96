"""What job.json says of a training, refused where it is not what others rely on."""

import json
import sys
from hashlib import sha256

from batchscope.results import LEARNING_RATE, TABLES

OWN = "job.json"
# Whole numbers above it are no float.
LARGEST = sys.float_info.max

# Whole numbers of job.json that others count with, and those that imported trainings may not tell.
COUNTS = ("samples_per_epoch", "validation_samples", "updates_per_epoch", "effective_batch_size")
UNTOLD = {"validation_samples", "epochs"}
# What others read besides, and of what type. Each is null where it is not known.
TOLD = {
    "dataset_sha256": str,
    "trained_by": str,
    "random_layers": list,
    "device": str,
    "versions": dict,
    "parameters": int,
    "seconds_per_epoch": float,
    "peak_memory_mib": float,
}
TYPES = {
    str: "text",
    list: "a list of texts",
    dict: "texts by their names",
    int: "a whole number from 0 on",
    float: "a number above 0",
}


def with_digests(job, digests):
    """The facts of job.json with the digests of the tables, and with that of the facts themselves.

    Args:
        job: the facts.
        digests: dict name -> digest, of `TABLES`.
    """
    job = job | {"sha256": digests}
    return job | {"sha256": digests | {OWN: _digest(job)}}


def _digest(job):
    return sha256(json.dumps(job).encode()).hexdigest()


def read_job(path):
    """What job.json holds, once that is known to be what others rely on.

    Raises:
        ValueError: if it is not.
    """
    try:
        job = json.loads(path.read_text(encoding="utf-8"))
        complete = {"recipe", "batch_size", "epochs"} <= job["point"].keys()
        complete &= {LEARNING_RATE, *COUNTS, *TOLD} <= job.keys()
        digests = dict(job["sha256"])
        own = digests.pop(OWN)
        complete &= set(TABLES) <= digests.keys()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise refused(
            path.parent, path.name, "the facts of a training", f"{type(error).__name__}: {error}"
        ) from None
    if not complete:
        raise refused(path.parent, path.name, "the facts of a training", "a part of them")
    if own != (found := _digest(job | {"sha256": digests})):
        expected = f"the facts of its training, of the digest {own}"
        raise refused(path.parent, path.name, expected, found)
    _check_facts(path, job)
    return job


def _check_facts(path, job):
    facts = {name: job[name] for name in COUNTS}
    facts |= {name: job["point"][name] for name in ("batch_size", "epochs")}
    known = {name: value for name, value in facts.items() if not (value is None and name in UNTOLD)}
    wrong = {n: v for n, v in known.items() if type(v) is not int or not 0 < v < 2**63}
    expected = "whole numbers above 0"
    if not wrong:
        types = TOLD | {LEARNING_RATE: float}
        wrong = {name: job[name] for name in types if not _is(job[name], types[name])}
        expected = " and ".join(dict.fromkeys(TYPES[types[name]] for name in wrong))
    if wrong:
        received = ", ".join(map(str, wrong.values()))[:80]
        raise refused(path.parent, path.name, f"{expected} in {', '.join(wrong)}", received)


def _is(value, kind):
    """Whether a value is one of `TYPES`, or not known."""
    if value is None:
        return True
    if kind is float:
        return type(value) in (int, float) and 0 < value <= LARGEST
    if type(value) is not kind or (kind is int and not 0 <= value < 2**63):
        return False
    items = value if kind is list else value.values() if kind is dict else ()
    return all(type(item) is str for item in items)


def refused(folder, file, expected, received):
    """The error of a file of a point, with the way out."""
    return ValueError(
        f"{folder / file}: expected {expected}. Received: {received}. Train the point again: add "
        f"to your snakemake command\n  --forcerun {folder / TABLES[0]}"
    )
