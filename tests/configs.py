"""A small valid config, the same with changes, and what the check says of one that is wrong."""

import copy
import re

import pytest
import yaml

from batchscope.config.study import ConfigError, load_study

SMALL = """
batch_sizes: [4, 8]
dataset:
  source: make_blobs
  arguments: {n_samples: 20, random_state: 2}
  train_size: 10
model:
  layers:
    - Dense: {units: 5, activation: relu}
    - Dense: {units: 3, activation: softmax}
recipes:
  - {name: adam, optimizer: Adam, learning_rate: 0.001}
"""
RATE = "recipes[0].learning_rate"
ABSENT = object()


def change(config, path, value):
    """Set one value of a config, at a path as messages write it; ABSENT takes the key away."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", path)
    *parents, last = [int(index) if index else name for index, name in parts]
    level = config
    for part in parents:
        level = level.setdefault(part, {}) if isinstance(level, dict) else level[part]
    if value is ABSENT:
        del level[last]
    else:
        level[last] = copy.deepcopy(value)


def small(changes=()):
    """The small valid config with a dict path -> value of changes."""
    config = yaml.safe_load(SMALL)
    for path, value in dict(changes).items():
        change(config, path, value)
    return config


def problems(config):
    """The lines of the error, without the headline."""
    with pytest.raises(ConfigError) as raised:
        load_study(config)
    headline, *lines = str(raised.value).splitlines()
    assert headline == "the config cannot be run:"
    return [line.removeprefix("  ") for line in lines]


# Every kind of recipe and layer, and what the small one leaves out.
FULL = small(
    {
        "pathvars": {"results": "elsewhere"},
        "min_updates": 25,
        "overrides": {8: {"epochs": 7, "learning_rate": 0.01}},
        "recipes": [
            {
                "name": "adam",
                "optimizer": "Adam",
                "learning_rate": 0.001,
                "arguments": {"beta_1": 0.8, "global_clipnorm": 1},
            },
            {
                "name": "rmsprop",
                "optimizer": "RMSprop",
                "learning_rate": {"rule": "sqrt", "value": 0.001},
                "warmup_epochs": 2,
            },
            {"name": "sgd", "optimizer": "SGD", "learning_rate": {"grid": [0.1, 0.01]}},
        ],
        "model.layers": [
            {"BatchNormalization": {"momentum": 0.9}},
            {"Dense": {"units": 5, "use_bias": False, "activation": "tanh"}},
            {"Dropout": {"rate": 0.2}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ],
    }
)
