"""The tutorial's script as its reader would write it: one `fit` per batch size, one figure."""

import sys
from time import time

import keras
import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
from sklearn.datasets import make_blobs

X, y = make_blobs(n_samples=1000, centers=3, n_features=2, cluster_std=2, random_state=2)
y = keras.utils.to_categorical(y)
n_train = 500
X_train, X_test = X[:n_train, :], X[n_train:, :]
y_train, y_test = y[:n_train], y[n_train:]


def build_and_compile_model():
    model = keras.Sequential()
    model.add(keras.Input((2,)))
    model.add(keras.layers.Dense(50, activation="relu", kernel_initializer="he_uniform"))
    model.add(keras.layers.Dense(3, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


plt.figure(figsize=(16, 15))
for i, batch_size in enumerate([4, 8, 16, 32, 64, 128, 256, 512]):
    start = time()
    model = build_and_compile_model()
    history = model.fit(
        X_train,
        y_train,
        validation_data=(X_test, y_test),
        epochs=100,
        verbose=0,
        batch_size=batch_size,
    )
    plt.subplot(420 + i + 1)
    plt.plot(history.history["accuracy"], label="train")
    plt.plot(history.history["val_accuracy"], label="test")
    plt.title(f"batch={batch_size} Time:{time() - start}")
plt.savefig(sys.argv[1])
