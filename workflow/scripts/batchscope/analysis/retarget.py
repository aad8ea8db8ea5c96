"""What a study says under other targets than its own, for each of a grid of them."""

import functools
from concurrent.futures import ProcessPoolExecutor

import pandas as pd

from batchscope.analysis.convergence_table import target_rows
from batchscope.analysis.law_table import law_facts, law_table
from batchscope.analysis.measurements import measure
from batchscope.analysis.measures import STABLE
from batchscope.analysis.pace import seconds_per_epoch
from batchscope.analysis.recommendation import recommend
from batchscope.analysis.staircases import grid_of_targets, rounded

# Targets in the metric of the study's own target, and in each other one.
TARGETS, OTHER_TARGETS = 40, 20

# So many times the study's own draws would take minutes.
GRID_DRAWS = 500

# Targets that a process takes at once: all that was saved is sent to it with them.
CHUNK = 5


def target_grids(points, convergence, settings):
    """The targets that are computed in advance.

    Args:
        points: list of DrawnPoint.
        convergence: the rows of epochs.csv of these points, a DataFrame.
        settings: `convergence` of the config.

    Returns:
        dict metric -> list of `settings` with a target that is a number, the easiest first. None of
        them reads as a target of the study's own.
    """
    target = settings["target"]
    targets = convergence.loc[convergence["metric"] == target["metric"], "target"]
    own, grids = {rounded(value) for value in targets.dropna()}, {}
    for metric in points[0].staircases:
        is_own = metric == target["metric"]
        runs = [run for point in points for run in point.staircases[metric]]
        grid = grid_of_targets(runs, metric, TARGETS if is_own else OTHER_TARGETS)
        grids[metric] = [
            settings | {"target": target | {"metric": metric, "value": value}}
            for value in grid
            if not (is_own and value in own)
        ]
    return grids


def targets_of(grids, metric, answer):
    """The targets that a page can show: dict metric -> list of float.

    Args:
        grids: from `target_grids`.
        metric: of the study's own targets.
        answer: what recommendation.json holds.
    """
    targets = {name: [own["target"]["value"] for own in grid] for name, grid in grids.items()}
    own = (recipe["target"]["value"] for recipe in answer["recipes"].values())
    targets[metric] += [value for value in own if value is not None]
    return targets


def under_grids(saved, pace, convergence, grids, processes=1):
    """What a study says under other targets.

    Args:
        saved: list of SavedPoint, one of each point: at the learning rate that is taken of it.
        pace: DataFrame of pace.csv.
        convergence: the rows of epochs.csv that are of these, a DataFrame.
        grids: from `target_grids`.
        processes: how many share the work.

    Returns:
        dict metric -> list of (answer, laws) as of `under_target`, in the order of its grid.
    """
    under = functools.partial(under_target, saved, pace, convergence, draws=GRID_DRAWS)
    with ProcessPoolExecutor(processes) as pool:
        return {
            metric: list(pool.map(under, own, chunksize=CHUNK)) for metric, own in grids.items()
        }


def under_target(saved, pace, convergence, settings, draws):
    """What a study says under one target for all recipes.

    Args:
        saved: list of SavedPoint, as of `under_grids`.
        pace: DataFrame of pace.csv.
        convergence: as of `under_grids`; the rows of `stable` are used.
        settings: as `convergence` of the config, with a target that is a number.
        draws: of the bootstrap.

    Returns:
        (answer, laws): a part of recommendation.json, as `answer.answer` has it, and dict recipe
        -> DataFrame of its scaling table.
    """
    target = settings["target"]
    rows = target_rows(saved, seconds_per_epoch(saved, pace), settings)
    stable = convergence[convergence["definition"] == STABLE]
    measurements = measure(saved, pace, pd.concat([rows, stable]), settings, draws=draws)
    recipes = measurements.recipes
    laws = {recipe: law_table(measurements, recipe) for recipe in recipes}
    told = {
        "recipes": {
            recipe: {
                "target": {"metric": target["metric"], "value": target["value"]},
                "recommendation": recommend(measurements, measurements.rows(recipe)),
                "law": law_facts(laws[recipe]),
            }
            for recipe in recipes
        },
        "overall": {
            "recommendation": recommend(measurements, range(len(saved)))
            if len(recipes) > 1
            else None
        },
        "points": [
            row | {"measures": {name: i.as_json() for name, i in row["measures"].items()}}
            for row in measurements.summaries
        ],
    }
    return told, laws
