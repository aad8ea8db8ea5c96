"""Ten models of different kinds through the compiled loop and through Keras's own `fit`."""

import numpy as np
import pytest
from model_files import TEN, make_images, settings_of

EPOCHS, BATCH_SIZE = 2, 8
RANDOM = {"augmentation": ["RandomTranslation", "RandomRotation"], "dropout": ["Dropout"]}
# XLA knows no operation of the first, and draws other masks for the second than TensorFlow:
# test_trainer.py compares its masks with those of a `fit` that it compiles.
WITHOUT_XLA = {"augmentation", "dropout"}


@pytest.fixture(scope="module")
def library(keras):
    from batchscope.training import ways

    return ways


def make_point(path, **changes):
    point = {"model": settings_of(path), "seed": 1, "batch_size": BATCH_SIZE, "epochs": EPOCHS}
    return point | {"optimizer": "Adam", "arguments": {}} | changes


def start(library, point, arrays, way):
    """A trainer before its first epoch."""
    from batchscope.training.model import fresh_model

    trainer, _ = library.compile_trainer(point, arrays, way)
    trainer.reset([v.numpy() for v in fresh_model(point, arrays, 1, 1).variables])
    return trainer


def orders(arrays, epochs=EPOCHS):
    generator = np.random.default_rng(3)
    return np.stack([generator.permutation(len(arrays["x_train"])) for _ in range(epochs)])


@pytest.mark.parametrize("path", TEN, ids=lambda path: path.stem)
def test_the_compiled_loop_is_the_training_of_fit(library, path):
    arrays, point = make_images(train=3 * BATCH_SIZE), make_point(path)
    fit = start(library, point, arrays, "fit")
    expected = fit.run(orders(arrays), 0.01)
    assert expected.shape == (EPOCHS, 4)
    assert np.ptp(expected[:, 0]) > 1e-4
    assert fit.random_layers == RANDOM.get(path.stem, [])
    for way in ("graph", "xla"):
        if way == "graph" or path.stem not in WITHOUT_XLA:
            loop = start(library, point, arrays, way)
            curve = loop.run(orders(arrays), 0.01)
            np.testing.assert_allclose(curve, expected, rtol=1e-5, atol=1e-5)
            assert loop.updates == fit.updates == EPOCHS * 3
            assert loop.random_layers == fit.random_layers
            # Weights, moving statistics, seeds and the optimizer's moments.
            for ours, theirs in zip(loop.get_state(), fit.get_state(), strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_ten_kinds_of_models():
    assert len(TEN) == 10 and set(RANDOM) < {path.stem for path in TEN}


@pytest.fixture(scope="module")
def dropping(library):
    """A model with a state of every kind but moving statistics, trained by `fit`."""
    [path] = [path for path in TEN if path.stem == "dropout"]
    arrays = make_images()
    trainer = start(library, make_point(path, epochs=4), arrays, "fit")
    begun = trainer.get_state()
    return trainer, begun, arrays, trainer.run(orders(arrays, 4), [0.01, 0.02, 0.03, 0.04])


def test_fit_goes_on_from_a_saved_state(dropping):
    trainer, begun, arrays, whole = dropping
    trainer.set_state(begun)
    first = trainer.run(orders(arrays, 4)[:3], [0.01, 0.02, 0.03])
    state = trainer.get_state()
    trainer.run(orders(arrays, 4), 0.1)
    trainer.set_state(state)
    last = trainer.run(orders(arrays, 4)[3:], [0.04])
    assert np.array_equal(np.concatenate([first, last]), whole)


def test_fit_heeds_the_order_and_the_learning_rates(dropping):
    trainer, begun, arrays, whole = dropping
    for order, rates in (
        (orders(arrays, 4)[::-1], [0.01, 0.02, 0.03, 0.04]),
        (orders(arrays, 4), 0.01),
    ):
        trainer.set_state(begun)
        assert not np.array_equal(trainer.run(order, rates), whole)


def test_compiling_fit_trains_nothing(dropping):
    trainer, begun, *_ = dropping
    trainer.set_state(begun)
    trainer.compile()
    for value, expected in zip(trainer.get_state(), begun, strict=True):
        assert np.array_equal(value, expected)


def test_fit_stops_at_the_first_epoch_that_is_not_finite(library):
    [path] = [path for path in TEN if path.stem == "dense"]
    arrays = make_images()
    trainer = start(library, make_point(path, optimizer="SGD"), arrays, "fit")
    assert np.isfinite(trainer.run(orders(arrays), 0.01)).all()
    curve = trainer.run(orders(arrays, 4), [0.01, 1e30, 0.01, 0.01])
    assert len(curve) == 2 and np.isfinite(curve[0]).all() and not np.isfinite(curve[1]).all()


MIXED = """
import keras
from keras import layers


def build_model(input_shape, outputs):
    policy = keras.DTypePolicy("mixed_float16")
    image = keras.Input(input_shape)
    x = layers.Dense(8, activation="relu", dtype=policy)(layers.Flatten()(image))
    x = layers.Dense(outputs, activation="softmax", dtype="float32")(x)
    model = keras.Model(image, x)
    model.dtype_policy = policy
    return model
"""


@pytest.mark.parametrize("way", ["xla", "graph", "fit"])
def test_updates_that_mixed_precision_skips_are_not_made(library, tmp_path, way):
    """Of inputs near 100 the loss's first scale, 2^15, makes gradients beyond half precision."""
    path = tmp_path / "mixed.py"
    path.write_text(MIXED)
    arrays = make_images()
    arrays["x_train"] = 100 * arrays["x_train"]
    trainer = start(library, make_point(path), arrays, way)
    curve = trainer.run(orders(arrays), 0.001)
    assert np.isfinite(curve).all()
    assert 0 < trainer.updates < EPOCHS * 3
