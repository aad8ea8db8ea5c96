"""The config: what is refused and how, what is filled in, what decides a point."""

import copy
from pathlib import Path

import pytest
import yaml

from batchscope.config import SCHEMA, ConfigError, load_study, resolve_point

SHIPPED = Path(__file__).parents[1] / "config" / "config.yaml"

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
LAYERS = ("model", "layers")
RECIPE = ("recipes", 0)
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
            "arguments. Received: learning_rte. Did you mean learning_rate?",
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
        # Exceptions for one batch size.
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
    )
    assert [line.split(": ")[0] for line in problems(config)] == [
        "batch_sizes",
        "overrides.16",
        "dataset.train_size",
        "model.layers[1].Dense.units",
        "model.layers[1].Dense.activation",
    ]


FULL = base(
    (("pathvars",), {"results": "elsewhere"}),
    (("overrides",), {8: {"epochs": 7, "learning_rate": 0.01}}),
    ((*RECIPE, "arguments"), {"beta_1": 0.8, "amsgrad": True}),
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
    study = load_study(base((TARGET, {"hold": 2})))
    assert study["seed"] == 1
    assert study["replicates"] == 30
    assert study["epochs"] == 100
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
    assert study["recipes"][0]["arguments"] == {}
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
    completed = load_study(base())
    assert load_study(completed) == completed


def test_shipped_config_is_the_study_of_the_article():
    study = load_study(yaml.safe_load(SHIPPED.read_text()))
    assert study["batch_sizes"] == [4, 8, 16, 32, 64, 128, 256, 512]
    assert study["epochs"] == 100
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
        {"name": "adam", "optimizer": "Adam", "learning_rate": 0.001, "arguments": {}}
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
        recipe.setdefault("arguments", {})
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
        ((*LAYERS, 0, "Dense", "units"), 6, EVERY),
        ((*RECIPE, "learning_rate"), 0.002, {("adam", 4), ("adam", 8)}),
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


def test_point_holds_the_resolved_values():
    config = base(
        (("seed",), 0),
        (("replicates",), 3),
        (("overrides",), {8: {"epochs": 400, "learning_rate": 0.5}}),
        ((*RECIPE, "arguments"), {"clipnorm": 1}),
    )
    study = load_study(config)
    assert resolve_point(study, "adam", 8) == {
        "recipe": "adam",
        "batch_size": 8,
        "epochs": 400,
        "replicates": 3,
        "seed": 0,
        "optimizer": "Adam",
        "arguments": {"clipnorm": 1},
        "learning_rate": 0.5,
        "model": study["model"],
    }
    assert resolve_point(study, "adam", 4)["epochs"] == 100
    assert resolve_point(study, "adam", 4)["learning_rate"] == 0.001


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
