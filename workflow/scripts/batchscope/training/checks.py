"""Whether a user's model is one that a study can be made with: all that is wrong, at once."""

import keras
import numpy as np

from batchscope.config.losses import LOSSES
from batchscope.config.problem import problem
from batchscope.training.model import build_model, count_outputs
from batchscope.training.model_file import load_builder, user_traceback

# Samples that a model is called on.
SAMPLES = 64

# Half precision sums to 1 as nearly as this.
TOLERANCE = 0.01


def check_model(settings, arrays):
    """Build a model three times and call it.

    Args:
        settings: `model` of the config, with a file.
        arrays: from `dataset.load`.

    Returns:
        (the model as seed 1 builds it, the problem lines).
    """
    features, outputs = arrays["x_train"].shape[1:], count_outputs(settings, arrays)
    built = []
    # What the file itself seeds or draws shall come before the seeds below.
    load_builder(settings["file"], settings["sha256"])
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        built.append(build_model(settings, features, outputs))
    model = built[0]
    problems = list(_kind(model))
    if not problems:
        inputs = list(_inputs(model, features))
        problems += [*inputs, *_parameters(model), *_seeds(*built)]
        # Not given the input that it asks for, a model has no output.
        if not inputs:
            problems += _outputs(settings, built[2], arrays["x_train"][:SAMPLES], outputs)
    return model, problems


def _kind(model):
    if not isinstance(model, keras.Model):
        yield problem(
            "what build_model returns",
            "a keras.Model and nothing else",
            f"{type(model).__module__}.{type(model).__name__}",
            "The samples come from `dataset` in the config, so that batch sizes can be compared: "
            "a pipeline such as tf.data has batches of its own.",
        )
        return
    # The `build` of a subclass may say that it has built what it has not.
    if not model.built or not model.variables:
        yield problem(
            "the model",
            "one that is built, so that its weights are there",
            "one without weights",
            "Begin with keras.Input(input_shape), or call the model on keras.Input(input_shape).",
        )
    if model.compiled:
        yield problem(
            "the model",
            "one that is not compiled",
            "a compiled one",
            "Its optimizer is the recipe's, its loss and metrics are `model.loss` and "
            "`model.metrics` of the config.",
        )


def _inputs(model, features):
    # A subclass of keras.Model does not name its inputs.
    inputs = getattr(model, "inputs", None) or []
    if len(inputs) > 1:
        yield problem(
            "the model's inputs",
            "one, since a sample is one array",
            f"{len(inputs)} inputs",
            "Join them to one array, and split it in the model.",
        )
    elif inputs and tuple(inputs[0].shape) != (None, *features):
        yield problem(
            "the model's input",
            f"the shape {(None, *features)}, any number of samples",
            str(tuple(inputs[0].shape)),
            "Write keras.Input(input_shape).",
        )


def _parameters(model):
    if not any(variable.shape.num_elements() for variable in model.trainable_variables):
        yield problem(
            "the model", "at least one trainable parameter", "none", "Nothing could be learned."
        )


def _seeds(first, again, other):
    def same(one, two):
        pairs = zip(one.variables, two.variables, strict=True)
        return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)

    counts = {len(model.variables) for model in (first, again, other)}
    if len(counts) > 1 or not same(first, again):
        yield problem(
            "initial weights",
            "the same ones from seed 1, built twice",
            "different ones",
            "Draw them by Keras's initializers, without NumPy, files or clocks.",
        )
    elif same(first, other):
        yield problem(
            "initial weights",
            "different ones from seeds 1 and 2",
            "the same ones",
            "All replicates would be one. Remove fixed seeds from build_model and its layers.",
        )


def _outputs(settings, model, x, outputs):
    """Call the model on weights of either sign; the ones at the start may all be 0."""
    generator = np.random.default_rng(1)
    draws = [generator.normal(size=variable.shape) for variable in model.trainable_variables]
    values = []
    try:
        for sign in (1, -1):
            for variable, draw in zip(model.trainable_variables, draws, strict=True):
                variable.assign(sign * draw)
            values.append(model(keras.ops.convert_to_tensor(x)))
    # Whatever a user's layer raises.
    except Exception as error:
        text = user_traceback(error, settings["file"]) or f"{type(error).__name__}: {error}"
        yield f"the model fails when it is called on samples of shape {x.shape}:\n{text}"
        return
    shapes = [getattr(value, "shape", None) for value in values]
    if shapes != [(len(x), outputs)] * 2:
        received = type(values[0]).__name__ if shapes[0] is None else str(tuple(shapes[0]))
        yield problem(
            f"the model's output for {len(x)} samples",
            f"an array of shape {(len(x), outputs)}",
            received,
            "End with keras.layers.Dense(outputs, ...).",
        )
        return
    rows = np.concatenate([keras.ops.convert_to_numpy(value) for value in values]).astype(float)
    yield from _activation(settings["loss"], rows[np.isfinite(rows).all(axis=1)])


def _activation(loss, rows):
    within = ((rows >= 0) & (rows <= 1)).all()
    wanted = LOSSES[loss].activation
    if wanted == "softmax":
        if not within or np.abs(rows.sum(axis=1) - 1).max(initial=0) > TOLERANCE:
            yield problem(
                "the model's output",
                "probabilities of the classes, which sum to 1",
                _range(rows),
                "End with activation='softmax'.",
            )
    elif wanted == "sigmoid":
        if not within or (rows == 1).all():
            yield problem(
                "the model's output",
                "a probability between 0 and 1",
                _range(rows),
                "End with activation='sigmoid'.",
            )
    elif (rows == 1).all():
        yield problem(
            "the model's output", "any number", _range(rows), "Remove the softmax of one unit."
        )


def _range(rows):
    low, high = rows.min(), rows.max()
    return f"values from {low:.3g} to {high:.3g}" if low < high else f"{low:.3g} for every sample"
