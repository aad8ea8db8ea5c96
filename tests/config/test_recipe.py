"""What a recipe comes to: known answers by hand, and what the square root rule is meant to keep."""

import inspect
import math

import pytest

from batchscope.config.recipe import (
    AVERAGES,
    EPSILON,
    WEIGHT_DECAY,
    effective_batch_size,
    epochs_needed,
    kind,
    scale,
    settle,
    updates_per_epoch,
    weight_decay,
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


@pytest.mark.parametrize("optimizer", ["Adam", "AdamW"])
@pytest.mark.parametrize(
    ("batch_size", "expected"), [(4, 0.999875), (32, 0.999), (512, 0.98412), (22169.6, 0.5)]
)
def test_half_life_rule_by_hand(optimizer, batch_size, expected):
    """Marek et al. 2025: beta_2 is 0.5 ** (B / t); 0.999 at 32 forgets half in 22,169.6 samples."""
    given = {"beta_1": 0.8, "weight_decay": 0.1}
    factor, arguments, clamped = scale("half_life", batch_size / 32, optimizer, given)
    assert (factor, clamped) == (1, [])
    assert arguments == pytest.approx(given | {"beta_2": expected}, abs=1e-6)
    assert arguments["beta_2"] == pytest.approx(0.5 ** (batch_size / 22169.6), rel=1e-6)


def test_half_life_rule_scales_a_given_beta_2():
    assert scale("half_life", 2, "Adam", {"beta_2": 0.9}) == (1, {"beta_2": 0.9**2}, [])
    assert scale("half_life", 0.5, "Adam", {"beta_2": 0}) == (1, {"beta_2": 0}, [])


def test_half_life_rule_forgets_as_much_per_sample(keras):
    """The squared gradient of one sample in the past has the same weight at every batch size."""

    def weight_left(batch_size, samples=256):
        _, arguments, _ = scale("half_life", batch_size / 32, "Adam", {"beta_2": 0.9})
        update, variable = keras.optimizers.Adam(**arguments), keras.Variable(0.0)
        values = [1.0] + [0.0] * (samples // batch_size)
        for gradient in values:
            update.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        return float(update._velocities[0].numpy()) / (1 - arguments["beta_2"])

    assert weight_left(32) == pytest.approx(0.9**8, rel=1e-4)
    assert weight_left(8) == pytest.approx(0.9**8, rel=1e-4)
    assert weight_left(128) == pytest.approx(0.9**8, rel=1e-4)


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
    for optimizer in ("SGD", *AVERAGES):
        defaults = inspect.signature(getattr(keras.optimizers, optimizer)).parameters
        assert defaults["weight_decay"].default == WEIGHT_DECAY.get(optimizer), optimizer


def test_weight_decay():
    assert weight_decay("AdamW", {}) == 0.004
    assert weight_decay("AdamW", {"weight_decay": 0.1}) == 0.1
    assert weight_decay("SGD", {"weight_decay": 0.1}) == 0.1
    assert weight_decay("SGD", {}) is None


@pytest.mark.parametrize(
    ("optimizer", "rule", "follows"),
    [
        *((optimizer, None, -1) for optimizer in ("SGD", *AVERAGES)),
        *((optimizer, "linear", 0) for optimizer in ("SGD", *AVERAGES)),
        *((optimizer, "sqrt", -0.5) for optimizer in ("SGD", *AVERAGES)),
        *((optimizer, "half_life", -1) for optimizer in ("Adam", "AdamW")),
    ],
)
def test_weights_without_a_gradient_decay_as_fast_at_every_batch_size(
    keras, optimizer, rule, follows
):
    """By Keras's own optimizers: an epoch shrinks weights by 1 - rate * decay in every update."""
    rate = {"rule": rule, "value": 0.01, "reference_batch_size": 32} if rule else 0.01

    def left(batch_size, keep, exception=None, n=512):
        """What an epoch of 512 samples leaves of a weight; `exception` is an override's rate."""
        point = {"batch_size": batch_size, "epochs": 1, "optimizer": optimizer}
        point |= {"arguments": {"weight_decay": 0.04}, "learning_rate": exception or rate}
        if keep:
            point["keep_timescale"] = {"learning_rate": 0.01, "reference_batch_size": 32}
        point = settle(point, n)
        assert settle(point, n) == point
        update = getattr(keras.optimizers, optimizer)(point["learning_rate"], **point["arguments"])
        weight, zero = keras.Variable(1.0), keras.ops.zeros(())
        for _ in range(updates_per_epoch(batch_size, n)):
            update.apply([zero], [weight])
        return -math.log(float(weight.numpy()))

    sizes = (16, 32, 128, 512, 1024)
    kept = [left(size, keep=True) for size in sizes]
    # 16 updates, each of 0.01 * 0.04.
    assert kept == pytest.approx([0.0064] * 5, rel=0.01)
    assert left(128, keep=True, exception=0.07) == pytest.approx(0.0064, rel=0.01)
    moved = [left(size, keep=False) for size in sizes]
    expected = [0.0064 * (min(size, 512) / 32) ** follows for size in sizes]
    assert moved == pytest.approx(expected, rel=0.01)


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
