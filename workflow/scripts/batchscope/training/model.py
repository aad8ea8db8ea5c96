"""Builds the Keras model and optimizer that a point names."""

import random

import keras
import numpy as np

from batchscope.config.losses import LOSSES
from batchscope.training.model_file import load_builder
from batchscope.training.seeds import weights_seed


def build_model(settings, features, outputs):
    """A freshly initialised model.

    Args:
        settings: `model` of the config: layers, or file and its sha256.
        features: shape of one sample, without the batch axis.
        outputs: units of the last layer; for a file only, since layers name theirs.

    Returns:
        keras.Model, not yet compiled. Initial weights follow Keras's global seed.

    Raises:
        ModelError: if the file has no such function. What the function raises is the user's.
    """
    if "file" in settings:
        build = load_builder(settings["file"], settings["sha256"])
        return build(features, outputs)
    return keras.Sequential([keras.Input(features), *_layers(settings)])


def count_outputs(settings, arrays):
    """The units of the last layer: one per class, or one for two classes or a number."""
    if LOSSES[settings["loss"]].target != "classes":
        return 1
    return 1 + max(int(np.max(array)) for name, array in arrays.items() if name.startswith("y_"))


def fresh_model(point, arrays, seed, replicate):
    """The point's model as a replicate of a study seed starts with it, not yet compiled."""
    keras.utils.set_random_seed(weights_seed(seed, replicate))
    settings, features = point["model"], tuple(arrays["x_train"].shape[1:])
    return build_model(settings, features, count_outputs(settings, arrays))


def initial_weights(model, point, arrays, seed, replicate):
    """What the variables of `fresh_model` hold, without building the network again.

    Args:
        model: the point's model, built.
        point, arrays, seed, replicate: as for `fresh_model`.

    Returns:
        list of arrays, in the order of the model's variables.
    """
    settings = point["model"]
    if "file" in settings:
        # What a user's function draws, and when, is known to it alone.
        fresh = fresh_model(point, arrays, seed, replicate)
        return [variable.numpy() for variable in fresh.variables]
    # Keras draws the seeds of a layer's initializers and of its masks from here when it makes the
    # layer. To seed TensorFlow too would empty its cache of kernels, which are slow to make again.
    random.seed(weights_seed(seed, replicate))
    return [
        value.numpy()
        for built, fresh in zip(model.layers, _layers(settings), strict=True)
        for value in _initial_values(built, fresh)
    ]


def _layers(settings):
    """New layers as the config names them, without weights."""
    return [
        getattr(keras.layers, name)(**arguments)
        for layer in settings["layers"]
        for name, arguments in layer.items()
    ]


def _initial_values(built, fresh):
    """What a fresh layer would hold if it were built; `built` is one of its kind that is."""
    # One that draws masks has its state from the start, and no weights.
    return fresh.variables or [
        getattr(fresh, f"{variable.name}_initializer")(variable.shape, variable.dtype)
        for variable in built.variables
    ]


def build_optimizer(point):
    """The point's optimizer; the learning rate of each epoch is the trainer's to set."""
    return getattr(keras.optimizers, point["optimizer"])(**point["arguments"])
