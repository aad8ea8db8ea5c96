"""Words of a sequence, embedded and averaged: each pixel is a word, by how dark it is."""

import keras
from keras import layers


def build_model(input_shape, outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Rescaling(16),
            layers.Embedding(17, 16),
            layers.GlobalAveragePooling1D(),
            layers.Dense(outputs, activation="softmax"),
        ]
    )
