"""What a training carries from one epoch to the next, whichever way its epochs are trained."""

import keras
import numpy as np

from batchscope.config.recipe import effective_batch_size
from batchscope.results import VALIDATION

# Fixed, so that the validation does not depend on the batch size under study.
EVALUATION_BATCH_SIZE = 1024

# Orders handed over at once, in samples: 1 MiB of int32. Each call copies so much, however few of
# its epochs are asked for; beside 16 MiB small epochs took half as long again.
ORDERS_SIZE = 2**18


class Training:
    """One model with its data, trained any number of times; `compile`, `run` and `test` are a
    subclass's.

    Args:
        model: a built and compiled keras.Model. Its variables are trained in place.
        arrays: x_train [n, ...], y_train [n], x_validation, y_validation; and perhaps
            weight_train [n], which weighs the samples in the loss of training as `sample_weight`
            of `fit` does, x_test, y_test.
        batch_size: samples per update.
        epochs: epochs of a whole training.

    Attributes:
        model, n: as given.
        capacity: the most epochs that can be handed over at once.
        columns: names of an epoch's values: those of the training, then of the validation samples.
        train_names: of the arrays that a step of training takes, in its order.
        random_layers: classes of the layers that draw random numbers for each batch, in the
            model's order.
    """

    def __init__(self, model, arrays, batch_size, epochs):
        self.model = model
        self.n = len(arrays["x_train"])
        self.capacity = max(1, min(epochs, ORDERS_SIZE // self.n))
        self._batch_size = effective_batch_size(batch_size, self.n)
        model.optimizer.build(model.trainable_variables)
        self._optimizer_start = [variable.numpy() for variable in model.optimizer.variables]
        names = ("x_train", "y_train", "weight_train")
        self.train_names = [name for name in names if name in arrays]
        seeds = _seeds(model)
        # An eager step creates the variables of the metrics, which a graph may not.
        first = (keras.ops.convert_to_tensor(arrays[name][:1]) for name in self.train_names)
        model.train_step(tuple(first))
        self.random_layers = _moved(model, seeds)
        self.columns = list(model.get_metrics_result())
        self.columns += [VALIDATION + name for name in self.columns]
        # Not `weights`, which are without the states of seed generators.
        self._variables = [*model.variables, *model.optimizer.variables]

    @property
    def updates(self):
        """Updates since the last reset. An optimizer that scales the loss may have skipped some."""
        return int(self.model.optimizer.iterations)

    def reset(self, weights):
        """Begin a new training.

        Args:
            weights: a value for each of the model's variables, in their order.
        """
        self.set_state([*weights, *self._optimizer_start])

    def get_state(self):
        """All that a training carries from one epoch to the next: a list of arrays."""
        return [variable.numpy() for variable in self._variables]

    def set_state(self, state):
        """Go on from what `get_state` returned."""
        for variable, value in zip(self._variables, state, strict=True):
            variable.assign(value)


def _seeds(model):
    """The states of a model's seed generators, by the variable's id."""
    return {id(v): v.numpy() for v in model.variables if v.path.endswith("seed_generator_state")}


def _moved(model, before):
    """The classes of the layers that have drawn since `before`, each once."""
    after = _seeds(model)
    drawn = {key for key, state in after.items() if not np.array_equal(state, before[key])}
    layers = [layer for layer in _layers(model) if drawn & {id(v) for v in layer.variables}]
    return list(dict.fromkeys(type(layer).__name__ for layer in layers))


def _layers(model):
    """A model's layers, with those of the models in it."""
    for layer in model.layers:
        yield from _layers(layer) if isinstance(layer, keras.Model) else [layer]
