"""Keys that do not fit each other; wrong_configs.yaml has a case of each."""

import pytest
from configs import problems, small

from batchscope.config.study import load_study


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
    config = small(
        {
            "epochs": epochs,
            "overrides": overrides,
            # Epochs that min_updates adds are not counted on.
            "min_updates": 1000,
            "recipes[0].warmup_epochs": warmup,
        }
    )
    if shortest is None:
        assert load_study(config)["recipes"][0]["warmup_epochs"] == warmup
    else:
        assert problems(config) == [
            f"recipes[0].warmup_epochs: expected less than epochs ({shortest}), so that some are "
            f"trained at the full learning rate. Received: {warmup}. Lower it or raise epochs."
        ]


def test_conflicts_are_listed_at_once():
    config = small(
        {
            "overrides": {16: {"epochs": 1}},
            "dataset.train_size": 20,
            "model.layers[1].Dense": {"units": 2},
            "recipes[0].warmup_epochs": 7,
        }
    )
    assert [line.split(": ")[0] for line in problems(config)] == [
        "overrides.16",
        "recipes[0].warmup_epochs",
        "dataset.train_size",
        "model.layers[1].Dense.units",
        "model.layers[1].Dense.activation",
    ]


MOONS = {"source": "make_moons", "arguments": {"n_samples": 20, "random_state": 2}}
DIABETES = {"source": "load_diabetes", "train_size": 0.5}
TABLE = {"table": {"file": "my.csv", "target": "y"}, "train_size": 0.5}
BAND = {"convergence.stable.band": 3}


def study_of(dataset, loss, units, activation, **changes):
    layer = {"units": units} | ({"activation": activation} if activation else {})
    model = {"layers": [{"Dense": layer}], "loss": loss}
    return small({"dataset": dataset, "model": model} | changes)


@pytest.mark.parametrize(
    ("dataset", "loss", "units", "activation"),
    [
        (MOONS | {"train_size": 0.5}, "binary_crossentropy", 1, "sigmoid"),
        (MOONS | {"train_size": 0.5}, "sparse_categorical_crossentropy", 2, "softmax"),
        (DIABETES, "mean_squared_error", 1, None),
        (DIABETES, "mean_squared_error", 1, "softplus"),
        # What the file holds is not known yet.
        (TABLE, "sparse_categorical_crossentropy", 7, "softmax"),
        (TABLE, "binary_crossentropy", 1, "sigmoid"),
        (TABLE, "mean_squared_error", 1, None),
    ],
)
def test_losses_with_the_layer_that_suits_them(dataset, loss, units, activation):
    assert load_study(study_of(dataset, loss, units, activation, **BAND))


@pytest.mark.parametrize(
    ("dataset", "loss", "units", "activation", "expected"),
    [
        (
            MOONS | {"train_size": 0.5},
            "sparse_categorical_crossentropy",
            1,
            "softmax",
            "model.layers[0].Dense.units: expected 2 units, one per class. Received: 1. Write 2; "
            "for one unit with sigmoid, write loss: binary_crossentropy.",
        ),
        (
            TABLE,
            "sparse_categorical_crossentropy",
            1,
            "softmax",
            "model.layers[0].Dense.units: expected 2 or more units, one per class. Received: 1. "
            "Write the number of classes; for one unit with sigmoid, write loss: "
            "binary_crossentropy.",
        ),
        (
            DIABETES,
            "sparse_categorical_crossentropy",
            2,
            "softmax",
            "model.loss: expected mean_squared_error, since load_diabetes has numbers. Received: "
            "sparse_categorical_crossentropy. Write mean_squared_error.",
        ),
        (
            DIABETES,
            "mean_squared_error",
            1,
            "softmax",
            "model.layers[0].Dense.activation: expected no softmax, which is 1 for a single unit. "
            "Received: softmax. Remove it.",
        ),
        (
            DIABETES | {"split": "stratified"},
            "mean_squared_error",
            1,
            None,
            "dataset.split: expected first or shuffled, since numbers have no classes to keep the "
            "shares of. Received: stratified. Write shuffled.",
        ),
        (
            DIABETES | {"class_weight": "balanced"},
            "mean_squared_error",
            1,
            None,
            "dataset.class_weight: expected no such key, since the loss compares numbers, not "
            "classes. Received: balanced. Remove it.",
        ),
    ],
)
def test_losses_with_what_does_not_suit_them(dataset, loss, units, activation, expected):
    assert problems(study_of(dataset, loss, units, activation, **BAND)) == [expected]


def test_a_band_in_units_of_the_target_has_no_default():
    config = study_of(DIABETES, "mean_squared_error", 1, None)
    assert problems(config) == [
        "convergence.stable.band: expected a number above 0, in the units of "
        "val_mean_absolute_error. Received: nothing. Add it; the default, 0.02, is for an accuracy."
    ]
    stable = load_study(config | {"convergence": {"stable": {"band": 3}}})["convergence"]["stable"]
    assert (stable["metric"], stable["band"]) == ("val_mean_absolute_error", 3)


def test_a_default_that_depends_on_the_loss_may_be_written_out():
    """In any order of the keys: Snakemake compares what comes out as text."""
    short = study_of(DIABETES, "mean_squared_error", 1, None, **BAND)
    stable = {"band": 3, "metric": "val_mean_absolute_error", "min_epochs": 20}
    full = short | {"convergence": {"stable": stable}}
    full["model"] = {"metrics": ["mean_absolute_error"], **short["model"]}
    assert repr(load_study(full)) == repr(load_study(short))


LINEAR = {"rule": "linear", "value": 3e38, "reference_batch_size": 4}
SQRT = {"rule": "sqrt", "value": 0.1, "reference_batch_size": 1}
DECAY = {"keep_timescale": True, "arguments": {"weight_decay": 3e38}}


@pytest.mark.parametrize(
    ("recipe", "where", "value"),
    [
        ({"learning_rate": LINEAR}, "learning_rate of adam at batch size 8", "6e+38"),
        (
            {"learning_rate": LINEAR | {"value": 1.3e-38, "reference_batch_size": 8}},
            "learning_rate of adam at batch size 4",
            "6.5e-39",
        ),
        (
            {"learning_rate": SQRT, "arguments": {"epsilon": 2.4e-38}},
            "epsilon of adam at batch size 8",
            "8.48528137423857e-39",
        ),
    ],
)
def test_what_a_recipe_comes_to_is_a_number_in_single_precision(recipe, where, value):
    config = small({f"recipes[0].{key}": setting for key, setting in recipe.items()})
    assert problems(config) == [
        f"recipes, {where}: expected a number that single precision has, from 1.2e-38 to 3.4e+38. "
        f"Received: {value}. The recipe comes to it here. Change what it scales, or the reference "
        "batch size."
    ]


def test_a_decay_that_keeps_its_timescale_is_a_number_in_single_precision():
    recipe = DECAY | {"name": "adam", "optimizer": "Adam", "learning_rate": 3e38}
    config = small({"recipes": [recipe], "overrides": {8: {"learning_rate": 1.3e-38}}})
    [line] = problems(config)
    assert line.startswith("recipes, weight_decay of adam at batch size 8: expected a number")
