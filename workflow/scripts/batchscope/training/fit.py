"""Trains a model by Keras's own `Model.fit`, where the compiled loop is not the same or slower."""

import numpy as np

from batchscope.training.state import EVALUATION_BATCH_SIZE, Training


class FitTrainer(Training):
    """A `Training` with a `fit` for each epoch; see there.

    Args:
        jit_compile: whether XLA compiles the steps.
    """

    def __init__(self, model, arrays, batch_size, epochs, jit_compile):
        super().__init__(model, arrays, batch_size, epochs)
        self._arrays = {name: np.asarray(array) for name, array in arrays.items()}
        model.jit_compile = jit_compile

    def compile(self):
        """Trace and compile the steps; the state is as before."""
        state = self.get_state()
        # A full batch and the partial one.
        self._fit(np.arange(self._batch_size + self.n % self._batch_size))
        self.set_state(state)

    def run(self, orders, learning_rates):
        """Train for the next epochs; see `Trainer.run`."""
        rows = np.empty((0, len(self.columns)), np.float32)
        for order, rate in zip(orders, np.broadcast_to(learning_rates, len(orders)), strict=True):
            self.model.optimizer.learning_rate.assign(rate)
            history = self._fit(order).history
            row = np.array([history[name] for name in self.columns], np.float32).T
            rows = np.concatenate([rows, row])
            if not np.isfinite(row).all():
                break
        return rows

    def test(self):
        """The loss and metrics on the test samples; see `Trainer.test`."""
        if "x_test" not in self._arrays:
            return []
        values = self.model.evaluate(
            self._arrays["x_test"],
            self._arrays["y_test"],
            batch_size=EVALUATION_BATCH_SIZE,
            verbose=0,
            return_dict=True,
        )
        return [float(values[name]) for name in self.columns[: len(self.columns) // 2]]

    def _fit(self, order):
        arrays = self._arrays
        x, y, *weight = (arrays[name][order] for name in self.train_names)
        return self.model.fit(
            x,
            y,
            sample_weight=weight[0] if weight else None,
            batch_size=self._batch_size,
            shuffle=False,
            validation_data=(arrays["x_validation"], arrays["y_validation"]),
            validation_batch_size=EVALUATION_BATCH_SIZE,
            verbose=0,
        )
