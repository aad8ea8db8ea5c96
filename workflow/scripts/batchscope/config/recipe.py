"""What a recipe comes to at each batch size: how long it trains, and at which learning rate.

A rule carries a learning rate from a reference batch size to another that is kappa times as large:

- `linear`: kappa times the learning rate (Goyal et al. 2017, "Accurate, large minibatch SGD").
- `sqrt`: sqrt(kappa) times. For optimizers that divide by an average of squared gradients the
  averages are made to span as many samples as before, 1 - beta becoming kappa (1 - beta), and
  epsilon is divided by sqrt(kappa) (Malladi et al. 2022, "On the SDEs and scaling rules for
  adaptive gradient algorithms"); by kappa in RMSprop, where Keras adds it below the square root.
  Where kappa (1 - beta) exceeds 1 there is no such average; beta is then 0, the nearest there is.
- `half_life`: the same learning rate. The average of squared gradients forgets half of what it
  holds after as many samples as before, beta_2 becoming beta_2 ** kappa (Marek et al. 2025, "Small
  batch size training for language models: when vanilla SGD works, and why gradient accumulation is
  wasteful").

Keras's optimizers multiply weight decay by the learning rate, and take this share off the weights
in every update. So the decay has a timescale of B / (learning rate * decay * n) epochs at batch
size B and n samples (Bergsma et al. 2025, "Power lines: scaling laws for weight decay and batch
size in LLM pre-training"). It moves with B unless the rate or the decay is scaled.
"""

import math

# What rules scale, with Keras's defaults; importing Keras would take seconds.
AVERAGES = {
    "RMSprop": {"rho": 0.9},
    "Adam": {"beta_1": 0.9, "beta_2": 0.999},
    "AdamW": {"beta_1": 0.9, "beta_2": 0.999},
}
EPSILON = 1e-7
WEIGHT_DECAY = {"AdamW": 0.004}

# Where a learning rate is a number, as where a rule names none.
REFERENCE_BATCH_SIZE = 32


def kind(learning_rate):
    """How a recipe sets its learning rate: by a "number", a "rule" or a "grid"."""
    if not isinstance(learning_rate, dict):
        return "number"
    return "grid" if "grid" in learning_rate else "rule"


def weight_decay(optimizer, arguments):
    """The weight decay of an optimizer with some arguments; None if it has none."""
    return arguments.get("weight_decay", WEIGHT_DECAY.get(optimizer))


def effective_batch_size(batch_size, n):
    """The samples of the largest batch out of n training samples: no batch holds more than all."""
    return min(batch_size, n)


def updates_per_epoch(batch_size, n):
    """The batches that n training samples make; the last one holds what is left."""
    return -(-n // batch_size)


def epochs_needed(epochs, min_updates, updates_per_epoch):
    """The fewest whole epochs that are at least `epochs` and hold at least `min_updates`."""
    # In whole numbers: a quotient of large ones is not exact as a float.
    return max(epochs, -(-min_updates // updates_per_epoch))


def settle(point, n):
    """A point whose values all are what they come to with n training samples.

    Args:
        point: from `study.resolve_point`. If it is settled already, nothing changes.
        n: number of training samples.

    Returns:
        The point without min_updates, which is part of its epochs, without a rule, which has become
        a learning rate with its arguments, and without keep_timescale, which has become a weight
        decay.
    """
    point = dict(point)
    batch_size, rate = point["batch_size"], point["learning_rate"]
    kept = point.pop("keep_timescale", None)
    updates = updates_per_epoch(batch_size, n)
    point["epochs"] = epochs_needed(point["epochs"], point.pop("min_updates", 0), updates)
    if kind(rate) == "rule":
        kappa = _kappa(batch_size, rate["reference_batch_size"], n)
        factor, point["arguments"], point["clamped"] = scale(
            rate["rule"], kappa, point["optimizer"], point["arguments"]
        )
        point["learning_rate"] = rate["value"] * factor
    if kept:
        kappa = _kappa(batch_size, kept["reference_batch_size"], n)
        factor = kappa * kept["learning_rate"] / point["learning_rate"]
        # A decay that stays is not written out: the point would be trained again.
        if factor != 1:
            decay = factor * weight_decay(point["optimizer"], point["arguments"])
            point["arguments"] = point["arguments"] | {"weight_decay": decay}
    return point


def _kappa(batch_size, reference, n):
    return effective_batch_size(batch_size, n) / effective_batch_size(reference, n)


def scale(rule, kappa, optimizer, arguments):
    """A rule's hyperparameters at kappa times the reference batch size.

    Args:
        rule: "linear", "sqrt" or "half_life", which takes an optimizer that has beta_2.
        kappa: effective batch size over effective reference batch size.
        optimizer: its name in keras.optimizers.
        arguments: its arguments at the reference batch size.

    Returns:
        (factor, arguments, clamped): what the learning rate is multiplied by, the arguments, and
        the names of those that could not follow the rule and were set to 0.
    """
    if rule == "linear":
        return kappa, arguments, []
    if rule == "half_life":
        beta = arguments.get("beta_2", AVERAGES[optimizer]["beta_2"])
        return 1, arguments | {"beta_2": beta**kappa}, []
    if optimizer not in AVERAGES:
        return math.sqrt(kappa), arguments, []
    divisor = kappa if optimizer == "RMSprop" else math.sqrt(kappa)
    scaled, clamped = {"epsilon": arguments.get("epsilon", EPSILON) / divisor}, []
    for name, default in AVERAGES[optimizer].items():
        # 1 - 1000 (1 - 0.999) comes out a little below 0.
        beta = round(1 - kappa * (1 - arguments.get(name, default)), 12)
        scaled[name] = max(0.0, beta)
        if beta < 0:
            clamped.append(name)
    return math.sqrt(kappa), arguments | scaled, clamped
