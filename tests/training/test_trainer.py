"""The compiled training against Keras's own `Model.fit`, and what it promises beyond it."""

import numpy as np
import pytest

EPOCHS = 30
# 25 full batches; full batches and a rest; one full batch and a rest; full batch.
BATCH_SIZES = (4, 32, 64, 512)
TRAIN, VALIDATION = 100, 50
TOLERANCE = 1e-5

OPTIMIZERS = {
    "Adam": ("Adam", {"learning_rate": 0.01}),
    "SGD": ("SGD", {"learning_rate": 0.05}),
    "momentum": ("SGD", {"learning_rate": 0.02, "momentum": 0.9}),
    "RMSprop": ("RMSprop", {"learning_rate": 0.005}),
    "AdamW": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.01}),
}
SOFTMAX = {"Dense": {"units": 3, "activation": "softmax"}}
DENSE = [{"Dense": {"units": 8, "activation": "relu"}}, SOFTMAX]
# tanh, since batch normalisation of the constant features of dead ReLUs amplifies the last digit
# of every update: there `fit` itself moves by 1e-3 when its weights are changed by 1e-7.
NORMALISED = [{"Dense": {"units": 8, "activation": "tanh"}}, {"BatchNormalization": {}}, SOFTMAX]
DROPPING = [DENSE[0], {"Dropout": {"rate": 0.4}}, SOFTMAX]
# Everything that has a state: weights, moving statistics and the seeds of the dropout masks.
STATEFUL = [*NORMALISED[:2], DROPPING[1], SOFTMAX]


@pytest.fixture(scope="module")
def library(keras):
    from batchscope.training import trainer

    return trainer


def samples(count, generator):
    """Three overlapping clusters in the plane."""
    y = generator.integers(0, 3, count)
    centers = np.array([[-2, 0], [2, 0], [0, 3]])
    x = centers[y] + generator.normal(scale=1.5, size=(count, 2))
    return x.astype(np.float32), y.astype(np.int32)


def make_arrays(train=TRAIN, validation=VALIDATION, make=samples):
    generator = np.random.default_rng(7)
    x_train, y_train = make(train, generator)
    x_validation, y_validation = make(validation, generator)
    return {
        "x_train": x_train,
        "y_train": y_train,
        "x_validation": x_validation,
        "y_validation": y_validation,
    }


def make_orders(epochs=EPOCHS, n=TRAIN):
    from batchscope.training.seeds import epoch_order

    return np.stack([epoch_order(1, 1, epoch, n) for epoch in range(1, epochs + 1)])


CLASSES = ("sparse_categorical_crossentropy", "accuracy")


def compiled(layers, optimizer="Adam", features=(2,), jit_compile=False, task=CLASSES, **changes):
    """A compiled model whose weights nobody has set yet; `task` is its loss and metric."""
    import keras

    from batchscope.training.model import build_model

    name, arguments = OPTIMIZERS[optimizer]
    model = build_model({"layers": layers}, features, 3)
    model.compile(
        getattr(keras.optimizers, name)(**(arguments | changes)),
        loss=task[0],
        metrics=[task[1]],
        jit_compile=jit_compile,
    )
    return model


def values(variables):
    return [variable.numpy() for variable in variables]


def initial_weights(layers, features=(2,), seed=3):
    import keras

    keras.utils.set_random_seed(seed)
    return values(compiled(layers, features=features).variables)


def identical(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


class Fit:
    """The oracle: a model of its own, trained by `Model.fit` in the same orders."""

    def __init__(self, model, weights, task=CLASSES):
        self.model = model
        self.columns = [f"{part}{name}" for part in ("", "val_") for name in ("loss", task[1])]
        model.optimizer.build(model.trainable_variables)
        self.start = [*weights, *values(model.optimizer.variables)]

    def reset(self):
        variables = [*self.model.variables, *self.model.optimizer.variables]
        for variable, value in zip(variables, self.start, strict=True):
            variable.assign(value)

    def curve(self, arrays, orders, batch_size, callbacks=()):
        """One `fit`: the dataset holds the batches of all epochs, one after the other."""
        import tensorflow as tf

        def batches(*epoch):
            return tf.data.Dataset.from_tensor_slices(epoch).batch(batch_size)

        # tf.data's own optimisation takes longer than the training.
        options = tf.data.Options()
        options.autotune.enabled = False
        options.experimental_optimization.apply_default_optimizations = False
        options.threading.private_threadpool_size = 1
        names = ("x_train", "y_train", "weight_train")
        epochs = tf.data.Dataset.from_tensor_slices(
            tuple(arrays[name][orders] for name in names if name in arrays)
        )
        validation = tf.data.Dataset.from_tensors((arrays["x_validation"], arrays["y_validation"]))
        self.reset()
        history = self.model.fit(
            epochs.flat_map(batches).with_options(options),
            epochs=len(orders),
            steps_per_epoch=-(-orders.shape[1] // batch_size),
            shuffle=False,
            validation_data=validation.with_options(options),
            callbacks=list(callbacks),
            verbose=0,
        ).history
        return np.stack([history[name] for name in self.columns], axis=1)

    def curve_by_epoch(self, arrays, orders, batch_size):
        """A `fit` for each epoch, on the reordered arrays."""
        self.reset()
        rows = []
        for order in orders:
            history = self.model.fit(
                arrays["x_train"][order],
                arrays["y_train"][order],
                batch_size=batch_size,
                epochs=1,
                shuffle=False,
                validation_data=(arrays["x_validation"], arrays["y_validation"]),
                verbose=0,
            ).history
            rows.append([history[name][0] for name in self.columns])
        return np.array(rows)


def run(trainer, orders):
    """Train at the learning rate that the model was compiled with."""
    return trainer.run(orders, trainer.model.optimizer.learning_rate.numpy())


def assert_agrees(trainer, weights, orders, expected):
    trainer.reset(weights)
    curve = run(trainer, orders)
    assert curve.shape == expected.shape
    # The training has to move, or agreeing would mean nothing.
    assert np.ptp(expected[:, 0]) > 0.05
    np.testing.assert_allclose(curve, expected, rtol=0, atol=TOLERANCE)


@pytest.fixture(scope="module", params=OPTIMIZERS)
def dense_fit(keras, request):
    """The oracle of one optimizer, compiled once for all batch sizes."""
    weights = initial_weights(DENSE)
    return request.param, weights, Fit(compiled(DENSE, request.param), weights)


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_agrees_with_fit(library, dense_fit, batch_size):
    optimizer, weights, fit = dense_fit
    arrays, orders = make_arrays(), make_orders()
    trainer = library.Trainer(
        compiled(DENSE, optimizer), arrays, batch_size, EPOCHS, jit_compile=True
    )
    assert_agrees(trainer, weights, orders, fit.curve(arrays, orders, batch_size))


# Keras's own reading of its variables, in the scheduler.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_learning_rates_by_epoch_agree_with_keras_own_scheduler(keras, library):
    rates = np.geomspace(0.03, 0.001, EPOCHS).astype(np.float32)
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, rate: float(rates[epoch]))
    weights, arrays, orders = initial_weights(DENSE), make_arrays(), make_orders()
    expected = Fit(compiled(DENSE), weights).curve(arrays, orders, 32, [scheduler])
    trainer = library.Trainer(compiled(DENSE), arrays, 32, EPOCHS, jit_compile=True)
    trainer.reset(weights)
    parts = [(orders[:11], rates[:11]), (orders[11:], rates[11:])]
    curve = np.concatenate([trainer.run(*part) for part in parts])
    np.testing.assert_allclose(curve, expected, rtol=0, atol=TOLERANCE)
    trainer.reset(weights)
    assert np.abs(trainer.run(orders, rates[::-1]) - expected).max() > 0.01


def test_another_learning_rate_is_the_same_program(library):
    weights, arrays, orders = initial_weights(DENSE), make_arrays(), make_orders()
    trainer = library.Trainer(compiled(DENSE), arrays, 32, EPOCHS, jit_compile=True)
    for rate in (0.001, 0.1):
        other = library.Trainer(
            compiled(DENSE, learning_rate=rate), arrays, 32, EPOCHS, jit_compile=True
        )
        other.reset(weights)
        trainer.reset(weights)
        assert np.array_equal(trainer.run(orders, rate), run(other, orders))
    assert trainer._program.experimental_get_tracing_count() == 1


@pytest.fixture(scope="module")
def normalised_fit(keras):
    weights = initial_weights(NORMALISED)
    return weights, Fit(compiled(NORMALISED), weights)


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_batch_normalization_agrees_with_fit(library, normalised_fit, batch_size):
    weights, fit = normalised_fit
    arrays, orders = make_arrays(), make_orders()
    trainer = library.Trainer(compiled(NORMALISED), arrays, batch_size, EPOCHS, jit_compile=True)
    assert_agrees(trainer, weights, orders, fit.curve(arrays, orders, batch_size))
    # The moving statistics are variables that no gradient touches.
    final = zip(values(trainer.model.variables), values(fit.model.variables), strict=True)
    for ours, theirs in final:
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)


@pytest.mark.parametrize("jit_compile", [True, False])
def test_dropout_agrees_with_fit(library, jit_compile):
    """The very same masks as `fit`, update for update, from the same state of the seeds.

    Comparing curves is stricter than comparing how much is dropped: it also fails if a mask is
    used twice. XLA draws other masks than TensorFlow from one seed, so here `fit` is compiled by
    the compiler under test.
    """
    weights, arrays, orders = initial_weights(DROPPING), make_arrays(), make_orders()
    fit = Fit(compiled(DROPPING, jit_compile=jit_compile), weights)
    trainer = library.Trainer(compiled(DROPPING), arrays, 32, EPOCHS, jit_compile=jit_compile)
    assert_agrees(trainer, weights, orders, fit.curve(arrays, orders, 32))


def test_convolution_without_xla_agrees_with_fit(library):
    def images(count, generator):
        y = generator.integers(0, 3, count).astype(np.int32)
        x = generator.normal(size=(count, 8, 8, 1)) + y[:, None, None, None]
        return x.astype(np.float32), y

    features, n = (8, 8, 1), 40
    layers = [
        {"Conv2D": {"filters": 2, "kernel_size": 3, "activation": "relu"}},
        {"Flatten": {}},
        SOFTMAX,
    ]
    weights, arrays = initial_weights(layers, features), make_arrays(n, 20, images)
    orders = make_orders(5, n)
    fit = Fit(compiled(layers, features=features), weights)
    model = compiled(layers, features=features)
    trainer = library.Trainer(model, arrays, 16, 5, jit_compile=False)
    assert_agrees(trainer, weights, orders, fit.curve_by_epoch(arrays, orders, 16))


def numbers(count, generator):
    """Targets that are a curved function of two features, with noise."""
    x = generator.normal(size=(count, 2))
    y = 3 + x[:, 0] - 2 * x[:, 1] ** 2 + generator.normal(scale=0.1, size=count)
    return x.astype(np.float32), y.astype(np.float32)


def two_classes(count, generator):
    x, y = samples(count, generator)
    return x, (y == 2).astype(np.int32)


ONE_UNIT = {
    "regression": (numbers, None, ("mean_squared_error", "mean_absolute_error")),
    "binary": (two_classes, "sigmoid", ("binary_crossentropy", "accuracy")),
}


@pytest.mark.parametrize("batch_size", [32, 512])
@pytest.mark.parametrize("name", ONE_UNIT)
def test_one_unit_agrees_with_fit(library, name, batch_size):
    make, activation, task = ONE_UNIT[name]
    layers = [DENSE[0], {"Dense": {"units": 1, "activation": activation}}]
    weights, orders = initial_weights(layers), make_orders()
    arrays = make_arrays(make=make)
    fit = Fit(compiled(layers, task=task), weights, task)
    trainer = library.Trainer(compiled(layers, task=task), arrays, batch_size, EPOCHS, True)
    assert trainer.columns == fit.columns
    assert_agrees(trainer, weights, orders, fit.curve(arrays, orders, batch_size))


def test_one_unit_is_measured_sample_by_sample(library):
    """Targets are [n] and outputs [n, 1]: all pairs would be [n, n]. By hand from the outputs."""
    for name, (make, activation, task) in ONE_UNIT.items():
        layers = [DENSE[0], {"Dense": {"units": 1, "activation": activation}}]
        arrays = make_arrays(make=make)
        trainer = library.Trainer(compiled(layers, task=task), arrays, 512, 1, jit_compile=False)
        trainer.reset(initial_weights(layers))
        loss, metric = run(trainer, make_orders(1))[0, 2:]
        outputs = trainer.model(arrays["x_validation"]).numpy()[:, 0].astype(float)
        y = arrays["y_validation"]
        if name == "regression":
            expected = np.mean((outputs - y) ** 2), np.mean(np.abs(outputs - y))
        else:
            of_truth = np.where(y == 1, outputs, 1 - outputs)
            expected = np.mean(-np.log(of_truth)), np.mean((outputs > 0.5) == y)
        np.testing.assert_allclose([loss, metric], expected, rtol=1e-5)


@pytest.mark.parametrize("batch_size", [32, 512])
def test_sample_weights_agree_with_fit(library, batch_size):
    """As `fit` has them: in the training loss alone, neither in its accuracy nor in validation."""
    weights, orders, arrays = initial_weights(DENSE), make_orders(), make_arrays()
    weighted = arrays | {"weight_train": np.float32([0.4, 1, 3])[arrays["y_train"]]}
    fit = Fit(compiled(DENSE), weights)
    trainer = library.Trainer(compiled(DENSE), weighted, batch_size, EPOCHS, jit_compile=True)
    expected = fit.curve(weighted, orders, batch_size)
    assert_agrees(trainer, weights, orders, expected)
    assert np.abs(expected - fit.curve(arrays, orders, batch_size)).max() > 0.01


def test_test_samples_are_measured_as_evaluate_does(library):
    arrays = make_arrays()
    x, y = samples(library.EVALUATION_BATCH_SIZE + 9, np.random.default_rng(9))
    trainer = library.Trainer(
        compiled(DENSE), arrays | {"x_test": x, "y_test": y}, 32, EPOCHS, jit_compile=True
    )
    trainer.reset(initial_weights(DENSE))
    curve = run(trainer, make_orders(3))
    expected = trainer.model.evaluate(x, y, verbose=0)
    np.testing.assert_allclose(trainer.test(), expected, rtol=0, atol=TOLERANCE)
    # It changes nothing: the training goes on as if it had not been.
    rest = run(trainer, make_orders()[3:])
    other = library.Trainer(compiled(DENSE), arrays, 32, EPOCHS, jit_compile=True)
    other.reset(initial_weights(DENSE))
    assert np.array_equal(run(other, make_orders()), np.concatenate([curve, rest]))
    assert other.test() == []


@pytest.fixture(scope="module")
def stateful(library):
    """A trainer with every kind of state, its initial weights and the curve of one training."""
    weights = initial_weights(STATEFUL)
    trainer = library.Trainer(compiled(STATEFUL), make_arrays(), 32, EPOCHS, jit_compile=True)
    trainer.reset(weights)
    return trainer, weights, run(trainer, make_orders())


@pytest.mark.parametrize("chunks", [[1, 2, 3, 24], [29, 1], [7, 7, 7, 7, 2]], ids=str)
def test_a_training_in_chunks_is_the_same_training(stateful, chunks):
    trainer, weights, whole = stateful
    trainer.reset(weights)
    parts = [run(trainer, part) for part in np.split(make_orders(), np.cumsum(chunks)[:-1])]
    assert [len(part) for part in parts] == chunks
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_training_is_repeated_exactly_after_reset(stateful):
    trainer, weights, whole = stateful
    run(trainer, make_orders(3))
    trainer.reset(weights)
    assert np.array_equal(run(trainer, make_orders()), whole)
    trainer.reset(initial_weights(STATEFUL, seed=4))
    assert not np.array_equal(run(trainer, make_orders()), whole)


def test_the_order_of_the_samples_matters(stateful):
    trainer, weights, whole = stateful
    trainer.reset(weights)
    assert not np.array_equal(run(trainer, make_orders()[::-1]), whole)


def test_reset_restores_every_variable(stateful):
    trainer, weights, _ = stateful
    optimizer = trainer.model.optimizer
    trainer.reset(weights)
    start = values(optimizer.variables)
    run(trainer, make_orders(2))
    assert int(optimizer.iterations) == 2 * 4
    assert not identical(values(trainer.model.variables), weights)
    trainer.reset(weights)
    assert identical(values(trainer.model.variables), weights)
    assert identical(values(optimizer.variables), start)
    assert int(optimizer.iterations) == 0
    assert float(optimizer.learning_rate) == pytest.approx(0.01)
    slots = [v for v in optimizer.variables if "momentum" in v.path or "velocity" in v.path]
    assert len(slots) == 2 * len(trainer.model.trainable_variables)
    assert not any(slot.numpy().any() for slot in slots)


def test_compiling_trains_nothing(stateful):
    trainer, weights, _ = stateful
    trainer.reset(weights)
    trainer.compile()
    assert identical(values(trainer.model.variables), weights)
    assert int(trainer.model.optimizer.iterations) == 0


def test_orders_held_at_once_are_bounded(library, monkeypatch):
    monkeypatch.setattr("batchscope.training.state.ORDERS_SIZE", 7 * TRAIN + 1)
    trainer = library.Trainer(compiled(DENSE), make_arrays(), 512, EPOCHS, jit_compile=False)
    assert trainer.capacity == 7
    assert len(run(trainer, make_orders(7))) == 7
    monkeypatch.setattr("batchscope.training.state.ORDERS_SIZE", 1)
    trainer = library.Trainer(compiled(DENSE), make_arrays(), 512, EPOCHS, jit_compile=False)
    assert trainer.capacity == 1


def test_a_diverging_training_stops_at_its_first_epoch_that_is_not_finite(library):
    weights, orders = initial_weights(DENSE), make_orders()
    model = compiled(DENSE, "SGD", learning_rate=100.0)
    trainer = library.Trainer(model, make_arrays(), 64, EPOCHS, jit_compile=True)
    trainer.reset(weights)
    curve = run(trainer, orders)
    assert 1 < len(curve) < EPOCHS
    assert np.isfinite(curve[:-1]).all()
    assert not np.isfinite(curve[-1]).all()
    # The updates stop there as well, and the next training starts clean.
    assert int(model.optimizer.iterations) == 2 * len(curve)
    trainer.reset(weights)
    assert np.array_equal(run(trainer, orders), curve, equal_nan=True)


def test_validation_does_not_depend_on_the_batch_size(library):
    """Two full evaluation batches and a partial one, of a model that does not learn."""
    arrays = make_arrays(validation=2 * library.EVALUATION_BATCH_SIZE + 100)
    weights, orders = initial_weights(DENSE), make_orders(2)
    rows = []
    for batch_size in (4, 512):
        model = compiled(DENSE, "SGD", learning_rate=0.0)
        trainer = library.Trainer(model, arrays, batch_size, 2, jit_compile=True)
        trainer.reset(weights)
        rows.append(run(trainer, orders)[:, 2:])
    assert np.array_equal(rows[0], rows[1])
    expected = model.evaluate(
        arrays["x_validation"], arrays["y_validation"], batch_size=300, verbose=0
    )
    np.testing.assert_allclose(rows[0], [expected, expected], rtol=0, atol=TOLERANCE)
