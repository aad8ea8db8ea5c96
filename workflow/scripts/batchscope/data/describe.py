"""What the data are, and what was done to them."""

import numpy as np

from batchscope.config.losses import compares_numbers
from batchscope.data.dataset import sha256


def describe(dataset, loss, arrays, names, feature_names, weights):
    """What dataset.json says, as plain values.

    Args:
        dataset: `dataset` of a completed study.
        loss: its `model.loss`.
        arrays: as of `dataset.load`.
        names: of the classes, None for numbers.
        feature_names: of a table's features, else None.
        weights: of the classes in the loss, or None.
    """
    targets = {name[2:]: y for name, y in arrays.items() if name.startswith("y_")}
    [kind] = {"source", "table", "arrays"} & set(dataset)
    table, given = dataset.get("table", {}), dataset["split"] == "given"
    counted = {
        part: [int(np.sum(y == label)) for label in range(len(names))]
        for part, y in targets.items()
        if names is not None
    }
    return {
        "source": dataset.get("source", kind),
        "arguments": dataset.get("arguments", dataset.get(kind)),
        "task": "regression" if compares_numbers(loss) else "classification",
        "target": table.get("target"),
        "sizes": {part: len(y) for part, y in targets.items()},
        "split": dataset["split"],
        "split_seed": None if given or dataset["split"] == "first" else dataset["split_seed"],
        "features": list(arrays["x_train"].shape[1:]),
        "feature_names": feature_names,
        "standardized": dataset["standardize"],
        "missing": table.get("missing"),
        "class_names": names,
        "class_counts": counted,
        "class_weights": None if weights is None else weights.tolist(),
        "sha256": sha256(arrays),
    }
