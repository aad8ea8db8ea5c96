"""What the study page holds: the numbers that it draws and the sentences beside them, as JSON.

It is apart from how it is drawn, so another page can hold the contents of several studies. A number
is rounded to what can be seen; staircases are exact. Of an interval [value, low, high] a part that
lies above what could be seen is ABOVE, and None is not known.
"""

import numpy as np

from batchscope.analysis.interval import finite
from batchscope.report.headline import headline, status
from batchscope.report.law import law_sentence
from batchscope.report.page.rate_map import rate_map_content
from batchscope.report.recommendation import recommendation_sentences
from batchscope.report.tables import convergence_row, cost_row, quality_row
from batchscope.report.wording import UNKNOWN, bound_text, interval, metric_name, target_text
from batchscope.results import VALIDATION, metric_of, validation

ABOVE = ">"

# Columns of the table that a target changes: label, term that defines it, column of summary.csv.
MOVED = (
    ("runs that reach", "runs that reach", "target_reached"),
    ("epochs", "epochs", "target_epoch"),
    ("updates", "updates", "target_updates"),
    ("seconds", "seconds", "target_seconds"),
    ("expected seconds", "expected seconds", "expected_seconds"),
    ("expected examples", "expected examples", "expected_examples"),
)


def page_content(shown, target_metric, points, own, grids, rate_maps):
    """What the page holds of one study.

    Args:
        shown: the Metric that curves are first shown in.
        target_metric: of `convergence.target` of the config.
        points: list of DrawnPoint.
        own: (answer, laws) of the study: recommendation.json, and dict recipe -> DataFrame of its
            scaling table.
        grids: from `retarget.under_grids`.
        rate_maps: dict recipe -> DataFrame of its learning-rate map, of recipes with a grid.

    Returns:
        dict of plain values.
    """
    answer, _ = own
    return {
        "recipes": list(answer["recipes"]),
        "first_recipe": _best_recipe(answer["overall"]["recommendation"])
        or next(iter(answer["recipes"])),
        "metrics": {
            column: {
                "name": metric_name(column),
                "bound": bound_text(column),
                "falls": metric_of(column).falls,
                "training": column.removeprefix(VALIDATION),
            }
            for column in grids
        },
        "shown": validation(shown),
        "target_metric": target_metric,
        "fixed": list(_fixed(answer["points"][0])),
        "points": [
            _point(point, drawn) for point, drawn in zip(answer["points"], points, strict=True)
        ],
        "any_target": all(point.any_target for point in points),
        "own": _view(*own),
        "rate_maps": {
            name: rate_map_content(table, answer["recipes"][name]["rate_map"])
            for name, table in rate_maps.items()
            # Of hundreds of recipes some have no point on the page.
            if name in answer["recipes"]
        },
        "grids": {column: [_view(*view) for view in views] for column, views in grids.items()},
    }


def _best_recipe(overall):
    """The recipe that a recommendation over all names first; None without one."""
    first = overall and (overall["soonest"] or overall["cheapest"])
    return first and first["points"][0]["recipe"]


def _point(point, of_page):
    """What no target changes."""
    drawn = of_page.drawn
    pace = point["measures"]["seconds_per_epoch"]["value"]
    return {
        "recipe": point["recipe"],
        "batch_size": point["batch_size"],
        "effective_batch_size": point["effective_batch_size"],
        "updates_per_epoch": point["updates_per_epoch"],
        "seconds_per_epoch": pace,
        "replicates": point["replicates"],
        "out_of_memory": point["out_of_memory"],
        "last_epoch": finite(of_page.last_epoch),
        "epochs": drawn["epochs"].tolist(),
        "curves": {
            column: {name: _rounded(numbers) for name, numbers in own.items()}
            for column, own in drawn["columns"].items()
        },
        "runs": {column: [_rounded(run) for run in own] for column, own in drawn["runs"].items()},
        "staircases": {
            column: [[run.epochs.tolist(), run.values.tolist()] for run in own]
            for column, own in of_page.staircases.items()
        },
        "cells": [{"text": text, "number": value} for text, value in _fixed(point).values()],
    }


def _fixed(point):
    """The cells of the table that no target changes: label -> (text, number)."""
    measures, cost = point["measures"], cost_row(point)
    pace = measures["seconds_per_epoch"]["value"]
    cells = {
        "learning rate": (cost["learning rate"], point["learning_rate"]),
        "ms per epoch": (cost["ms per epoch"], None if pace is None else 1000 * pace),
    }
    numbers = [
        own["value"] for name, own in measures.items() if name.startswith(("best_", "final_"))
    ]
    texts = {name: text for name, text in quality_row(point).items() if name != "batch size"}
    return cells | dict(zip(texts, zip(texts.values(), numbers, strict=True), strict=True))


def _view(told, laws):
    """What a target changes."""
    replicates = told["points"][0]["replicates"]
    candidates, curves = {}, {}
    for name, recipe in told["recipes"].items():
        for candidate in recipe["recommendation"]["candidates"]:
            candidates[name, candidate["batch_size"]] = candidate
        for row in laws[name].to_dict("records"):
            curves[name, row["batch_size"]] = row
    overall, first = told["overall"]["recommendation"], next(iter(told["recipes"].values()))
    return {
        "targets": {name: recipe["target"]["value"] for name, recipe in told["recipes"].items()},
        "points": [
            _moved(
                point,
                candidates.get((point["recipe"], point["batch_size"])),
                curves[point["recipe"], point["batch_size"]],
            )
            for point in told["points"]
        ],
        "recipes": {
            name: _said(recipe["recommendation"], recipe["target"], replicates, several=False)
            | {"law": law_sentence(recipe["law"])}
            for name, recipe in told["recipes"].items()
        },
        "overall": overall
        and _said(overall, first["target"], replicates, several=True)
        | {"recipe": _best_recipe(overall)},
    }


def _said(recommendation, target, replicates, several):
    """The sentences of a recommendation."""
    return {
        "headline": headline(recommendation, target, replicates, several),
        "status": "" if target["value"] is None else status(recommendation, target, several),
        "target": None if target["value"] is None else target_text(target),
        "sentences": recommendation_sentences(recommendation, target, replicates, several),
    }


def _moved(point, candidate, law):
    """What a target changes of one point."""
    measures, row = point["measures"], convergence_row(point)
    expected = [candidate and candidate[f"expected_{what}"] for what in ("seconds", "examples")]
    return {
        "reached": point["target_reached"],
        "epoch": _limits(measures["target_epoch"]),
        "seconds": _limits(measures["target_seconds"]),
        "expected": [item and item["value"] for item in expected],
        "law": [_significant(law[f"law_updates{part}"]) for part in ("", "_low", "_high")]
        if law["law_extent"] == "within"
        else None,
        "texts": [
            row["reached target"],
            *(row[f"{time} to target"] for time in ("epochs", "updates", "seconds")),
            *(interval(item) if item else UNKNOWN for item in expected),
        ],
    }


def _limits(item):
    """An interval of recommendation.json as [value, low, high]."""
    return [
        ABOVE if part in item["above"] else _significant(item[part], 8)
        for part in ("value", "low", "high")
    ]


def _rounded(numbers):
    return [_significant(number) for number in numbers.tolist()]


def _significant(number, digits=4):
    """A number with so many significant digits; None for one that is not known or not finite."""
    return None if number is None or not np.isfinite(number) else float(f"{number:.{digits}g}")
