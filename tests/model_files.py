"""Models in files, as users write them, and data for them."""

from pathlib import Path

import numpy as np

from batchscope.sources import file_digest

TEN = sorted((Path(__file__).parents[1] / "benchmarks" / "models").glob("*.py"))


def settings_of(path, loss="sparse_categorical_crossentropy"):
    """`model` of a config that names the file."""
    path = str(path)
    return {"file": path, "sha256": file_digest(path), "loss": loss, "metrics": ["accuracy"]}


def make_images(train=22, validation=10, shape=(8, 8, 1), classes=3):
    """Images of noise, whose brightness depends on the class."""
    generator = np.random.default_rng(7)
    arrays = {}
    for half, count in (("train", train), ("validation", validation)):
        y = np.arange(count, dtype=np.int32) % classes
        x = generator.uniform(size=(count, *shape)) + y.reshape(-1, *[1] * len(shape))
        arrays[f"x_{half}"] = (x / classes).astype(np.float32)
        arrays[f"y_{half}"] = y
    return arrays
