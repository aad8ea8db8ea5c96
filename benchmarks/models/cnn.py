"""A small convolutional network."""

import keras
from keras import layers


def build_model(input_shape, outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(outputs, activation="softmax"),
        ]
    )
