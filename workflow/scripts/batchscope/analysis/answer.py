"""Everything that a study says, as the plain values of recommendation.json."""

from batchscope.analysis.bootstrap import CONFIDENCE, DRAWS, LEVEL
from batchscope.analysis.causes import find_causes
from batchscope.analysis.claims import judge_claims
from batchscope.analysis.law_table import law_facts
from batchscope.analysis.recommendation import recommend
from batchscope.analysis.sensitivity import find_sensitivity
from batchscope.analysis.summary_table import total

SCHEMA_VERSION = 1


def answer(measurements, rows, sensitivity, laws, recipes):
    """What a study says.

    Args:
        measurements: the study's Measurements.
        rows: from `summary_table.summary_rows`.
        sensitivity: DataFrame of sensitivity.csv.
        laws: dict recipe -> DataFrame of its scaling table.
        recipes: `recipes` of the config.

    Returns:
        dict of plain values that is valid against recommendation.schema.yaml.
    """
    boot = measurements.boot
    confident = boot.kind == CONFIDENCE
    convergence = measurements.convergence
    return {
        "schema_version": SCHEMA_VERSION,
        "intervals": {
            "kind": boot.kind,
            "kind_of_means": boot.kind_of_means,
            "level": LEVEL if confident else None,
            "replicates": boot.replicates,
            "draws": DRAWS if confident else None,
        },
        "recipes": {
            recipe: _recipe(
                measurements,
                rows,
                measurements.rows(recipe),
                law_facts(laws[recipe]),
                find_sensitivity(
                    convergence[convergence["recipe"] == recipe],
                    sensitivity[sensitivity["recipe"] == recipe],
                    one_device=len({row["device"] for row in rows if row["recipe"] == recipe}) == 1,
                ),
            )
            for recipe in measurements.recipes
        },
        "overall": _overall(measurements, rows),
        "causes": find_causes(measurements, rows, recipes),
        "points": [
            row | {"measures": {name: i.as_json() for name, i in row["measures"].items()}}
            for row in rows
        ],
    }


def _recipe(measurements, rows, own, law, sensitivity):
    first = rows[own[0]]
    return {
        "target": {"metric": first["target_metric"], "value": first["target"]},
        "tuning_seconds": total(rows[row]["tuning_seconds"] for row in own) or None,
        "recommendation": recommend(measurements, rows, own),
        "law": law,
        "claims": judge_claims(measurements, rows, own),
        "sensitivity": sensitivity,
    }


def _overall(measurements, rows):
    """The recommendation over all recipes, if they share a target."""
    targets = {row["recipe"]: row["target"] for row in rows}
    unset = [recipe for recipe, target in targets.items() if target is None]
    status = "common_target"
    if len(targets) == 1:
        status = "one_recipe"
    elif unset:
        status = "no_target"
    elif len(set(targets.values())) > 1:
        status = "own_targets"
    common = status == "common_target"
    return {
        "status": status,
        "recipes_without_target": unset,
        "recommendation": recommend(measurements, rows, range(len(rows))) if common else None,
    }
