"""A training begins with the weights that Keras gives to a model that is built for it."""

import numpy as np
import pytest
import yaml
from model_files import TEN, make_images, settings_of
from project import ROOT

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())["$defs"]
INITIALIZERS = SCHEMA["initializer"]["enum"]
REQUIRED = {"Dense": {"units": 4}, "Dropout": {"rate": 0.3}}


@pytest.fixture(scope="module")
def library(keras):
    from batchscope.training import model

    return model


def kinds():
    """Every layer that a config allows, with what it requires alone; and a Dropout of nothing."""
    return [{name: REQUIRED.get(name, {})} for name in SCHEMA["layer"]["properties"]] + [
        {"Dropout": {"rate": 0}}
    ]


def networks():
    """Every kind of layer behind every initializer; without a bias; and a mask first."""
    for initializer, other in zip(INITIALIZERS, reversed(INITIALIZERS), strict=True):
        dense = {"units": 5, "kernel_initializer": initializer}
        last = {"units": 3, "kernel_initializer": other, "use_bias": False}
        yield [{"Flatten": {}}, {"Dense": dense}, *kinds(), {"Dense": last}]
    yield [{"Dropout": {"rate": 0.5}}, *kinds(), {"Dense": {"units": 3}}]


@pytest.mark.parametrize("layers", list(networks()))
def test_initial_weights_are_those_of_a_fresh_model(library, layers):
    arrays = make_images()
    point = {"model": {"layers": layers, "loss": "sparse_categorical_crossentropy"}}
    model = library.fresh_model(point, arrays, 1, 1)
    drawn = []
    # In any order, and again.
    for replicate in (2, 1, 3, 2):
        values = library.initial_weights(model, point, arrays, 1, replicate)
        fresh = library.fresh_model(point, arrays, 1, replicate)
        expected = [variable.numpy() for variable in fresh.variables]
        assert [v.tobytes() for v in values] == [v.tobytes() for v in expected]
        assert [(v.shape, v.dtype) for v in values] == [(v.shape, v.dtype) for v in expected]
        drawn.append(b"".join(v.tobytes() for v in values))
    assert len(set(drawn)) == 3 and drawn[0] == drawn[3]


@pytest.mark.parametrize("path", [path for path in TEN if path.stem in ("dropout", "residual")])
def test_a_model_file_is_built_for_each_replicate(library, path):
    arrays, point = make_images(), {"model": settings_of(path)}
    model = library.fresh_model(point, arrays, 1, 1)
    values = library.initial_weights(model, point, arrays, 1, 2)
    expected = [v.numpy() for v in library.fresh_model(point, arrays, 1, 2).variables]
    assert all(map(np.array_equal, values, expected))
