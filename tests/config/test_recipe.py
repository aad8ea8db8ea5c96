"""What a recipe comes to: known answers by hand, and what the square root rule is meant to keep."""

import inspect
import math

import pytest

from batchscope.config.recipe import (
    AVERAGES,
    EPSILON,
    effective_batch_size,
    epochs_needed,
    kind,
    scale,
    updates_per_epoch,
)


@pytest.mark.parametrize(
    ("learning_rate", "expected"),
    [
        (0.1, "number"),
        (1, "number"),
        ({"rule": "sqrt", "value": 0.1, "reference_batch_size": 32}, "rule"),
        ({"grid": [0.1, 0.2]}, "grid"),
    ],
    ids=["float", "int", "rule", "grid"],
)
def test_kind(learning_rate, expected):
    assert kind(learning_rate) == expected


@pytest.mark.parametrize(
    ("batch_size", "effective", "updates"),
    [(1, 1, 500), (4, 4, 125), (128, 128, 4), (499, 499, 2), (500, 500, 1), (512, 500, 1)],
)
def test_what_a_batch_size_comes_to_with_500_samples(batch_size, effective, updates):
    assert effective_batch_size(batch_size, 500) == effective
    assert updates_per_epoch(batch_size, 500) == updates


@pytest.mark.parametrize(
    ("epochs", "min_updates", "updates_per_epoch", "expected"),
    [
        (100, 0, 1, 100),
        (100, 2000, 125, 100),
        (100, 2000, 20, 100),
        (100, 2001, 20, 101),
        (100, 2000, 16, 125),
        (100, 2001, 16, 126),
        (100, 2000, 1, 2000),
        (1, 1, 125, 1),
        # As floats, the quotient would be 3 * 2**53.
        (1, 6 * 2**53 + 1, 2, 3 * 2**53 + 1),
    ],
)
def test_epochs_needed(epochs, min_updates, updates_per_epoch, expected):
    assert epochs_needed(epochs, min_updates, updates_per_epoch) == expected


def test_square_root_rule_by_hand():
    """Malladi et al. 2022 for Keras's defaults: 1 - 4 · 0.1, 1 - 4 · 0.001, 1e-7 / 2."""
    factor, arguments, clamped = scale("sqrt", 4, "Adam", {})
    assert factor == 2
    assert arguments == pytest.approx({"beta_1": 0.6, "beta_2": 0.996, "epsilon": 5e-8}, rel=1e-12)
    assert clamped == []


def test_square_root_rule_below_the_reference():
    """1 - 0.1 / 4, 1 - 0.001 / 4, 1e-7 · 2."""
    factor, arguments, clamped = scale("sqrt", 0.25, "AdamW", {})
    assert factor == 0.5
    expected = {"beta_1": 0.975, "beta_2": 0.99975, "epsilon": 2e-7}
    assert arguments == pytest.approx(expected, rel=1e-12)
    assert clamped == []


def test_an_average_that_would_be_too_short_is_none_at_all():
    """1 - 16 · 0.1 is below 0; the others follow the rule all the same."""
    factor, arguments, clamped = scale("sqrt", 16, "Adam", {})
    assert factor == 4
    expected = {"beta_1": 0, "beta_2": 0.984, "epsilon": 2.5e-8}
    assert arguments == pytest.approx(expected, rel=1e-12)
    assert clamped == ["beta_1"]


def test_several_averages_may_be_too_short():
    _, arguments, clamped = scale("sqrt", 2000, "Adam", {})
    assert (arguments["beta_1"], arguments["beta_2"]) == (0, 0)
    assert clamped == ["beta_1", "beta_2"]


@pytest.mark.parametrize("kappa", [10, 20, 50, 100, 1000])
def test_a_beta_of_exactly_zero_follows_the_rule(kappa):
    """1 - 1000 · (1 - 0.999) is a little below 0 to a computer."""
    _, arguments, clamped = scale("sqrt", kappa, "RMSprop", {"rho": 1 - 1 / kappa})
    assert arguments["rho"] == pytest.approx(0, abs=1e-12)
    assert arguments["rho"] >= 0
    assert clamped == []


def test_given_arguments_are_scaled_in_place_of_the_defaults():
    given = {"beta_1": 0.8, "epsilon": 1e-3, "weight_decay": 0.1, "global_clipnorm": 1}
    _, arguments, _ = scale("sqrt", 4, "AdamW", given)
    expected = {
        "beta_1": 0.2,
        "beta_2": 0.996,
        "epsilon": 5e-4,
        "weight_decay": 0.1,
        "global_clipnorm": 1,
    }
    assert arguments == pytest.approx(expected, rel=1e-12)
    assert given["beta_1"] == 0.8


def test_square_root_rule_of_rmsprop():
    """Keras adds epsilon to the average of squares, so it scales as these do: 1e-7 / 4."""
    given = {"momentum": 0.9}
    factor, arguments, clamped = scale("sqrt", 4, "RMSprop", given)
    assert factor == 2
    assert arguments == pytest.approx(given | {"rho": 0.6, "epsilon": 2.5e-8}, rel=1e-12)
    assert clamped == []


@pytest.mark.parametrize("optimizer", AVERAGES)
def test_the_reference_itself_keeps_what_it_has(optimizer):
    given = dict.fromkeys(AVERAGES[optimizer], 0.3) | {"weight_decay": 0.01}
    factor, arguments, clamped = scale("sqrt", 1, optimizer, given)
    assert factor == 1
    assert arguments == pytest.approx(given | {"epsilon": EPSILON}, rel=1e-12)
    assert clamped == []


@pytest.mark.parametrize("kappa", [0.25, 1, 4, 100])
def test_square_root_rule_of_sgd_touches_the_learning_rate_alone(kappa):
    given = {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}
    assert scale("sqrt", kappa, "SGD", given) == (math.sqrt(kappa), given, [])


@pytest.mark.parametrize("optimizer", ["SGD", *AVERAGES])
@pytest.mark.parametrize("kappa", [0.25, 1, 100])
def test_linear_rule_touches_the_learning_rate_alone(optimizer, kappa):
    for given in ({}, {"weight_decay": 0.01, "global_clipnorm": 1}):
        assert scale("linear", kappa, optimizer, given) == (kappa, given, [])


def test_the_defaults_are_those_of_keras(keras):
    for optimizer, averages in AVERAGES.items():
        defaults = inspect.signature(getattr(keras.optimizers, optimizer)).parameters
        for name, value in (averages | {"epsilon": EPSILON}).items():
            assert defaults[name].default == value, (optimizer, name)


@pytest.mark.parametrize(
    ("optimizer", "given"),
    [
        ("RMSprop", {"rho": 0.8}),
        ("Adam", {"beta_1": 0.8, "beta_2": 0.8}),
        ("AdamW", {"beta_1": 0.8, "beta_2": 0.8, "weight_decay": 1e-12}),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_epsilon_keeps_its_weight_against_the_gradients(keras, optimizer, given):
    """With gradients sqrt(kappa) times as small, a step over the learning rate stays as it was.

    The noise of the gradients becomes so much smaller with kappa times as many samples.
    """
    kappa = 3
    given = given | {"epsilon": 1.0}
    _, scaled, clamped = scale("sqrt", kappa, optimizer, given)
    assert clamped == []

    def settled_step(arguments, gradient):
        update = getattr(keras.optimizers, optimizer)(learning_rate=1.0, **arguments)
        variable = keras.Variable(0.0)
        for _ in range(100):
            before = float(variable.numpy())
            update.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        return before - float(variable.numpy())

    assert settled_step(scaled, kappa**-0.5) == pytest.approx(settled_step(given, 1.0), rel=1e-3)
