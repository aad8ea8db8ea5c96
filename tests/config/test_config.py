"""The config: what is refused and how, what is filled in, what decides a point."""

import copy
from pathlib import Path

import pytest
import yaml

from batchscope.config.study import SCHEMA, ConfigError, load_study, resolve_point

SHIPPED = Path(__file__).parents[2] / "config" / "config.yaml"
RECIPES = SHIPPED.with_name("recipes.yaml")

BASE = """
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


class Absent:
    """Stands for a key that is taken away."""

    def __repr__(self):
        return "absent"


ABSENT = Absent()
NEEDED = {"name", "optimizer", "learning_rate"}
LAYERS = ("model", "layers")
RECIPE = ("recipes", 0)
RATE = (*RECIPE, "learning_rate")
TARGET = ("convergence", "target")
STABLE = ("convergence", "stable")


def base(*changes):
    """The small valid config with (path, value) changes; ABSENT removes the key."""
    config = yaml.safe_load(BASE)
    for path, value in changes:
        level = config
        for part in path[:-1]:
            level = level.setdefault(part, {}) if isinstance(level, dict) else level[part]
        if value is ABSENT:
            del level[path[-1]]
        else:
            level[path[-1]] = copy.deepcopy(value)
    return config


def problems(config):
    """The lines of the error, without the headline."""
    with pytest.raises(ConfigError) as raised:
        load_study(config)
    headline, *lines = str(raised.value).splitlines()
    assert headline == "the config cannot be run:"
    return [line.removeprefix("  ") for line in lines]


def wrong(path, value, line):
    return pytest.param(path, value, line, id=f"{'.'.join(map(str, path))}={value!r:.40}")


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        # The keys themselves.
        wrong(
            (*RECIPE, "learning_rte"),
            0.1,
            "recipes[0]: unknown key learning_rte. Expected only: name, optimizer, learning_rate, "
            "warmup_epochs, arguments. Received: learning_rte. Did you mean learning_rate?",
        ),
        wrong(
            (*TARGET, "hodl"),
            2,
            "convergence.target: unknown key hodl. Expected only: metric, value, tolerance, "
            "reference_batch_size, hold. Received: hodl. Did you mean hold?",
        ),
        wrong(
            ("dataset", "shuffle"),
            True,
            "dataset: unknown key shuffle. Expected only: source, arguments, train_size. "
            "Received: shuffle. Remove it or correct its name.",
        ),
        wrong(
            ("pathvars", "result"),
            "out",
            "pathvars: unknown key result. Expected only: results. "
            "Received: result. Did you mean results?",
        ),
        wrong(
            ("batch_sizes",),
            ABSENT,
            "the config: expected the keys batch_sizes, dataset, model, recipes. "
            "Received: dataset, model, recipes. Add batch_sizes.",
        ),
        wrong(
            RECIPE,
            {},
            "recipes[0]: expected the keys name, optimizer, learning_rate. "
            "Received: no key. Add name, optimizer, learning_rate.",
        ),
        wrong(
            (*LAYERS, 0, "Dense"),
            {},
            "model.layers[0].Dense: expected the key units. Received: no key. Add units.",
        ),
        # Numbers that YAML, or --config, read as something else.
        wrong(
            (*RECIPE, "learning_rate"),
            yaml.safe_load("1e-3"),
            "recipes[0].learning_rate: expected a number. Received: '1e-3'. It was read as text: "
            "write 0.001, without quotes, in a config file.",
        ),
        wrong(
            ("epochs",),
            "100",
            "epochs: expected a whole number. Received: '100'. It was read as text: "
            "write 100, without quotes, in a config file.",
        ),
        wrong(
            (*TARGET, "value"),
            "0.85",
            "convergence.target.value: expected auto or a number. Received: '0.85'. It was read "
            "as text: write 0.85, without quotes, in a config file.",
        ),
        wrong(
            (*RECIPE, "arguments"),
            {"amsgrad": "True"},
            "recipes[0].arguments.amsgrad: expected true or false. Received: 'True'. It was read "
            "as text: write true, without quotes, in a config file.",
        ),
        wrong(
            ("batch_sizes",),
            [4.0, 8],
            "batch_sizes[0]: expected a whole number. Received: 4.0. Write 4.",
        ),
        wrong(
            ("dataset", "train_size"),
            0.5,
            "dataset.train_size: expected a whole number. Received: 0.5.",
        ),
        wrong(
            ("replicates",),
            True,
            "replicates: expected a whole number. Received: True.",
        ),
        wrong(
            (*RECIPE, "learning_rate"),
            True,
            "recipes[0].learning_rate: expected a number. Received: True.",
        ),
        wrong(
            (*RECIPE, "learning_rate"),
            yaml.safe_load(".nan"),
            "recipes[0].learning_rate: expected a number. Received: nan. It has to be finite.",
        ),
        wrong(
            ("dataset", "arguments", "cluster_std"),
            yaml.safe_load("-.inf"),
            "dataset.arguments.cluster_std: expected a number. Received: -inf. "
            "It has to be finite.",
        ),
        wrong(
            (*TARGET, "value"),
            yaml.safe_load(".inf"),
            "convergence.target.value: expected auto or a number. Received: inf. "
            "It has to be finite.",
        ),
        # Values of another kind.
        wrong(
            ("recipes",),
            None,
            "recipes: expected a list. Received: nothing. "
            "Write a value, or leave the key out if it has a default.",
        ),
        wrong(
            ("convergence",),
            None,
            "convergence: expected a mapping (key: value). Received: nothing. "
            "Write a value, or leave the key out if it has a default.",
        ),
        wrong(
            ("batch_sizes",),
            32,
            "batch_sizes: expected a list. Received: 32. Write it as a list in brackets.",
        ),
        wrong(
            (*RECIPE, "name"),
            2,
            'recipes[0].name: expected text. Received: 2. Write "2", in quotes.',
        ),
        wrong(
            (*LAYERS, 0),
            "Dense",
            "model.layers[0]: expected a mapping (key: value). Received: 'Dense'.",
        ),
        # Bounds.
        wrong(("batch_sizes",), [], "batch_sizes: expected at least 1 entry. Received: []."),
        wrong(("batch_sizes",), [0, 4], "batch_sizes[0]: expected at least 1. Received: 0."),
        wrong(("replicates",), 0, "replicates: expected at least 1. Received: 0."),
        wrong(
            ("dataset", "arguments", "random_state"),
            2**32,
            "dataset.arguments.random_state: expected at most 4294967295. Received: 4294967296.",
        ),
        wrong(("seed",), -1, "seed: expected at least 0. Received: -1."),
        wrong(
            (*RECIPE, "learning_rate"),
            0,
            "recipes[0].learning_rate: expected a number above 0. Received: 0.",
        ),
        wrong(
            (*LAYERS, 0),
            {"Dropout": {"rate": 1.0}},
            "model.layers[0].Dropout.rate: expected a number below 1. Received: 1.0.",
        ),
        wrong(
            (*STABLE, "band"),
            0,
            "convergence.stable.band: expected a number above 0. Received: 0.",
        ),
        wrong(
            ("pathvars", "results"),
            "",
            "pathvars.results: expected a name that is not empty. Received: ''.",
        ),
        # Names.
        wrong(
            (*RECIPE, "optimizer"),
            "adam",
            "recipes[0].optimizer: expected one of SGD, RMSprop, Adam, AdamW. Received: 'adam'. "
            "Did you mean Adam?",
        ),
        wrong(
            ("model", "loss"),
            "categorical_crossentropy",
            "model.loss: expected sparse_categorical_crossentropy. "
            "Received: 'categorical_crossentropy'. Did you mean sparse_categorical_crossentropy?",
        ),
        wrong(
            ("model", "metrics"),
            "accuracy",
            "model.metrics: expected [accuracy]. Received: 'accuracy'. Did you mean [accuracy]?",
        ),
        wrong(
            (*TARGET, "metric"),
            "accuracy",
            "convergence.target.metric: expected one of val_loss, val_accuracy. "
            "Received: 'accuracy'. Did you mean val_accuracy?",
        ),
        wrong(
            (*RECIPE, "name"),
            "SGD/fast",
            "recipes[0].name: expected lower-case letters, digits and underscores, beginning with "
            "no underscore. Received: 'SGD/fast'. It becomes the name of a folder. "
            "Write sgd_fast.",
        ),
        wrong(
            (*RECIPE, "name"),
            "",
            "recipes[0].name: expected lower-case letters, digits and underscores, beginning with "
            "no underscore. Received: ''. It becomes the name of a folder.",
        ),
        # Layers.
        wrong(
            (*LAYERS, 0),
            {"Dense": {"units": 5}, "Dropout": {"rate": 0.5}},
            "model.layers[0]: expected a single key. Received: {'Dense': {'units': 5}, "
            "'Dropout': {'rate': 0.5}}. Begin each with a dash of its own.",
        ),
        wrong((*LAYERS, 0), {}, "model.layers[0]: expected at least one key. Received: {}."),
        wrong(
            (*LAYERS, 0),
            {"Conv2D": {"filters": 8}},
            "model.layers[0]: unknown key Conv2D. Expected only: Dense, BatchNormalization, "
            "Dropout. Received: Conv2D. Remove it or correct its name.",
        ),
        wrong(
            (*LAYERS, 1, "Dense", "units"),
            4,
            "model.layers[1].Dense.units: expected 3, one per class. Received: 4. "
            "Write 3 or change dataset.arguments.centers.",
        ),
        wrong(
            ("dataset", "arguments", "centers"),
            5,
            "model.layers[1].Dense.units: expected 5, one per class. Received: 3. "
            "Write 5 or change dataset.arguments.centers.",
        ),
        wrong(
            (*LAYERS, 1, "Dense", "activation"),
            "relu",
            "model.layers[1].Dense.activation: expected softmax, since the loss takes "
            "probabilities. Received: relu. Write softmax.",
        ),
        wrong(
            (*LAYERS, 1, "Dense", "activation"),
            ABSENT,
            "model.layers[1].Dense.activation: expected softmax, since the loss takes "
            "probabilities. Received: nothing. Write softmax.",
        ),
        wrong(
            (*LAYERS, 1),
            {"Dropout": {"rate": 0.5}},
            "model.layers[1]: expected a Dense layer with 3 units, one per class. "
            "Received: Dropout. Add the Dense layer after it.",
        ),
        # An optimizer's arguments.
        wrong(
            (*RECIPE, "arguments"),
            {"momentum": 0.9},
            "recipes[0].arguments: expected only beta_1, beta_2, epsilon, amsgrad, weight_decay, "
            "clipnorm, clipvalue, global_clipnorm for this optimizer. Received: momentum. "
            "Remove it, or take an optimizer that has it.",
        ),
        wrong(
            (*RECIPE, "arguments"),
            {"beta1": 0.9},
            "recipes[0].arguments: expected only beta_1, beta_2, epsilon, amsgrad, weight_decay, "
            "clipnorm, clipvalue, global_clipnorm for this optimizer. Received: beta1. "
            "Did you mean beta_1?",
        ),
        wrong(
            RECIPE,
            {"name": "a", "optimizer": "SGD", "learning_rate": 1, "arguments": {"rho": 0.9}},
            "recipes[0].arguments: expected only momentum, nesterov, weight_decay, clipnorm, "
            "clipvalue, global_clipnorm for this optimizer. Received: rho. "
            "Remove it, or take an optimizer that has it.",
        ),
        wrong(
            RECIPE,
            {"name": "a", "optimizer": "RMSprop", "learning_rate": 1, "arguments": {"beta_1": 0}},
            "recipes[0].arguments: expected only rho, momentum, epsilon, centered, weight_decay, "
            "clipnorm, clipvalue, global_clipnorm for this optimizer. Received: beta_1. "
            "Remove it, or take an optimizer that has it.",
        ),
        wrong(
            (*RECIPE, "arguments"),
            {"clipnorm": 1, "clipvalue": 0.5},
            "recipes[0].arguments: expected one kind of clipping. Received: clipnorm, clipvalue. "
            "Keep one of them.",
        ),
        # What no single key shows.
        wrong(
            ("batch_sizes",),
            [4, 8, 4],
            "batch_sizes: expected each size once. Received: 4, 2 times. Keep one of them.",
        ),
        wrong(
            ("recipes",),
            [{"name": "a", "optimizer": "Adam", "learning_rate": 0.1}] * 2,
            "recipes: expected each name once. Received: a, 2 times. "
            "Give each recipe a name of its own.",
        ),
        wrong(
            ("dataset", "train_size"),
            20,
            "dataset.train_size: expected less than n_samples (20), so that samples are left to "
            "validate. Received: 20. Lower it or raise n_samples.",
        ),
        wrong(
            ("dataset",),
            {
                "source": "make_blobs",
                "arguments": {"n_samples": 2, "random_state": 2},
                "train_size": 1,
            },
            "dataset.arguments.n_samples: expected at least a sample for each of the 3 centers. "
            "Received: 2. Raise it or lower centers.",
        ),
        wrong(
            TARGET,
            {"metric": "val_accuracy", "value": 85},
            "convergence.target.value: expected an accuracy above 0 and at most 1. Received: 85. "
            "Write a fraction, not a percentage.",
        ),
        wrong(
            TARGET,
            {"metric": "val_accuracy", "tolerance": 5},
            "convergence.target.tolerance: expected less than 1 for an accuracy. Received: 5. "
            "Write a fraction, not a percentage.",
        ),
        # A learning rate that is a rule or a grid.
        wrong(
            RATE,
            {"rule": "squared", "value": 0.1},
            "recipes[0].learning_rate.rule: expected one of linear, sqrt. Received: 'squared'.",
        ),
        wrong(
            RATE,
            {"rule": "Linear", "value": 0.1},
            "recipes[0].learning_rate.rule: expected one of linear, sqrt. Received: 'Linear'. "
            "Did you mean linear?",
        ),
        wrong(
            RATE,
            {"rule": "sqrt"},
            "recipes[0].learning_rate: expected the keys rule, value. Received: rule. Add value.",
        ),
        wrong(
            RATE,
            {"value": 0.1, "reference_batch_size": 16},
            "recipes[0].learning_rate: expected the keys rule, value. "
            "Received: value, reference_batch_size. Add rule.",
        ),
        wrong(
            RATE,
            {"rule": "sqrt", "value": 0},
            "recipes[0].learning_rate.value: expected a number above 0. Received: 0.",
        ),
        wrong(
            RATE,
            {"rule": "sqrt", "value": "1e-3"},
            "recipes[0].learning_rate.value: expected a number. Received: '1e-3'. It was read as "
            "text: write 0.001, without quotes, in a config file.",
        ),
        wrong(
            RATE,
            {"rule": "sqrt", "value": 0.1, "reference_batch_size": 0},
            "recipes[0].learning_rate.reference_batch_size: expected at least 1. Received: 0.",
        ),
        wrong(
            RATE,
            {"rule": "sqrt", "value": 0.1, "reference": 8},
            "recipes[0].learning_rate: unknown key reference. Expected only: rule, value, "
            "reference_batch_size. Received: reference. Did you mean reference_batch_size?",
        ),
        wrong(
            RATE,
            {"rule": "sqrt", "value": 0.1, "grid": [0.1, 0.2]},
            "recipes[0].learning_rate: unknown key grid. Expected only: rule, value, "
            "reference_batch_size. Received: grid. Remove it or correct its name.",
        ),
        wrong(
            RATE,
            {"grid": [0.1]},
            "recipes[0].learning_rate.grid: expected at least 2 entries. Received: [0.1].",
        ),
        wrong(
            RATE,
            {"grid": 0.1},
            "recipes[0].learning_rate.grid: expected a list. Received: 0.1. "
            "Write it as a list in brackets.",
        ),
        wrong(
            RATE,
            {"grid": [0.1, 0.2, 0.1, 0.1]},
            "recipes[0].learning_rate.grid: expected each learning rate once. Received: 0.1, "
            "3 times. Keep one of them.",
        ),
        wrong(
            RATE,
            {"grid": [1, 1.0]},
            "recipes[0].learning_rate.grid: expected each learning rate once. Received: 1, "
            "2 times. Keep one of them.",
        ),
        wrong(
            RATE,
            {"grid": [0.1, -0.2]},
            "recipes[0].learning_rate.grid[1]: expected a number above 0. Received: -0.2.",
        ),
        wrong(
            RATE,
            {"grid": [yaml.safe_load("1e-3"), 0.01]},
            "recipes[0].learning_rate.grid[0]: expected a number. Received: '1e-3'. It was read "
            "as text: write 0.001, without quotes, in a config file.",
        ),
        wrong(
            RATE,
            {"grid": [0.1, 0.2], "replicates": 0},
            "recipes[0].learning_rate.replicates: expected at least 1. Received: 0.",
        ),
        wrong(
            RATE,
            {"grid": [0.1, 0.2], "replicate": 3},
            "recipes[0].learning_rate: unknown key replicate. Expected only: grid, replicates. "
            "Received: replicate. Did you mean replicates?",
        ),
        wrong(
            RATE,
            {},
            "recipes[0].learning_rate: expected the key grid. Received: no key. Add grid.",
        ),
        wrong(
            RATE,
            [0.001, 0.01],
            "recipes[0].learning_rate: expected a number. Received: [0.001, 0.01]. "
            "To tune it, write {grid: [0.001, 0.01]}.",
        ),
        wrong(
            RATE,
            None,
            "recipes[0].learning_rate: expected a number. Received: nothing. "
            "Write a value, or leave the key out if it has a default.",
        ),
        # How long a training is.
        wrong(("min_updates",), -1, "min_updates: expected at least 0. Received: -1."),
        wrong(
            ("min_updates",),
            2000.0,
            "min_updates: expected a whole number. Received: 2000.0. Write 2000.",
        ),
        wrong(
            (*RECIPE, "warmup_epochs"),
            -1,
            "recipes[0].warmup_epochs: expected at least 0. Received: -1.",
        ),
        wrong(
            (*RECIPE, "warmup_epochs"),
            2.5,
            "recipes[0].warmup_epochs: expected a whole number. Received: 2.5.",
        ),
        wrong(
            (*RECIPE, "warmup_epochs"),
            100,
            "recipes[0].warmup_epochs: expected less than epochs (100), so that some are trained "
            "at the full learning rate. Received: 100. Lower it or raise epochs.",
        ),
        # Exceptions for one batch size.
        wrong(
            ("overrides",),
            {8: {"learning_rate": {"rule": "linear", "value": 0.1}}},
            "overrides.8.learning_rate: expected a number. "
            "Received: {'rule': 'linear', 'value': 0.1}.",
        ),
        wrong(
            ("overrides",),
            {8: {"learning_rate": [0.1, 0.2]}},
            "overrides.8.learning_rate: expected a number. Received: [0.1, 0.2].",
        ),
        wrong(
            ("overrides",),
            {16: {"epochs": 5}},
            "overrides.16: expected one of the batch sizes [4, 8]. Received: 16. "
            "Add 16 to batch_sizes or remove the override.",
        ),
        wrong(
            ("overrides",),
            {"eight": {"epochs": 5}},
            "overrides: expected a batch size, a whole number above 0, as key. Received: eight.",
        ),
        wrong(
            ("overrides",),
            {8: {"epoch": 5}},
            "overrides.8: unknown key epoch. Expected only: epochs, learning_rate. "
            "Received: epoch. Did you mean epochs?",
        ),
        wrong(
            ("overrides",),
            {8: {"learning_rate": -0.1}},
            "overrides.8.learning_rate: expected a number above 0. Received: -0.1.",
        ),
        wrong(("overrides",), {8: {}}, "overrides.8: expected at least one key. Received: {}."),
    ],
)
def test_wrong_value_is_named_with_its_fix(path, value, line):
    assert problems(base((path, value))) == [line]


def test_misspelt_grid_is_told_apart_from_a_rule():
    assert problems(base((RATE, {"gird": [0.1, 0.2]}))) == [
        "recipes[0].learning_rate: unknown key gird. Expected only: grid, replicates. "
        "Received: gird. Did you mean grid?",
        "recipes[0].learning_rate: expected the key grid. Received: gird. Add grid.",
    ]


def test_misspelt_rule_is_told_apart_from_a_grid():
    assert problems(base((RATE, {"rul": "sqrt", "value": 0.1}))) == [
        "recipes[0].learning_rate: unknown key rul. Expected only: rule, value, "
        "reference_batch_size. Received: rul. Did you mean rule?",
        "recipes[0].learning_rate: expected the keys rule, value. Received: rul, value. Add rule.",
    ]


@pytest.mark.parametrize(
    ("warmup", "epochs", "overrides", "shortest"),
    [
        (9, 10, {}, None),
        (10, 10, {}, 10),
        (5, 10, {8: {"epochs": 6}}, None),
        (6, 10, {8: {"epochs": 6}}, 6),
        (6, 10, {4: {"epochs": 20}, 8: {"epochs": 6}}, 6),
        (10, 10, {8: {"epochs": 20}}, 10),
        (9, 10, {8: {"learning_rate": 0.1}}, None),
    ],
)
def test_warmup_leaves_epochs_at_the_full_learning_rate(warmup, epochs, overrides, shortest):
    config = base(
        (("epochs",), epochs),
        (("overrides",), overrides),
        # Epochs that min_updates adds are not counted on.
        (("min_updates",), 1000),
        ((*RECIPE, "warmup_epochs"), warmup),
    )
    if shortest is None:
        assert resolve_point(load_study(config), "adam", 8)["warmup_epochs"] == warmup
    else:
        assert problems(config) == [
            f"recipes[0].warmup_epochs: expected less than epochs ({shortest}), so that some are "
            f"trained at the full learning rate. Received: {warmup}. Lower it or raise epochs."
        ]


def test_empty_config_is_told_what_it_needs():
    assert problems({}) == [
        "the config: expected the keys batch_sizes, dataset, model, recipes. Received: no key. "
        "Add batch_sizes, dataset, model, recipes."
    ]


def test_all_problems_are_listed_at_once():
    config = base(
        (("epoch",), 10),
        (("replicates",), 0),
        ((*RECIPE, "optimizer"), "adam"),
        ((*LAYERS, 0, "Dense", "units"), 2.5),
        (("overrides",), {4: {"epochs": 0}}),
    )
    assert [line.split(": ")[0] for line in problems(config)] == [
        "the config",
        "model.layers[0].Dense.units",
        "overrides.4.epochs",
        "recipes[0].optimizer",
        "replicates",
    ]


def test_problems_between_keys_are_listed_at_once():
    config = base(
        (("batch_sizes",), [4, 4]),
        (("overrides",), {16: {"epochs": 1}}),
        (("dataset", "train_size"), 20),
        ((*LAYERS, 1, "Dense"), {"units": 2}),
        ((*RECIPE, "warmup_epochs"), 7),
        (RATE, {"grid": [0.1, 0.1, 0.2, 0.2]}),
    )
    assert [line.split(": ")[0] for line in problems(config)] == [
        "batch_sizes",
        "overrides.16",
        "recipes[0].learning_rate.grid",
        "recipes[0].learning_rate.grid",
        "recipes[0].warmup_epochs",
        "dataset.train_size",
        "model.layers[1].Dense.units",
        "model.layers[1].Dense.activation",
    ]


FULL = base(
    (("pathvars",), {"results": "elsewhere"}),
    (("min_updates",), 25),
    (("overrides",), {8: {"epochs": 7, "learning_rate": 0.01}}),
    (
        ("recipes",),
        [
            {
                "name": "adam",
                "optimizer": "Adam",
                "learning_rate": 0.001,
                "arguments": {"beta_1": 0.8, "amsgrad": True},
            },
            {
                "name": "rmsprop",
                "optimizer": "RMSprop",
                "learning_rate": {"rule": "sqrt", "value": 0.001},
                "warmup_epochs": 2,
            },
            {"name": "sgd", "optimizer": "SGD", "learning_rate": {"grid": [0.1, 0.01]}},
        ],
    ),
    (
        LAYERS,
        [
            {"BatchNormalization": {"momentum": 0.9, "epsilon": 0.001}},
            {"Dense": {"units": 5, "use_bias": False, "kernel_regularizer": "l2"}},
            {"Dropout": {"rate": 0.2}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ],
    ),
)


def places(value, path=()):
    """The path of every value of a config, inner levels included."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for part, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, part))


@pytest.mark.parametrize(
    "junk",
    [None, True, -1, 0, 10**400, 1.5, -0.5, float("inf"), "x", "", "4", [], [None], {}, {"x": 1}],
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
            load_study(config)
        except ConfigError as error:
            lines = str(error).splitlines()[1:]
            assert lines, path
            assert len(lines) == len(set(lines)), path


def test_input_is_not_modified():
    config = base((("overrides",), {8: {"epochs": 5}}), (TARGET, {"hold": 2}))
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
    study = load_study(base((TARGET, {"hold": 2}), (("recipes",), recipes)))
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
        {"grid": [0.1, 0.2], "replicates": 5},
    ]
    assert [recipe["warmup_epochs"] for recipe in study["recipes"]] == [0, 0, 0]
    assert [recipe["arguments"] for recipe in study["recipes"]] == [{}, {}, {}]
    assert study["convergence"] == {
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
    assert study["model"]["layers"] == yaml.safe_load(BASE)["model"]["layers"]


def test_defaults_of_one_study_are_not_shared_with_the_next():
    load_study(base())["convergence"]["target"]["hold"] = 99
    assert load_study(base())["convergence"]["target"]["hold"] == 3


def test_seed_zero_is_kept():
    assert load_study(base((("seed",), 0)))["seed"] == 0


def test_schema_defaults_are_valid_themselves():
    """A wrong default would be reported to someone who never wrote it."""
    for config in (base(), FULL):
        completed = load_study(config)
        assert load_study(completed) == completed


def test_shipped_config_is_the_study_of_the_article():
    study = load_study(yaml.safe_load(SHIPPED.read_text()))
    assert study["batch_sizes"] == [4, 8, 16, 32, 64, 128, 256, 512]
    assert study["epochs"] == 100
    assert study["min_updates"] == 0
    assert study["overrides"] == {}
    assert study["dataset"] == {
        "source": "make_blobs",
        "arguments": {
            "n_samples": 1000,
            "centers": 3,
            "n_features": 2,
            "cluster_std": 2,
            "random_state": 2,
        },
        "train_size": 500,
    }
    assert study["model"] == {
        "layers": [
            {"Dense": {"units": 50, "activation": "relu", "kernel_initializer": "he_uniform"}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ],
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    }
    assert study["recipes"] == [
        {
            "name": "adam",
            "optimizer": "Adam",
            "learning_rate": 0.001,
            "warmup_epochs": 0,
            "arguments": {},
        }
    ]


def test_shipped_config_writes_out_the_defaults():
    """Its keys with a default show that default, but for the article's cluster_std."""
    shipped = yaml.safe_load(SHIPPED.read_text())
    arguments = ("n_samples", "cluster_std", "random_state")
    shortest = {
        "batch_sizes": shipped["batch_sizes"],
        "dataset": {
            "source": shipped["dataset"]["source"],
            "arguments": {name: shipped["dataset"]["arguments"][name] for name in arguments},
            "train_size": shipped["dataset"]["train_size"],
        },
        "model": {"layers": shipped["model"]["layers"]},
        "recipes": shipped["recipes"],
    }
    assert load_study(shipped) == load_study(shortest)


def test_shipped_config_shows_every_key_with_a_default():
    """A key that only the schema knows is one that nobody finds."""
    shipped = yaml.safe_load(SHIPPED.read_text())
    for recipe in shipped["recipes"]:
        # Named in a comment.
        recipe |= {"warmup_epochs": 0, "arguments": {}}
        assert all(f"`{name}` (optional)" in SHIPPED.read_text() for name in recipe.keys() - NEEDED)
    assert sorted(places(shipped), key=str) == sorted(places(load_study(shipped)), key=str)


def points(config):
    """Each point of a config, by recipe and batch size, as Snakemake records it: text."""
    study = load_study(config)
    return {
        (recipe["name"], size): repr(resolve_point(study, recipe["name"], size))
        for recipe in study["recipes"]
        for size in study["batch_sizes"]
    }


def differing(config, other):
    """The points whose result two configs do not share."""
    first, second = points(config), points(other)
    return {point for point in first | second if first.get(point) != second.get(point)}


TWO_RECIPES = base(
    (
        ("recipes",),
        [
            {"name": "adam", "optimizer": "Adam", "learning_rate": 0.001},
            {"name": "sgd", "optimizer": "SGD", "learning_rate": 0.01},
        ],
    )
)
EVERY = {(recipe, size) for recipe in ("adam", "sgd") for size in (4, 8)}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("seed",), 2, EVERY),
        (("replicates",), 5, EVERY),
        (("epochs",), 10, EVERY),
        # Of 10 samples, 3 updates are an epoch with batch size 4, and 2 with batch size 8.
        (("min_updates",), 200, set()),
        (("min_updates",), 300, {("adam", 8), ("sgd", 8)}),
        (("min_updates",), 301, EVERY),
        ((*LAYERS, 0, "Dense", "units"), 6, EVERY),
        ((*RECIPE, "learning_rate"), 0.002, {("adam", 4), ("adam", 8)}),
        (
            (*RECIPE, "learning_rate"),
            {"rule": "linear", "value": 0.001, "reference_batch_size": 8},
            {("adam", 4)},
        ),
        ((*RECIPE, "learning_rate"), {"grid": [0.001, 0.002]}, {("adam", 4), ("adam", 8)}),
        ((*RECIPE, "warmup_epochs"), 3, {("adam", 4), ("adam", 8)}),
        ((*RECIPE, "arguments"), {"beta_1": 0.8}, {("adam", 4), ("adam", 8)}),
        (("overrides",), {8: {"epochs": 400}}, {("adam", 8), ("sgd", 8)}),
        (("overrides",), {8: {"learning_rate": 0.1}}, {("adam", 8), ("sgd", 8)}),
        (("batch_sizes",), [4, 8, 16], {("adam", 16), ("sgd", 16)}),
        (("batch_sizes",), [8], {("adam", 4), ("sgd", 4)}),
        (("convergence",), {"target": {"hold": 9}, "stable": {"band": 0.5}}, set()),
        (("pathvars",), {"results": "elsewhere"}, set()),
    ],
    ids=lambda part: str(part)[:40] if isinstance(part, tuple) else "",
)
def test_a_change_reaches_only_the_points_it_decides(path, value, expected):
    config = copy.deepcopy(TWO_RECIPES)
    level = config
    for part in path[:-1]:
        level = level[part]
    level[path[-1]] = value
    assert differing(TWO_RECIPES, config) == expected


def test_three_lines_add_a_recipe():
    text = BASE + "  - name: sgd\n    optimizer: SGD\n    learning_rate: 0.01\n"
    config = yaml.safe_load(text)
    assert differing(base(), config) == {("sgd", 4), ("sgd", 8)}
    point = resolve_point(load_study(config), "sgd", 4)
    assert (point["optimizer"], point["learning_rate"]) == ("SGD", 0.01)
    assert point["arguments"] == {}


def test_the_comments_of_the_shipped_config_work():
    lines = SHIPPED.read_text().splitlines()
    first = lines.index("#   - name: sgd")
    recipe = [line.removeprefix("# ") for line in lines[first : first + 3]]
    override = lines[lines.index("overrides: {}") - 1].removeprefix("# ")
    last = lines.index("    learning_rate: 0.001")
    text = "\n".join([*lines[: last + 1], *recipe, *lines[last + 1 :]])
    text = text.replace("overrides: {}", f"overrides:\n{override}")
    study = load_study(yaml.safe_load(text))
    assert [recipe["optimizer"] for recipe in study["recipes"]] == ["Adam", "SGD"]
    assert resolve_point(study, "sgd", 512)["epochs"] == 400
    assert resolve_point(study, "sgd", 256)["epochs"] == 100
    start = "#     learning_rate: {"
    other = [line.removeprefix("# ") for line in lines if line.startswith(start)]
    assert len(other) == 2
    for line in other:
        study = load_study(yaml.safe_load(text.replace(recipe[-1], line)))
        rate = next(r["learning_rate"] for r in study["recipes"] if r["name"] == "sgd")
        assert rate == yaml.safe_load(line)["learning_rate"]


def test_point_holds_the_resolved_values():
    config = base(
        (("seed",), 0),
        (("replicates",), 3),
        (("overrides",), {8: {"epochs": 400, "learning_rate": 0.5}}),
        ((*RECIPE, "arguments"), {"clipnorm": 1}),
        ((*RECIPE, "warmup_epochs"), 4),
    )
    study = load_study(config)
    assert resolve_point(study, "adam", 8) == {
        "recipe": "adam",
        "batch_size": 8,
        "epochs": 400,
        "warmup_epochs": 4,
        "replicates": 3,
        "seed": 0,
        "optimizer": "Adam",
        "arguments": {"clipnorm": 1},
        "clamped": [],
        "learning_rate": 0.5,
        "model": study["model"],
    }
    assert resolve_point(study, "adam", 4)["epochs"] == 100
    assert resolve_point(study, "adam", 4)["learning_rate"] == 0.001


def resolved(batch_size, *changes):
    """The point of a study of 500 training samples, beside the given size with 4 and 128."""
    sizes = sorted({4, 128, batch_size})
    split = (("dataset", "arguments", "n_samples"), 1000), (("dataset", "train_size"), 500)
    config = base((("batch_sizes",), sizes), *split, *changes)
    return resolve_point(load_study(config), "adam", batch_size)


@pytest.mark.parametrize(
    ("batch_size", "min_updates", "expected"),
    [
        (4, 2000, 100),  # 125 updates per epoch
        (32, 2000, 125),  # 16, the last of 20 samples
        (32, 2001, 126),
        (128, 2000, 500),  # 4
        (300, 2000, 1000),  # 2
        (499, 2000, 1000),
        (500, 2000, 2000),  # full batch
        (512, 2000, 2000),
        (512, 100, 100),
        (512, 101, 101),
        (512, 0, 100),
    ],
)
def test_epochs_are_added_for_updates(batch_size, min_updates, expected):
    assert resolved(batch_size, (("min_updates",), min_updates))["epochs"] == expected


@pytest.mark.parametrize(
    ("epochs", "min_updates", "expected"),
    [(10, 40, 10), (10, 41, 11), (10, 0, 10), (400, 1600, 400), (400, 1601, 401)],
)
def test_epochs_are_added_to_those_of_an_override(epochs, min_updates, expected):
    """Batch size 128 makes 4 updates in an epoch."""
    changes = (("overrides",), {128: {"epochs": epochs}}), (("min_updates",), min_updates)
    assert resolved(128, *changes)["epochs"] == expected
    assert resolved(4, *changes)["epochs"] == 100


@pytest.mark.parametrize(
    ("rule", "batch_size", "reference", "expected"),
    [
        ("linear", 4, 32, 0.00125),
        ("linear", 32, 32, 0.01),
        ("linear", 128, 32, 0.04),
        # No batch is larger than the 500 training samples: 500 / 32 is 15.625.
        ("linear", 500, 32, 0.15625),
        ("linear", 512, 32, 0.15625),
        ("sqrt", 8, 32, 0.005),
        ("sqrt", 32, 32, 0.01),
        ("sqrt", 128, 32, 0.02),
        ("sqrt", 512, 32, 0.0395284707521),
        # Nor is that of the reference.
        ("linear", 125, 1000, 0.0025),
        ("sqrt", 125, 1000, 0.005),
        ("linear", 512, 1000, 0.01),
        ("sqrt", 512, 1000, 0.01),
    ],
)
def test_learning_rate_follows_the_batch_size(rule, batch_size, reference, expected):
    rate = {"rule": rule, "value": 0.01, "reference_batch_size": reference}
    point = resolved(batch_size, (RATE, rate), ((*RECIPE, "optimizer"), "SGD"))
    assert point["learning_rate"] == pytest.approx(expected, rel=1e-12)
    assert (point["arguments"], point["clamped"]) == ({}, [])


def test_square_root_rule_scales_the_arguments_of_adam():
    """From 32 to 128 by hand: 1 - 4 · 0.2, 1 - 4 · 0.001, 1e-7 / 2."""
    given = (RATE, {"rule": "sqrt", "value": 0.01}), ((*RECIPE, "arguments"), {"beta_1": 0.8})
    expected = {"beta_1": 0.2, "beta_2": 0.996, "epsilon": 5e-8}
    point = resolved(128, *given)
    assert point["arguments"] == pytest.approx(expected, rel=1e-12)
    assert point["clamped"] == []
    # 500 / 32 times 0.2 exceeds 1.
    full_batch = resolved(512, *given)
    assert full_batch["arguments"]["beta_1"] == 0
    assert full_batch["arguments"]["beta_2"] == pytest.approx(0.984375, rel=1e-12)
    assert full_batch["clamped"] == ["beta_1"]


def test_linear_rule_leaves_the_arguments_of_adam():
    point = resolved(
        512, (RATE, {"rule": "linear", "value": 0.01}), ((*RECIPE, "arguments"), {"beta_1": 0.8})
    )
    assert (point["arguments"], point["clamped"]) == ({"beta_1": 0.8}, [])


def test_scaled_arguments_of_one_point_are_not_those_of_the_next():
    study = load_study(base((RATE, {"rule": "sqrt", "value": 0.01, "reference_batch_size": 4})))
    first = resolve_point(study, "adam", 8)
    assert resolve_point(study, "adam", 4)["arguments"]["beta_1"] == pytest.approx(0.9)
    assert resolve_point(study, "adam", 8) == first
    assert study["recipes"][0]["arguments"] == {}


def test_the_grid_is_part_of_the_point_in_rising_order():
    point = resolved(4, (RATE, {"grid": [0.01, 0.1, 0.001], "replicates": 3}))
    assert point["learning_rate"] == {"grid": [0.001, 0.01, 0.1], "replicates": 3}
    assert (point["arguments"], point["clamped"]) == ({}, [])


def test_order_of_the_grid_changes_no_point():
    one, other = ({"grid": grid} for grid in ([0.1, 0.001, 0.01], [0.001, 0.1, 0.01]))
    assert points(base((RATE, one))) == points(base((RATE, other)))
    study = load_study(base((RATE, one)))
    resolve_point(study, "adam", 4)
    assert study["recipes"][0]["learning_rate"]["grid"] == [0.1, 0.001, 0.01]


@pytest.mark.parametrize(
    "rate",
    [{"rule": "sqrt", "value": 0.01}, {"grid": [0.001, 0.01]}],
    ids=["rule", "grid"],
)
def test_override_replaces_rule_and_grid(rate):
    changes = (RATE, rate), (("overrides",), {128: {"learning_rate": 0.5}})
    point = resolved(128, *changes)
    assert (point["learning_rate"], point["arguments"], point["clamped"]) == (0.5, {}, [])
    assert resolved(4, *changes) == resolved(4, (RATE, rate))
    # Of the rule or grid that is replaced, nothing is left that could rerun the point.
    assert resolved(128, changes[1]) == point


@pytest.mark.parametrize(
    ("short", "written_out"),
    [
        (
            (RATE, {"rule": "sqrt", "value": 0.01}),
            (RATE, {"reference_batch_size": 32, "value": 0.01, "rule": "sqrt"}),
        ),
        ((RATE, {"grid": [0.001, 0.01]}), (RATE, {"replicates": 5, "grid": [0.001, 0.01]})),
        ((RATE, 0.001), ((*RECIPE, "warmup_epochs"), 0)),
        ((RATE, 0.001), (("min_updates",), 0)),
    ],
    ids=["rule", "grid", "warmup_epochs", "min_updates"],
)
def test_a_default_written_out_changes_no_point(short, written_out):
    assert points(base(short)) == points(base(written_out))


def test_study_of_recipes_is_that_of_the_article_but_for_recipes():
    article, study = (load_study(yaml.safe_load(path.read_text())) for path in (SHIPPED, RECIPES))
    for key in ("batch_sizes", "dataset", "model", "overrides"):
        assert study[key] == article[key]
    assert study["pathvars"] == {"results": "results/recipes"}
    # `auto` would give each recipe a target of its own, and nothing to compare.
    assert study["convergence"]["target"]["value"] != "auto"
    assert study["min_updates"] > article["epochs"]


def test_study_of_recipes_sets_three_learning_rates_for_two_optimizers():
    """The given one, where the one that follows is the same, and one in a grid."""
    study = load_study(yaml.safe_load(RECIPES.read_text()))
    names = [recipe["name"] for recipe in study["recipes"]]
    assert len(names) == 6
    for fixed, scaled, tuned in (names[:3], names[3:]):
        one, other, third = (resolve_point(study, name, 32) for name in (fixed, scaled, tuned))
        assert one["optimizer"] == other["optimizer"] == third["optimizer"]
        assert other["learning_rate"] == pytest.approx(one["learning_rate"], rel=1e-12)
        assert one["learning_rate"] in third["learning_rate"]["grid"]
        rates = {resolve_point(study, scaled, size)["learning_rate"] for size in (4, 32, 512)}
        assert len(rates) == 3


@pytest.mark.parametrize("key", [8, "8"], ids=repr)
def test_override_keys_may_be_numbers_or_text(key):
    study = load_study(base((("overrides",), {key: {"epochs": 5}})))
    assert study["overrides"] == {8: {"epochs": 5}}
    assert resolve_point(study, "adam", 8)["epochs"] == 5


def test_order_of_keys_and_written_out_defaults_change_no_point():
    def backwards(value):
        if isinstance(value, dict):
            return {key: backwards(item) for key, item in reversed(value.items())}
        return [backwards(item) for item in value] if isinstance(value, list) else value

    completed = load_study(FULL)
    assert points(backwards(completed)) == points(FULL) == points(completed)
    dataset = load_study(backwards(completed))["dataset"]
    assert repr(dataset) == repr(completed["dataset"]) == repr(load_study(FULL)["dataset"])


def test_schema_is_of_the_draft_that_checks_it():
    from jsonschema import Draft202012Validator

    schema = yaml.safe_load(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
