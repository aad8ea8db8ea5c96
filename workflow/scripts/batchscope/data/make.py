"""The dataset of a study: read, checked, split, made numbers of and described."""

import numpy as np

from batchscope.data.arrays import read_arrays, read_split
from batchscope.data.describe import describe
from batchscope.data.features import prepare
from batchscope.data.samples import refuse
from batchscope.data.sklearn_source import read_source
from batchscope.data.split import check_training_classes, split
from batchscope.data.targets import encode


def make(dataset, loss, units=None, flat=False):
    """Make the arrays that a study trains on.

    Args:
        dataset: `dataset` of a completed study.
        loss: its `model.loss`.
        units: of the last layer, None if only the model tells.
        flat: whether the layers take samples of one axis only.

    Returns:
        (arrays as of `dataset.load`, what dataset.json says of them).

    Raises:
        DataError: if no study can be made of the data.
    """
    parts, names = _parts(dataset, loss, units)
    if names is not None:
        check_training_classes(parts["train"].y, names, dataset["split"])
    missing = dataset.get("table", {}).get("missing", "refuse")
    x = {part: samples.x for part, samples in parts.items()}
    x, feature_names = prepare(x, missing, dataset["standardize"], parts["train"].file)
    if flat and x["train"].ndim > 2:
        shape, fix = list(x["train"].shape[1:]), "Begin the layers with Flatten: {}."
        refuse("model.layers", f"a layer that takes samples of the shape {shape}", "none", fix)
    arrays = {}
    for part, samples in parts.items():
        arrays |= {f"x_{part}": x[part], f"y_{part}": samples.y}
    weights = None
    if "class_weight" in dataset:
        weights = _class_weights(dataset["class_weight"], arrays["y_train"])
        arrays["weight_train"] = weights[arrays["y_train"]].astype(np.float32)
    return arrays, describe(dataset, loss, arrays, names, feature_names, weights)


def _parts(dataset, loss, units):
    """(dict part -> Samples with encoded targets, names of the classes)."""
    if dataset["split"] == "given":
        given = read_split(dataset["arrays"])
        y, names = encode(_joined(list(given.values())), loss, units)
        ends = np.cumsum([len(samples.y) for samples in given.values()])
        encoded = zip(given.items(), np.split(y, ends[:-1]), strict=True)
        return {part: samples._replace(y=values) for (part, samples), values in encoded}, names
    samples = _read(dataset)
    y, names = encode(samples, loss, units)
    samples = samples._replace(y=y)
    indices = split(y, dataset, names)
    return {part: samples.take(chosen) for part, chosen in indices.items()}, names


def _read(dataset):
    if "source" in dataset:
        return read_source(dataset["source"], dataset["arguments"])
    if "table" in dataset:
        # Pandas and pyarrow take a second, which only tables have to wait.
        from batchscope.data.table import read_table

        return read_table(dataset["table"])
    return read_arrays(dataset["arrays"])


def _joined(parts):
    """The targets of several Samples as those of one."""
    places = [(samples, index) for samples in parts for index in range(len(samples.y))]
    y = np.concatenate([samples.y for samples in parts])

    def place(index):
        samples, inside = places[index]
        return samples.place(inside)

    return parts[0]._replace(x=None, y=y, place=place)


def _class_weights(how, y):
    """float64 [classes]: n / (classes * samples of the class), if balanced."""
    from sklearn.utils.class_weight import compute_class_weight

    return compute_class_weight(how, classes=np.unique(y), y=y)
