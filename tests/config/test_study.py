"""A config becomes a study: nothing of it is modified, every default is filled in."""

import collections
import copy
import json
import re
from datetime import date

import pytest
import yaml
from configs import FULL, SMALL, small

from batchscope.config.study import ConfigError, load_study, resolve_point


def places(value, path=()):
    """The path of every value of a config, inner levels included."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for part, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, part))


@pytest.mark.parametrize(
    "junk",
    [
        *(None, True, -1, 0, 10**400, -(10**20), 1.5, -0.5, -0.0, -4.0, 1e-50, 1e300),
        *(float("inf"), float("nan"), "x", "", "4", "4\n", "a" * 300, "9" * 5000, [], [None], {}),
        *({"x": 1}, {None: 1}, {(1, 2): {"a\nb": "c\nd"}}, {1, 2}, b"x", date(2000, 1, 1)),
    ],
    ids=lambda junk: f"{junk!r:.10}",
)
def test_no_value_breaks_the_check_itself(junk):
    completed = load_study(FULL)
    paths = list(places(completed))
    assert len(paths) > 50
    for path in paths:
        config = copy.deepcopy(completed)
        level = config
        for part in path[:-1]:
            level = level[part]
        level[path[-1]] = copy.deepcopy(junk)
        try:
            study = load_study(config)
        except ConfigError as error:
            lines = str(error).splitlines()[1:]
            assert lines, path
            assert len(lines) == len(set(lines)), path
            for line in lines:
                assert re.fullmatch(r"  \S.*: expected \S.*\. Received: \S.*[.…?]", line), line
                assert len(line) < 400
        else:
            for recipe in study["recipes"]:
                for size in study["batch_sizes"]:
                    resolve_point(study, recipe["name"], size)


def nested(levels):
    return [nested(levels - 1)] if levels else 1


@pytest.mark.parametrize("levels", [30, 900])
def test_deep_nesting_is_refused(levels):
    for key in ("seed", "recipes", "unknown"):
        with pytest.raises(ConfigError, match="nested"):
            load_study(small() | {key: nested(levels)})


def test_json_makes_the_same_study():
    """Snakemake reads it into ordered dicts, with the batch sizes of overrides as text."""
    config = json.loads(json.dumps(FULL), object_pairs_hook=collections.OrderedDict)
    assert repr(load_study(config)) == repr(load_study(FULL))


def test_input_is_not_modified():
    config = small({"overrides": {8: {"epochs": 5}}, "convergence.target": {"hold": 2}})
    before = copy.deepcopy(config)
    study = load_study(config)
    study["recipes"][0]["arguments"]["beta_1"] = 0.5
    study["overrides"][8]["epochs"] = 6
    assert config == before


def test_defaults_are_filled_in_at_every_level():
    rates = [0.1, {"rule": "sqrt", "value": 0.1}, {"grid": [0.1, 0.2]}]
    recipes = [
        {"name": f"sgd_{index}", "optimizer": "SGD", "learning_rate": rate}
        for index, rate in enumerate(rates)
    ]
    study = load_study(small({"convergence.target": {"hold": 2}, "recipes": recipes}))
    assert study["seed"] == 1
    assert study["replicates"] == 30
    assert study["epochs"] == 100
    assert study["min_updates"] == 0
    assert study["overrides"] == {}
    assert study["dataset"]["arguments"] == {
        "n_samples": 20,
        "n_features": 2,
        "centers": 3,
        "cluster_std": 1.0,
        "random_state": 2,
    }
    assert study["model"]["loss"] == "sparse_categorical_crossentropy"
    assert study["model"]["metrics"] == ["accuracy"]
    assert [recipe["learning_rate"] for recipe in study["recipes"]] == [
        0.1,
        {"rule": "sqrt", "value": 0.1, "reference_batch_size": 32},
        {"grid": [0.1, 0.2]},
    ]
    assert [recipe["warmup_epochs"] for recipe in study["recipes"]] == [0, 0, 0]
    assert [recipe["arguments"] for recipe in study["recipes"]] == [{}, {}, {}]
    assert study["convergence"] == {
        "choose_rate_by": "time",
        "target": {
            "metric": "val_loss",
            "value": "auto",
            "tolerance": 0.05,
            "reference_batch_size": 32,
            "hold": 2,
        },
        "stable": {
            "metric": "val_accuracy",
            "window": 5,
            "band": 0.02,
            "level_epochs": 10,
            "min_epochs": 20,
        },
    }
    # Layers take the defaults of Keras, which the config does not repeat.
    assert study["model"]["layers"] == yaml.safe_load(SMALL)["model"]["layers"]


def test_defaults_of_one_study_are_not_shared_with_the_next():
    load_study(small())["convergence"]["target"]["hold"] = 99
    assert load_study(small())["convergence"]["target"]["hold"] == 3


def test_seed_zero_is_kept():
    assert load_study(small({"seed": 0}))["seed"] == 0


def test_schema_defaults_are_valid_themselves():
    """A wrong default would be reported to someone who never wrote it."""
    for config in (small(), FULL):
        completed = load_study(config)
        assert load_study(completed) == completed


@pytest.mark.parametrize("key", [8, "8"], ids=repr)
def test_override_keys_may_be_numbers_or_text(key):
    study = load_study(small({"overrides": {key: {"epochs": 5}}}))
    assert study["overrides"] == {8: {"epochs": 5}}
    assert resolve_point(study, "adam", 8)["epochs"] == 5
