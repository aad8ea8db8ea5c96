"""How much memory a model takes to train, by estimate."""

import tensorflow as tf

# A trainable parameter has a gradient, and two averages in the largest of the optimizers.
PER_PARAMETER = 4

# What the layers give is kept for the gradients, which are as large.
PER_ACTIVATION = 2

# These give nothing that is not there already.
NO_ACTIVATIONS = {"Const", "Placeholder", "ReadVariableOp", "NoOp", "Identity", "Reshape"}


def estimate(model, arrays):
    """Memory besides that of TensorFlow itself: the MiB of all batches and of each sample in one.

    What lies in a loop, such as the steps of a recurrent layer, is counted once. XLA may need less.

    Args:
        model: a built keras.Model.
        arrays: from `dataset.load`.

    Returns:
        {"fixed": float, "per_sample": float}, in MiB.
    """
    trained = sum(_size(v.shape, v.dtype) for v in model.trainable_variables)
    other = sum(_size(v.shape, v.dtype) for v in model.non_trainable_variables)
    data = sum(array.nbytes for array in arrays.values())
    x = arrays["x_train"]
    forward = tf.function(lambda batch: model(batch), autograph=False)
    graph = forward.get_concrete_function(tf.TensorSpec((1, *x.shape[1:]), x.dtype)).graph
    activations = sum(
        _size(tensor.shape, tensor.dtype.name)
        for operation in graph.get_operations()
        if operation.type not in NO_ACTIVATIONS
        for tensor in operation.outputs
        if tensor.shape.is_fully_defined()
    )
    return {
        "fixed": (PER_PARAMETER * trained + other + data) / 2**20,
        "per_sample": PER_ACTIVATION * activations / 2**20,
    }


def _size(shape, dtype):
    """Bytes of a tensor; 0 for a handle, which has no size."""
    dtype = tf.dtypes.as_dtype(dtype)
    return dtype.size * tf.TensorShape(shape).num_elements() if dtype.is_numpy_compatible else 0
