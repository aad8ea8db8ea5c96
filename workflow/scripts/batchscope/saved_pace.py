"""What was measured of the seconds of an epoch: read into memory, and refused where it is of
something else."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from batchscope.files import check_seal
from batchscope.integrity import read_table
from batchscope.naming import naming
from batchscope.results import PACE_COLUMNS, TRAINING_KEYS

# A file that was copied here is made again elsewhere.
MEASURE_AGAIN = (
    "Copy it here again, with the .sha256 that stands beside it there or with none. Or measure "
    "again there:\n  snakemake measure --forcerun measure"
)

# What ends the batch sizes that fit.
LIMITS = ("samples", "memory", "estimate", "nothing")


def read_pace(path):
    """Read pace.csv, or make an empty one.

    Args:
        path: of pace.csv; empty if nothing was measured, as of imported trainings.

    Raises:
        ValueError: if it is damaged, does not hold the contract's columns, has numbers that are not
            above 0, or rounds of several devices, whose seconds cannot be compared; naming it.
    """
    if not path:
        return pd.DataFrame(columns=PACE_COLUMNS)
    pace = read_table(path)
    wrong = _find_wrong(pace)
    if wrong:
        raise ValueError(
            f"{path}: expected {wrong[0]}. Received: {wrong[1]}. Measure it again: add to your "
            f"snakemake command\n  --forcerun {path}"
        )
    return pace


def _find_wrong(pace):
    """What is expected of the rounds and what was received, in words; nothing if they are right."""
    devices = sorted(set(map(str, pace.get("device", []))))
    if list(pace) != list(PACE_COLUMNS) or len(devices) > 1:
        expected = f"the columns {', '.join(PACE_COLUMNS)}, and rounds of one device"
        return expected, f"{', '.join(pace)}, of {', '.join(devices) or 'no device'}"
    for column in ("batch_size", "round", "epochs", "seconds_per_epoch"):
        known = pace[column].dtype.kind in "iuf" and (pace[column] > 0) & np.isfinite(pace[column])
        if len(pace) and not np.all(known):
            return f"numbers above 0 in {column}", "others"
    return ()


def read_device(path, saved):
    """Read what `measure` wrote on another device.

    Args:
        path: of its device.json.
        saved: list of SavedPoint of the study, which it has to have measured.

    Returns:
        (DataFrame as of pace.csv, dict recipe -> the largest batch size that fits).

    Raises:
        ValueError: if it is damaged or no such file, or is of other data or another training;
            naming it.
    """
    check_seal(path, MEASURE_AGAIN, needed=False)
    try:
        with naming(path):
            device = json.loads(Path(path).read_text(encoding="utf-8"))
        pace = pd.DataFrame(device["rounds"], columns=PACE_COLUMNS)
        largest = {recipe: _check_largest(own) for recipe, own in device["largest"].items()}
        trainings = {
            (recipe, int(size)): dict(training)
            for recipe, own in device["trainings"].items()
            for size, training in own.items()
        }
        if wrong := _find_wrong(pace):
            raise ValueError(wrong)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise ValueError(
            f"{path}: expected a device.json that `make measure` has written. Received another "
            "file, or a part of one."
        ) from None
    for point in saved:
        own = {key: point.job["point"].get(key) for key in TRAINING_KEYS}
        own["samples_per_epoch"] = point.job["samples_per_epoch"]
        # A point that is not there lacks its seconds, and nothing else.
        there = trainings.get((point.recipe, point.batch_size), own)
        different = [key for key in own if _anywhere(own[key]) != _anywhere(there.get(key))]
        if different:
            raise ValueError(
                f"{path}: expected measurements of this study. Received other ones of "
                f"{point.recipe} at batch size {point.batch_size}: {', '.join(different)}. "
                "Measure again with this config."
            )
    return pace, largest


def _check_largest(found):
    """The largest batch size that fits, as `training.largest` tells it; ValueError for another."""
    sizes = [found[name] for name in ("size", "refused") if found[name] is not None]
    if found["limit"] not in LIMITS or any(type(size) is not int or size < 1 for size in sizes):
        raise ValueError(found)
    return found


def _anywhere(value):
    """A setting without the path of a model's file, which another machine has elsewhere."""
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if key != "file"}
