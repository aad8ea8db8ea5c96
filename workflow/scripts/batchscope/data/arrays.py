"""Samples from files of NumPy."""

import math
import zipfile
from pathlib import Path

import numpy as np

from batchscope.data.memory import check_fits
from batchscope.data.samples import DataError, Samples, first_line, refuse

PARTS = ("train", "validation", "test")


def read_arrays(settings):
    """Read x and y, which are not split yet.

    Args:
        settings: `dataset.arrays` of the config: file, or x and y.

    Returns:
        Samples; x has numbers [n, ...], y numbers or text [n].

    Raises:
        DataError: if a file cannot be read, has other arrays, or does not fit into memory.
    """
    if "x" in settings:
        x, y = _read(settings["x"]), _read(settings["y"])
        return _samples(x, y, settings["x"], settings["y"])
    path = settings["file"]
    arrays = _read(path)
    _check_names(path, arrays, ["x", "y"], "Name them so, or write split: given.")
    return _samples(arrays["x"], arrays["y"], f"{path}, x", f"{path}, y")


def read_split(settings):
    """Read arrays that have a split of their own: a dict part -> Samples.

    The file has x_train, y_train, x_validation, y_validation, and perhaps x_test and y_test.
    """
    path = settings["file"]
    arrays = _read(path)
    parts = PARTS if {"x_test", "y_test"} & set(arrays) else PARTS[:2]
    names = [f"{axis}_{part}" for part in parts for axis in "xy"]
    _check_names(path, arrays, names, "Name them so, or write another split for x and y.")
    split = {}
    for part in parts:
        x, y = f"x_{part}", f"y_{part}"
        split[part] = _samples(arrays[x], arrays[y], f"{path}, {x}", f"{path}, {y}")
        shape, expected = arrays[x].shape[1:], arrays["x_train"].shape[1:]
        if shape != expected:
            words = f"samples of the shape {list(expected)}, as in x_train"
            refuse(f"{path}, {x}", words, list(shape))
    return split


def _read(path):
    """The array of an .npy file, or a dict of those of an .npz file."""
    path = Path(path)
    try:
        check_fits(path, _memory(path))
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    # What is refused for memory is told already, and no memory is no fault of the file.
    except (DataError, MemoryError):
        raise
    # Whatever the readers of a damaged file raise.
    except Exception as error:
        if "pickle" in str(error).lower():
            fix = "Convert it by astype: an object is never loaded, since it may run code."
            refuse(path, "arrays of numbers or text", "Python objects", fix)
        refuse(path, "a file that NumPy wrote", first_line(error), "Write it by np.save.")


def _memory(path):
    """Bytes that the arrays of a file take, as they are and on their way to single precision."""
    if path.suffix == ".npy":
        with path.open("rb") as file:
            return _memory_of_array(file)
    with zipfile.ZipFile(path) as archive:
        return sum(_memory_of_array(archive.open(name)) for name in archive.namelist())


def _memory_of_array(file):
    # The header alone is read; a file of another kind raises ValueError here.
    read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
    major, _ = np.lib.format.read_magic(file)
    shape, _, dtype = read[min(major, 2)](file)
    return math.prod(shape) * (2 * dtype.itemsize + 16)


def _check_names(path, arrays, expected, fix):
    missing = [name for name in expected if name not in arrays]
    if missing:
        refuse(path, f"the arrays {', '.join(expected)}", ", ".join(arrays) or "none", fix)


def _samples(x, y, where_x, where_y):
    """Samples of two arrays, if they fit each other; the places are in words."""
    if x.dtype.kind not in "biuf":
        refuse(where_x, "numbers", x.dtype.name, "Convert it by astype.")
    if not x.size:
        refuse(where_x, "samples with features", f"none in the shape {list(x.shape)}")
    if x.ndim < 2:
        fix = "For a single feature, reshape it to [n, 1]."
        refuse(where_x, "an axis of samples and one or more of features", list(x.shape), fix)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        fix = "Of one-hot labels take argmax(axis=1)."
        refuse(where_y, "one target per sample, shape [n]", list(y.shape), fix)
    if len(x) != len(y):
        refuse(where_y, f"{len(x)} targets, one per sample", len(y))
    with np.errstate(over="ignore"):
        finite = np.isfinite(x.astype(np.float32))
    if not finite.all():
        index = np.argwhere(~finite)[0]
        fix = "Fill it in, or remove the sample."
        expected = "numbers that are finite in single precision"
        refuse(f"{where_x}, sample {index[0] + 1}", expected, x[tuple(index)], fix)
    return Samples(x, y, where_x, where_y, lambda index: f"{where_y}, sample {index + 1}")
