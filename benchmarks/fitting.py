"""Keras's own `fit` of a point, for benchmarks to compare with."""


def compile_fit(point, arrays, **settings):
    """Build and compile the model of a point's first replicate.

    Args:
        point: from `config.resolve_point`, with a learning rate that is a number.
        arrays: from `dataset.load`.
        settings: further arguments of Keras's `compile`.

    Returns:
        A function that trains so many epochs, each validated, by `fit`.
    """
    from batchscope.training.model import build_optimizer, fresh_model

    model = fresh_model(point, arrays, point["seed"], replicate=1)
    asked = point["model"]
    model.compile(build_optimizer(point), asked["loss"], metrics=asked["metrics"], **settings)
    model.optimizer.learning_rate = point["learning_rate"]

    def fit(epochs):
        model.fit(
            arrays["x_train"],
            arrays["y_train"],
            validation_data=(arrays["x_validation"], arrays["y_validation"]),
            batch_size=point["batch_size"],
            epochs=epochs,
            verbose=0,
        )

    return fit
