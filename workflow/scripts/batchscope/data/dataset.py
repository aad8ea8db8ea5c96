"""The dataset: made, split and described once per study."""

import hashlib
import json
from pathlib import Path

import numpy as np

ARRAYS = ("x_train", "y_train", "x_validation", "y_validation")


def make(source, arguments, train_size):
    """Make the data and split it: the first `train_size` samples train, the others validate.

    Args:
        source: name of a function of sklearn.datasets that returns (x, y).
        arguments: its keyword arguments.
        train_size: number of training samples.

    Returns:
        dict of x_train float32 [n, features], y_train int32 [n], x_validation, y_validation.
    """
    from sklearn import datasets

    x, y = getattr(datasets, source)(**arguments)
    x, y = x.astype(np.float32), y.astype(np.int32)
    split = np.split(x, [train_size]), np.split(y, [train_size])
    return dict(zip(ARRAYS, (split[0][0], split[1][0], split[0][1], split[1][1]), strict=True))


def sha256(arrays):
    """Hex digest over the names, types, shapes and bytes of the four arrays."""
    digest = hashlib.sha256()
    for name in ARRAYS:
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def describe(source, arguments, arrays):
    """What the data is, as plain values for dataset.json."""
    classes = np.union1d(arrays["y_train"], arrays["y_validation"])
    halves = {"train": arrays["y_train"], "validation": arrays["y_validation"]}
    return {
        "source": source,
        "arguments": arguments,
        "sizes": {half: len(y) for half, y in halves.items()},
        "features": list(arrays["x_train"].shape[1:]),
        "class_names": [str(label) for label in classes],
        "class_counts": {
            half: [int(np.sum(y == label)) for label in classes] for half, y in halves.items()
        },
        "sha256": sha256(arrays),
    }


def save(arrays, description, npz_path, json_path):
    """Write dataset.npz and dataset.json."""
    np.savez(npz_path, **arrays)
    Path(json_path).write_text(json.dumps(description, indent=2) + "\n")


def load(npz_path):
    """Read dataset.npz: a dict of the four arrays."""
    with np.load(npz_path, allow_pickle=False) as file:
        return {name: file[name] for name in ARRAYS}
