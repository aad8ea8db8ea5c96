"""Builds the Keras model and optimizer that a point names."""

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
    layers = [
        getattr(keras.layers, name)(**arguments)
        for layer in settings["layers"]
        for name, arguments in layer.items()
    ]
    return keras.Sequential([keras.Input(features), *layers])


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


def build_optimizer(point):
    """The point's optimizer; the learning rate of each epoch is the trainer's to set."""
    return getattr(keras.optimizers, point["optimizer"])(**point["arguments"])
