"""Every code of the schema is said in words of its own, and a new one cannot be forgotten."""

import functools
import operator

import pytest
from answers import SCHEMA, read_answer

from batchscope.report.summary import summary_markdown


def find_codes(schema, place=()):
    """Every enum of a schema: dict place -> codes, the place by its keys with dots between."""
    found = {}
    for key, below in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if key == "enum":
            found[".".join(place)] = below
        elif isinstance(below, dict | list):
            structure = isinstance(key, int) or key in ("$defs", "properties", "items", "anyOf")
            found |= find_codes(below, place if structure else (*place, key))
    return found


CODES = find_codes(SCHEMA)

# Where an answer has the codes of a place; the place's last key is theirs.
RECIPE = "recipes", "sgd_tuned"
WHERE = {
    "intervals.kind": ("intervals",),
    "intervals.kind_of_means": ("intervals",),
    "overall.status": ("overall",),
    "interval.above": ("points", 0, "measures", "target_epoch"),
    "interval.below": (*RECIPE, "law", "b_crit_samples"),
    "chosen.learning_rate_edge": (*RECIPE, "recommendation", "candidates", 1),
    "recommendation.excluded.reason": (*RECIPE, "recommendation", "excluded", 0),
    "recommendation.soonest_missing": (*RECIPE, "recommendation"),
    "recommendation.rule_of_thumb.status": (*RECIPE, "recommendation", "rule_of_thumb"),
    "law.verdict": (*RECIPE, "law"),
    "rate_map.measure": (*RECIPE, "rate_map"),
    "rate_map.verdict": (*RECIPE, "rate_map"),
    "claim.claim": (*RECIPE, "claims", 3),
    "claim.verdict": (*RECIPE, "claims", 0),
    "claim.budget": (*RECIPE, "claims", 1),
    "sensitivity.ways.definition": (*RECIPE, "sensitivity", "ways", 0),
    "sensitivity.verdict": (*RECIPE, "sensitivity"),
    "cause.how": ("causes", 0),
    "cause.status": ("causes", 0),
    "point.learning_rate_edge": ("points", 0),
    "point.trained_by": ("points", 0),
}


def say(place, code):
    """The text of an answer that has a code at a place."""
    answer = read_answer("common_target")
    answer["overall"]["recipes_without_target"] = ["sgd_tuned"]
    recommendation = answer["recipes"]["sgd_tuned"]["recommendation"]
    recommendation["rule_of_thumb"]["point"] = recommendation["soonest"]["points"][0]
    excluded = {"recipe": "sgd_tuned", "batch_size": 4, "reached": 3, "same_as": 16}
    recommendation["excluded"] = [excluded | {"reason": "not_reached"}]

    key = place.rpartition(".")[2]
    holder = functools.reduce(operator.getitem, WHERE[place], answer)
    if key in ("above", "below"):
        holder |= {"value": 9.0, "low": 8.0, "high": 10.0, "above": [], "below": []}
        holder |= {code: None, key: [code]}
    else:
        holder[key] = code
    if place == "claim.verdict":
        # Of two sizes that compare, what is said is whether the claim holds.
        holder["holds"] = {"smaller": False, "larger": True}.get(code)
    if key == "soonest_missing" and code is not None:
        holder |= dict.fromkeys(["soonest", "rule_of_thumb"])
    return summary_markdown(answer)


# Of a single replicate `kind` has said that nothing has an interval.
SAID = CODES | {"intervals.kind_of_means": ["confidence", "range"]}


@pytest.mark.parametrize(
    ("place", "code"), [(place, code) for place, codes in SAID.items() for code in codes]
)
def test_every_code_has_words_of_its_own(place, code):
    said = say(place, code)
    assert all(said != say(place, other) for other in SAID[place] if other != code)


# Intervals have no words for codes, but for what is at their places.
@pytest.mark.parametrize("place", sorted(CODES.keys() - {"interval.above", "interval.below"}))
def test_a_code_without_words_is_not_passed_over(place):
    with pytest.raises(KeyError, match="a new code"):
        say(place, "a new code")
