"""What all trainings of a study left, in one file.

A dozen jobs would each have to open three files of every point, and Snakemake to look at them for
each. The trainings' own files are checked once, when this one is made.
"""

import functools
import itertools
import json
import zipfile

import numpy as np
import pandas as pd

from batchscope.files import seal, written_aside
from batchscope.members import JOB, member, read_facts, read_members
from batchscope.results import LEARNING_RATE, METRICS, VALIDATION
from batchscope.saved import points_of, read_named

# Arrays with a field for each column of the tables. The third member of each point is its job.json.
HISTORY, RUNS = "history.npy", "runs.npy"


def merge(path, train, names):
    """Write the file, point by point, and seal it.

    Args:
        path: of the file: an archive with a folder for each point, as `train` has them.
        train: the folder of all trainings.
        names: (recipe, batch size) of each point.

    Raises:
        ValueError: as of `saved.read_named`.
    """
    with written_aside(path, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        for name in names:
            history, runs, job = read_named(train, name)
            _write_table(archive, member(name, HISTORY), _needed(history))
            _write_table(archive, member(name, RUNS), runs)
            # A member that is given by its name alone has the time of day in it.
            archive.writestr(zipfile.ZipInfo(member(name, JOB)), json.dumps(job))
    seal(path)


def read_points(path, names, training=True):
    """Read several points.

    Args:
        path: of the file that `merge` has written.
        names: (recipe, batch size) of each.
        training: whether the metrics of the training samples are needed.

    Returns:
        list of SavedPoint, in the order of `names`. Histories of many points are large: they have
        the replicate, the epoch and the metrics alone.

    Raises:
        ValueError: as of `members.read_members`.
    """
    points = read_members(path, names, functools.partial(_read_point, training=training))
    return list(itertools.chain.from_iterable(points))


def _read_point(archive, name, training):
    history = _read_table(archive, member(name, HISTORY), without=() if training else METRICS)
    runs = _read_table(archive, member(name, RUNS))
    return points_of(history, runs, read_facts(archive, name))


def _needed(history):
    # Whole numbers below two billion, each in a row of every epoch.
    counted = dict.fromkeys(("replicate", "epoch"), np.int32)
    rates = [LEARNING_RATE] if LEARNING_RATE in history else []
    metrics = [name for name in history if name.removeprefix(VALIDATION) in METRICS]
    # A column without rows has no type.
    measured = dict.fromkeys((*rates, *metrics), float)
    return history[[*counted, *measured]].astype(counted | measured)


def _write_table(archive, member, table):
    texts = {name: str for name in table if table[name].dtype.kind not in "biuf"}
    columns = {name: table[name].to_numpy(texts.get(name)) for name in table}
    array = np.empty(len(table), [(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        array[name] = column
    with archive.open(member, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def _read_table(archive, member, without=()):
    with archive.open(member) as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    # Columns that are dropped later would stay in memory.
    return pd.DataFrame({name: array[name] for name in array.dtype.names if name not in without})
