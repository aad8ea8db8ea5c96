"""What the config knows of the data before they are made, against scikit-learn itself."""

import inspect

import numpy as np
import pytest
import yaml
from sklearn import datasets

from batchscope.config import schema
from batchscope.config.known import SOURCES, classes, samples, training_samples
from batchscope.config.losses import LOSSES, describe_output
from batchscope.config.split import find_empty_parts, part_sizes

SCHEMA = yaml.safe_load(schema.SCHEMA.read_text())
# What the functions return, and what returns something else than one target.
NOT_OFFERED = {"return_X_y", "as_frame", "return_centers", "coef", "n_targets"}
# Scikit-learn draws 3 centers where none are given.
OTHER_DEFAULTS = {"centers"}


def branches():
    """The part of the schema with the arguments of each source."""
    found = {}
    for branch in SCHEMA["properties"]["dataset"]["allOf"]:
        condition = branch["if"]["properties"]["source"]
        name = branch["then"]["properties"]["arguments"]["$ref"].split("/")[-1]
        for source in condition.get("enum", [condition.get("const")]):
            assert source not in found
            found[source] = SCHEMA["$defs"][name]
    return found


def resolved(node):
    if "$ref" not in node:
        return node
    return SCHEMA["$defs"][node["$ref"].split("/")[-1]] | node


def test_every_source_has_its_arguments_and_what_is_known_of_it():
    offered = SCHEMA["properties"]["dataset"]["properties"]["source"]["enum"]
    assert offered == list(SOURCES)
    assert set(branches()) == set(offered)


@pytest.mark.parametrize("source", SOURCES)
def test_arguments_are_those_of_the_function(source):
    parameters = inspect.signature(getattr(datasets, source)).parameters
    properties = branches()[source]["properties"]
    assert set(properties) == set(parameters) - NOT_OFFERED
    for name, node in properties.items():
        default = resolved(node).get("default", parameters[name].default)
        assert default == parameters[name].default or name in OTHER_DEFAULTS, name


def arguments(source):
    return {"n_samples": 40, "random_state": 1} if source.startswith("make_") else {}


@pytest.mark.parametrize("source", SOURCES)
def test_samples_and_classes_are_those_that_are_made(source):
    loads = {} if source.startswith("make_") else {"return_X_y": True}
    defaults = {"centers": 3, "n_class": 10, "n_classes": 2}
    defaults = {k: v for k, v in defaults.items() if k in branches()[source]["properties"]}
    x, y = getattr(datasets, source)(**arguments(source), **defaults, **loads)
    dataset = {"source": source, "arguments": arguments(source) | defaults}
    assert samples(dataset) == len(x) == len(y)
    count = classes(dataset)
    if count is None:
        assert len(np.unique(y)) > 20
    else:
        assert np.array_equal(np.unique(y), np.arange(count))


def test_fewer_digits_are_not_counted():
    assert samples({"source": "load_digits", "arguments": {"n_class": 3}}) is None
    assert classes({"source": "load_digits", "arguments": {"n_class": 3}}) == 3


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ({"source": "load_iris", "arguments": {}, "train_size": 0.5}, 75),
        ({"source": "load_iris", "arguments": {}, "train_size": 70}, 70),
        ({"table": {}, "train_size": 70}, 70),
        ({"table": {}, "train_size": 0.5}, None),
        ({"arrays": {}, "split": "given"}, None),
    ],
)
def test_training_samples_are_known_where_only_the_config_tells(dataset, expected):
    assert training_samples({"test_size": 0} | dataset) == expected


@pytest.mark.parametrize(
    ("n", "train_size", "test_size", "expected"),
    [
        (1000, 500, 0, (500, 500, 0)),
        (100, 0.5, 0.25, (50, 25, 25)),
        # As floats, 0.29 of 100 are 28.999999999999996, and 0.57 of 100 are 56.99999999999999.
        (100, 0.29, 0.57, (29, 14, 57)),
        (9, 0.5, 0.1, (4, 5, 0)),
        (150, 0.6, 10, (90, 50, 10)),
        (10, 20, 0, (20, -10, 0)),
        (100000, 1e-05, 0, (1, 99999, 0)),
    ],
)
def test_sizes_of_the_parts_are_counted_exactly(n, train_size, test_size, expected):
    assert part_sizes(n, train_size, test_size) == expected
    empty = [part < 1 for part in expected[: 3 if test_size else 2]]
    assert len(list(find_empty_parts(n, train_size, test_size))) == sum(empty)


@pytest.mark.parametrize(
    ("layers", "units", "flat"),
    [
        ([{"Dense": {"units": 3}}], 3, True),
        ([{"Flatten": {}}, {"Dense": {"units": 1}}], 1, False),
        (None, None, False),
    ],
)
def test_what_the_data_have_to_fit(layers, units, flat):
    loss = next(iter(LOSSES))
    model = {"loss": loss} | ({"layers": layers} if layers else {"file": "model.py"})
    assert describe_output(model) == {"loss": loss, "units": units, "flat": flat}


def test_losses_are_those_of_the_schema():
    assert list(LOSSES) == SCHEMA["properties"]["model"]["properties"]["loss"]["enum"]
