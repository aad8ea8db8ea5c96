"""What each loss asks of the target and of the last layer. The task of a study follows from it."""

from typing import NamedTuple


class Loss(NamedTuple):
    """A loss of keras.losses.

    Attributes:
        target: what it compares.
        units: what the last layer has, {} standing for the number of classes.
        activation: of the last layer; None if any but softmax, which is 1 for a single unit.
    """

    target: str
    units: str
    activation: str | None


LOSSES = {
    "sparse_categorical_crossentropy": Loss("classes", "{} units, one per class", "softmax"),
    "binary_crossentropy": Loss("two classes", "1 unit, for the second class", "sigmoid"),
    "mean_squared_error": Loss("numbers", "1 unit, for the number", None),
}


def compares_numbers(loss):
    """Whether the target of a loss is a number, and no class."""
    return LOSSES[loss].target == "numbers"


def fits(loss, classes):
    """Whether a loss suits a target of so many classes, None for a target of numbers."""
    target = LOSSES[loss].target
    return {"classes": classes is not None, "two classes": classes == 2, "numbers": not classes}[
        target
    ]


def units_fit(loss, units, classes):
    """Whether a last layer of `units` suits a loss and so many classes, None if not known."""
    if LOSSES[loss].target != "classes":
        return units == 1
    return units >= 2 if classes is None else units == classes


def describe_output(model):
    """What the data have to fit of a completed study's `model`.

    Returns:
        dict of loss; units of the last layer, None if they are not in the config; and flat, whether
        the layers take samples of one axis only.
    """
    layers = model.get("layers", [])
    units = next(iter(layers[-1].values()))["units"] if layers else None
    flat = bool(layers) and not any("Flatten" in layer for layer in layers)
    return {"loss": model["loss"], "units": units, "flat": flat}
