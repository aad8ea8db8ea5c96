"""Self-attention between the rows of the image."""

import keras
from keras import layers


def build_model(input_shape, outputs):
    image = keras.Input(input_shape)
    rows = layers.Dense(16)(layers.Reshape((input_shape[0], -1))(image))
    attended = layers.MultiHeadAttention(num_heads=2, key_dim=8)(rows, rows)
    rows = layers.LayerNormalization()(rows + attended)
    pooled = layers.GlobalAveragePooling1D()(rows)
    return keras.Model(image, layers.Dense(outputs, activation="softmax")(pooled))
