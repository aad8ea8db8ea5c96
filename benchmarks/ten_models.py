"""Ten models of different kinds on scikit-learn's digits: `fit` against what the probe chooses.

Prints a Markdown table. Seconds are CPU seconds of one thread, as of a training job, so that other
work beside it matters less. "At its best" is the fastest of `fit` as it is, with an epoch's updates
in one execution, and with these compiled by XLA.
"""

import logging
import time
from pathlib import Path

from fitting import compile_fit

from batchscope.sources import file_digest
from batchscope.training import runtime

MODELS = sorted((Path(__file__).parent / "models").glob("*.py"))
BATCH_SIZES = (8, 32, 128)
TRAIN = 1437
RUN_EPOCHS, FIT_EPOCHS = 10, 2
LEARNING_RATE = 0.001


def digits():
    """The digits as images, [n, 8, 8, 1] between 0 and 1."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x, y = (x / 16).astype("float32").reshape(-1, 8, 8, 1), y.astype("int32")
    return {
        "x_train": x[:TRAIN],
        "y_train": y[:TRAIN],
        "x_validation": x[TRAIN:],
        "y_validation": y[TRAIN:],
    }


def seconds(function):
    """CPU seconds of a call."""
    started = time.process_time()
    function()
    return time.process_time() - started


def measure_fit(point, arrays, **settings):
    """(seconds until the first epoch is done, seconds of a run after it)."""
    started = time.process_time()
    fit = compile_fit(point, arrays, **settings)
    fit(1)
    first = time.process_time() - started
    return first, seconds(lambda: fit(FIT_EPOCHS)) * RUN_EPOCHS / FIT_EPOCHS


def measure_ours(point, arrays, way):
    """The same by the way that the probe has chosen."""
    import numpy as np

    from batchscope.training.seeds import epoch_order
    from batchscope.training.ways import compile_trainer

    started = time.process_time()
    trainer, _ = compile_trainer(point, arrays, way)
    orders = np.stack([epoch_order(1, 1, epoch, TRAIN) for epoch in range(1, RUN_EPOCHS + 1)])
    trainer.run(orders[:1], LEARNING_RATE)
    first = time.process_time() - started
    return first, seconds(lambda: trainer.run(orders, LEARNING_RATE))


def measure(path, arrays):
    """Yield a row of the table for each batch size."""
    from batchscope.training.probe import probe

    path = str(path)
    model = {"file": path, "sha256": file_digest(path), "metrics": ["accuracy"]}
    model["loss"] = "sparse_categorical_crossentropy"
    way = probe(model, arrays, runtime.device(), 1)[0]["trained_by"]
    for batch_size in BATCH_SIZES:
        point = {"model": model, "seed": 1, "batch_size": batch_size, "epochs": RUN_EPOCHS}
        point |= {"optimizer": "Adam", "arguments": {}, "learning_rate": LEARNING_RATE}
        whole = -(-TRAIN // batch_size)
        plain = measure_fit(point, arrays, jit_compile=False)
        best = min(
            plain,
            measure_fit(point, arrays, jit_compile=False, steps_per_execution=whole),
            measure_fit(point, arrays, jit_compile=True, steps_per_execution=whole),
            key=lambda measured: measured[1],
        )
        yield batch_size, way, (plain, best, measure_ours(point, arrays, way))


def main():
    logging.disable(logging.INFO)
    arrays = digits()
    print("| model | batch size | way | `fit` | at its best | ours | first epoch: `fit`", end="")
    print(" | at its best | ours |\n|---|---:|---|---:|---:|---:|---:|---:|---:|")
    for path in MODELS:
        for batch_size, way, measured in measure(path, arrays):
            runs = " | ".join(f"{run:.3g}" for _, run in measured)
            firsts = " | ".join(f"{first:.1f}" for first, _ in measured)
            print(f"| {path.stem} | {batch_size} | {way} | {runs} | {firsts} |", flush=True)


if __name__ == "__main__":
    runtime.start_keras(threads=1)
    main()
