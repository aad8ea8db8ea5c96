"""The schema of recommendation.json leaves no level open, and names every measure."""

import copy

import jsonschema
import pytest
from answers import SCHEMA, read_answer

from batchscope.analysis.measures import INFINITIES
from batchscope.results import METRICS, TEST, validation


def test_the_schema_has_every_measure():
    described = SCHEMA["$defs"]["point"]["properties"]["measures"]["properties"]
    ends = [
        f"{which}_{column}"
        for metric in METRICS.values()
        for which, column in (
            ("final", validation(metric)),
            ("best", validation(metric)),
            ("final", TEST + metric.name),
        )
    ]
    assert sorted(described) == sorted([*INFINITIES, *ends])


def mappings(value):
    """Every mapping in a JSON value that has fixed keys."""
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from mappings(below)
    elif isinstance(value, list):
        for below in value:
            yield from mappings(below)


@pytest.mark.parametrize("study", ["one_recipe", "common_target"])
def test_an_undocumented_key_is_refused_at_every_level(study):
    answer = read_answer(study)
    for number, level in enumerate(mappings(answer)):
        if level is answer["recipes"]:
            continue
        changed = copy.deepcopy(answer)
        list(mappings(changed))[number]["undocumented"] = 1
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(changed, SCHEMA)
