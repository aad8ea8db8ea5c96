"""Trains a model for many epochs as one compiled program, with the semantics of `Model.fit`.

`fit` returns to Python after every update; for a small network nearly all its time is spent
there. Here the loops over epochs and updates are part of the TensorFlow graph, around Keras's own
`train_step` and `test_step`, so that a whole training is one call.
"""

import numpy as np
import tensorflow as tf

from batchscope.training.state import EVALUATION_BATCH_SIZE, Training


class Trainer(Training):
    """A `Training` that is compiled once; see there.

    Follows `Model.fit`: the last partial batch is kept, `loss` and metrics are running averages
    over an epoch's batches, the validation samples are measured after each epoch. A batch size
    above the number of samples is full batch.

    Args:
        jit_compile: whether XLA compiles the program.
    """

    def __init__(self, model, arrays, batch_size, epochs, jit_compile):
        super().__init__(model, arrays, batch_size, epochs)
        self._data = {name: tf.constant(array) for name, array in arrays.items()}
        self._train_data = [self._data[name] for name in self.train_names]
        self._program = tf.function(
            self._epochs,
            autograph=False,
            jit_compile=jit_compile,
            input_signature=[
                tf.TensorSpec((self.capacity, self.n), tf.int32),
                tf.TensorSpec((self.capacity,), tf.float32),
                tf.TensorSpec((), tf.int32),
            ],
        )
        self._test = tf.function(
            lambda: tf.stack(self._measured("test")), autograph=False, jit_compile=jit_compile
        )

    def compile(self):
        """Trace and compile what trains and tests, without running an epoch."""
        self.run(np.empty((0, self.n), np.int32), [])
        self.test()

    def run(self, orders, learning_rates):
        """Train for the next epochs.

        Args:
            orders: int [epochs, n], the order of the training samples in each epoch; at most
                `capacity` epochs.
            learning_rates: float [epochs], the optimizer's learning rate in each epoch; or one
                for all.

        Returns:
            float32 [epochs run, len(columns)]. Fewer epochs than asked for only if one ended
            with a value that is not finite; that epoch is the last row.
        """
        padded = np.zeros((self.capacity, self.n), np.int32)
        padded[: len(orders)] = orders
        rates = np.zeros(self.capacity, np.float32)
        rates[: len(orders)] = learning_rates
        history, epochs = self._program(
            tf.constant(padded), tf.constant(rates), tf.constant(len(orders))
        )
        return history.numpy()[: int(epochs)]

    def test(self):
        """The loss and metrics on the test samples, as the model is: floats, none without them."""
        return self._test().numpy().tolist() if "x_test" in self._data else []

    def _epochs(self, orders, learning_rates, epochs):
        def running(epoch, history, finite):
            return (epoch < epochs) & finite

        def one_epoch(epoch, history, finite):
            self.model.optimizer.learning_rate.assign(learning_rates[epoch])
            row = tf.stack(self._epoch(orders[epoch]))
            history = tf.tensor_scatter_nd_update(history, [[epoch]], [row])
            return epoch + 1, history, tf.reduce_all(tf.math.is_finite(row))

        history = tf.zeros((self.capacity, len(self.columns)))
        epoch, history, _ = tf.while_loop(running, one_epoch, (0, history, True))
        return history, epoch

    def _epoch(self, order):
        def train(start, size):
            indices = tf.slice(order, [start], [size])
            self.model.train_step(tuple(tf.gather(array, indices) for array in self._train_data))

        self.model.reset_metrics()
        _for_each_batch(train, self.n, self._batch_size)
        return [*self.model.get_metrics_result().values(), *self._measured("validation")]

    def _measured(self, part):
        """The loss and metrics on all samples of a part, in the graph."""
        arrays = self._data[f"x_{part}"], self._data[f"y_{part}"]

        def test(start, size):
            batch = (
                tf.slice(array, [start, *[0] * (len(array.shape) - 1)], [size, *array.shape[1:]])
                for array in arrays
            )
            self.model.test_step(tuple(batch))

        self.model.reset_metrics()
        _for_each_batch(test, len(arrays[0]), EVALUATION_BATCH_SIZE)
        return list(self.model.get_metrics_result().values())


def _for_each_batch(step, samples, batch_size):
    """Call `step(start, size)` in the graph for each full batch, then for the partial one."""
    full, rest = divmod(samples, batch_size)

    def body(i):
        step(i * batch_size, batch_size)
        return i + 1

    # Shapes are static, so the partial batch needs a graph of its own.
    if full == 1:
        step(0, batch_size)
    elif full:
        tf.while_loop(lambda i: i < full, body, [0])
    if rest:
        step(full * batch_size, rest)
