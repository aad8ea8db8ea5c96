"""Moving statistics: variables that no gradient touches."""

import keras
from keras import layers


def build_model(input_shape, outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(32, activation="tanh"),
            layers.BatchNormalization(momentum=0.9),
            layers.Dense(outputs, activation="softmax"),
        ]
    )
