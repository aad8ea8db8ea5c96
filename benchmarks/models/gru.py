"""A loop over time: each row of the image is a step."""

import keras
from keras import layers


def build_model(input_shape, outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Reshape((input_shape[0], -1)),
            layers.GRU(16),
            layers.Dense(outputs, activation="softmax"),
        ]
    )
