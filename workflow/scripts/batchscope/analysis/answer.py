"""Everything that a study says, as the plain values of recommendation.json."""

from batchscope.analysis.bootstrap import CONFIDENCE, DRAWS, LEVEL
from batchscope.analysis.causes import find_causes
from batchscope.analysis.claims import judge_claims
from batchscope.analysis.law_table import law_facts
from batchscope.analysis.rate_map import rate_facts
from batchscope.analysis.recommendation import recommend
from batchscope.analysis.sensitivity import find_sensitivity
from batchscope.analysis.summary_table import moving_timescale, total

SCHEMA_VERSION = 1


def answer(measurements, sensitivity, laws, rate_maps, recipes, missing=()):
    """What a study says.

    Args:
        measurements: the study's Measurements.
        sensitivity: DataFrame of sensitivity.csv.
        laws: dict recipe -> DataFrame of its scaling table.
        rate_maps: dict recipe -> DataFrame of its map, of recipes with a grid.
        recipes: `recipes` of the config.
        missing: (recipe, batch size) of the points that the study is without.

    Returns:
        dict of plain values that is valid against recommendation.schema.yaml.
    """
    boot = measurements.boot
    confident = boot.kind == CONFIDENCE
    imported = any("histories" in point.job for point in measurements.saved)
    return {
        "schema_version": SCHEMA_VERSION,
        "imported": imported,
        "missing": [{"recipe": recipe, "batch_size": size} for recipe, size in missing],
        "intervals": {
            "kind": boot.kind,
            "kind_of_means": boot.kind_of_means,
            "level": LEVEL if confident else None,
            "replicates": boot.replicates,
            "draws": DRAWS if confident else None,
        },
        "recipes": {
            recipe: _recipe(measurements, recipe, laws[recipe], sensitivity)
            | {"rate_map": rate_facts(rate_maps[recipe]) if recipe in rate_maps else None}
            for recipe in measurements.recipes
        },
        "overall": _overall(measurements),
        # How the learning rates of other trainings were set is not known.
        "causes": [] if imported else find_causes(measurements, recipes),
        "points": [
            own | {"measures": {name: i.as_json() for name, i in own["measures"].items()}}
            for own in measurements.summaries
        ],
    }


def _recipe(measurements, recipe, law, sensitivity):
    rows, convergence = measurements.rows(recipe), measurements.convergence
    own = [measurements.summaries[row] for row in rows]
    return {
        "target": {"metric": own[0]["target_metric"], "value": own[0]["target"]},
        "tuning_seconds": total(summary["tuning_seconds"] for summary in own),
        "moving_timescale": moving_timescale(own),
        "recommendation": recommend(measurements, rows),
        "law": law_facts(law),
        "claims": judge_claims(measurements, rows),
        "sensitivity": find_sensitivity(
            convergence[convergence["recipe"] == recipe],
            sensitivity[sensitivity["recipe"] == recipe],
        ),
    }


def _overall(measurements):
    """The recommendation over all recipes, if they share a target."""
    summaries = measurements.summaries
    targets = {summary["recipe"]: summary["target"] for summary in summaries}
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
        "recommendation": recommend(measurements, range(len(summaries))) if common else None,
    }
