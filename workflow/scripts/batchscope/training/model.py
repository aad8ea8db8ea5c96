"""Builds the Keras model and optimizer that a point names."""

import keras

from batchscope.training.seeds import weights_seed


def build_model(settings, features):
    """A freshly initialised model.

    Args:
        settings: `model` of the config: layers, loss, metrics.
        features: shape of one sample, without the batch axis.

    Returns:
        keras.Sequential, not yet compiled. Initial weights follow Keras's global seed.
    """
    layers = [
        getattr(keras.layers, name)(**arguments)
        for layer in settings["layers"]
        for name, arguments in layer.items()
    ]
    return keras.Sequential([keras.Input(features), *layers])


def fresh_model(point, features, seed, replicate):
    """The point's model as a replicate of a study seed starts with it, not yet compiled."""
    keras.utils.set_random_seed(weights_seed(seed, replicate))
    return build_model(point["model"], features)


def build_optimizer(point):
    """The point's optimizer; the learning rate of each epoch is the trainer's to set."""
    return getattr(keras.optimizers, point["optimizer"])(**point["arguments"])
