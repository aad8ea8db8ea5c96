"""Histories as other programs write them, made up for tests of what reads them."""

import csv
import json


def write_csv(path, columns, rows):
    """A CSV file; None is left empty, as Lightning does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def keras_file(path, losses, accuracies=None):
    """What Keras's CSVLogger writes of validation losses; the training's are half of them."""
    accuracies = accuracies or [max(0, 1 - loss / 4) for loss in losses]
    rows = [
        (epoch, accuracy, loss / 2, accuracy, loss)
        for epoch, (loss, accuracy) in enumerate(zip(losses, accuracies, strict=True))
    ]
    return write_csv(path, ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"], rows)


def trainer_state(path, log):
    """A trainer_state.json of Hugging Face with a log history."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"best_metric": None, "epoch": 2.0, "log_history": log}))
    return path
