"""Masks that are drawn for each batch."""

import keras
from keras import layers


def build_model(input_shape, outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dropout(0.1),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(outputs, activation="softmax"),
        ]
    )
