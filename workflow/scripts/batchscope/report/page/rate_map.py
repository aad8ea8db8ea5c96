"""What the study page holds of a learning-rate map."""

import numpy as np

from batchscope.analysis.interval import read_intervals
from batchscope.report.rate_map import rate_map_sentences

# What is drawn against the learning rate: column -> its name for reading.
MEASURES = {
    "expected_epochs": "expected epochs to the target",
    "best_val_loss": "mean best validation loss",
}


def rate_map_content(table, facts):
    """What the page holds of the map of one recipe.

    Args:
        table: DataFrame of the recipe's map.
        facts: `rate_map` of the recipe in recommendation.json.

    Returns:
        dict of plain values. Of an interval [value, low, high] a part that is not known, or
        lies above what could be seen, is None. Of a best rate None lies beyond an end of the
        grid, which `beyond` names.
    """
    sizes = table.drop_duplicates("batch_size")
    best = np.stack(read_intervals(sizes, "best_rate"), axis=1)
    return {
        "rates": sorted({float(rate) for rate in table["learning_rate"]}),
        "measures": {
            name: {
                "name": title,
                "cells": [
                    {"batch": int(size), "x": float(rate), "limits": _numbers(limits)}
                    for size, rate, limits in zip(
                        table["batch_size"],
                        table["learning_rate"],
                        np.stack(read_intervals(table, name), axis=1),
                        strict=True,
                    )
                ],
            }
            for name, title in MEASURES.items()
        },
        "best": [
            {"batch": int(size), "limits": _numbers(limits), "beyond": _beyond(limits[0])}
            for size, limits in zip(sizes["batch_size"], best, strict=True)
        ],
        "taken_by": facts["measure"],
        "sentences": rate_map_sentences(facts),
    }


def _numbers(limits):
    return [float(f"{x:.4g}") if np.isfinite(x) else None for x in limits]


def _beyond(value):
    return {np.inf: "highest", -np.inf: "lowest"}.get(value)
