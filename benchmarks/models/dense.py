"""A perceptron on the pixels."""

import keras
from keras import layers


def build_model(input_shape, outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(outputs, activation="softmax"),
        ]
    )
