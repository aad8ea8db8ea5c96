"""The files of the dataset: written once per study, read by every training."""

import hashlib
import io
from pathlib import Path

import numpy as np

from batchscope.files import read_json, seal, write_json, written_aside
from batchscope.naming import naming

ARRAYS = ("x_train", "y_train", "x_validation", "y_validation")
# Only with class weights, or with a test part.
FURTHER = ("weight_train", "x_test", "y_test")


def sha256(arrays):
    """Hex digest over the names, types, shapes and bytes of the arrays."""
    digest = hashlib.sha256()
    for name in (*ARRAYS, *(name for name in FURTHER if name in arrays)):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def save(arrays, description, npz_path, json_path):
    """Write dataset.npz and dataset.json."""
    with written_aside(npz_path, "wb") as file:
        np.savez(file, **arrays)
    write_json(json_path, description)
    seal(json_path)


def load(npz_path, json_path):
    """Read dataset.npz, as dataset.json describes it.

    Raises:
        ValueError: if it holds other arrays, or cannot be read, naming it.
        MemoryError: if it does not fit into memory.

    Returns:
        dict of x_train float32 [n, ...], y_train int32 or float32 [n], x_validation,
        y_validation; where they were made, also weight_train float32 [n], x_test, y_test.
    """
    with naming(npz_path):
        content = Path(npz_path).read_bytes()
    described = read_json(json_path)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        found = sha256(arrays)
    # That they do not fit is no fault of the file.
    except MemoryError:
        raise
    # Whatever the reader of a damaged archive raises.
    except Exception as error:
        found, arrays = f"{type(error).__name__}: {error}", {}
    if found != described["sha256"]:
        raise ValueError(
            f"{npz_path}: expected the arrays that {json_path} describes, of the digest "
            f"{described['sha256']}. Received {found}. Make them again: add to your snakemake "
            f"command\n  --forcerun {npz_path}"
        )
    return arrays
