"""One training of the article's network at each batch size: `Model.fit` against the trainer.

Compilation and initial weights are apart on both sides: `fit` has run an epoch before it is timed.
Prints a JSON list.
"""

import json
import statistics
import time
from pathlib import Path

import yaml
from fitting import compile_fit

from batchscope.config.study import load_study, resolve_point
from batchscope.data.make import make
from batchscope.training import runtime

ROOT = Path(__file__).parent.parent
FIT_EPOCHS, FIT_REPEATS, TRAINER_REPEATS = 20, 3, 15


def median_seconds(function, repeats, prepare=None):
    """Median wall seconds of a call; `prepare` is called before each, outside the clock."""
    seconds = []
    for _ in range(repeats):
        if prepare:
            prepare()
        started = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def measure(point, arrays):
    """Seconds of one training of all epochs, by `fit` (from fewer epochs) and by the trainer."""
    import numpy as np

    from batchscope.training.seeds import epoch_order
    from batchscope.training.ways import compile_trainer

    fit = compile_fit(point, arrays)
    fit(1)
    by_fit = median_seconds(lambda: fit(FIT_EPOCHS), FIT_REPEATS) * point["epochs"] / FIT_EPOCHS

    trainer, _ = compile_trainer(point, arrays, "xla")
    start = [variable.numpy() for variable in trainer.model.variables]

    def train():
        orders = [epoch_order(1, 1, e, trainer.n) for e in range(1, point["epochs"] + 1)]
        trainer.run(np.stack(orders), point["learning_rate"])

    train()
    by_trainer = median_seconds(train, TRAINER_REPEATS, prepare=lambda: trainer.reset(start))
    return {"batch_size": point["batch_size"], "fit": by_fit, "trainer": by_trainer}


if __name__ == "__main__":
    study = load_study(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()))
    arrays, _ = make(study["dataset"], study["model"]["loss"])
    runtime.start_keras(threads=1)
    points = [resolve_point(study, "adam", size) for size in study["batch_sizes"]]
    print(json.dumps([measure(point, arrays) for point in points]))
