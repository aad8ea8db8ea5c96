"""Targets as a training takes them: the numbers of classes, or numbers."""

import numpy as np

from batchscope.config.losses import LOSSES, compares_numbers, units_fit
from batchscope.data.samples import refuse


def encode(samples, loss, units):
    """The targets of some samples, and the names of their classes.

    Args:
        samples: Samples.
        loss: `model.loss` of the config.
        units: of the last layer, None if they are not known.

    Returns:
        (y, names): int32 [n], the place of each label among the sorted ones, which are names,
        list of str; or float32 [n] and None for a loss that compares numbers.

    Raises:
        DataError: if the targets are none that the loss compares.
    """
    if compares_numbers(loss):
        return _numbers(samples), None
    labels = _labels(samples)
    values, y = np.unique(labels, return_inverse=True)
    names = [str(value) for value in values]
    count = len(names)
    if count == 1:
        fix = "A single class needs no training."
        refuse(samples.target, "two or more classes", f"{names[0]} alone", fix)
    if LOSSES[loss].target == "two classes" and count != 2:
        fix = "Write loss: sparse_categorical_crossentropy."
        refuse(samples.target, f"two classes for {loss}", _listed(names), fix)
    if units is not None and not units_fit(loss, units, count):
        expected = f"{LOSSES[loss].units.format(count)}, in the last layer"
        received = f"{units} for {_listed(names)}"
        fix = f"Write {count}; if the target is a number, write loss: mean_squared_error."
        refuse("model.layers", expected, received, fix)
    return y.astype(np.int32), names


def _numbers(samples):
    y = samples.y
    if y.dtype.kind not in "biuf":
        index = next(i for i, value in enumerate(y) if not _is_number(value))
        fix = "Correct it, or write a loss of classes."
        refuse(samples.place(index), "a number to predict", repr(str(y[index])), fix)
    y = y.astype(np.float32)
    _check_finite(samples, y)
    if np.ptp(y) == 0:
        fix = "A single value needs no training."
        refuse(samples.target, "two or more values", f"{y[0]} alone", fix)
    return y


def _labels(samples):
    """Labels that sort as their readers expect: numbers by size, text by its characters."""
    y = samples.y
    if y.dtype.kind not in "biuf":
        return y.astype(str)
    _check_finite(samples, y)
    if y.dtype.kind == "f":
        broken = y != np.round(y)
        if broken.any():
            index = int(broken.argmax())
            fix = "For numbers write loss: mean_squared_error; give classes names."
            refuse(samples.place(index), "a class, as text or a whole number", y[index], fix)
        y = y.astype(np.int64)
    return y


def _check_finite(samples, y):
    finite = np.isfinite(y)
    if not finite.all():
        index = int(finite.argmin())
        refuse(
            samples.place(index),
            "a finite number",
            samples.y[index],
            "Correct it, or remove the sample.",
        )


def _is_number(value):
    try:
        float(value)
    except ValueError:
        return False
    return True


def _listed(names, most=5):
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{len(names)} classes: {', '.join(names[:most])}{more}"
