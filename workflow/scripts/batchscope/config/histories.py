"""Histories that were recorded elsewhere: which keys they take, and what is read of them."""

from batchscope.config.history_files import find_file_conflicts, find_files
from batchscope.config.problem import problem
from batchscope.results import METRICS, VALIDATION, validation

# Keys of a study that say how to train.
TRAINING = (
    "seed",
    "replicates",
    "epochs",
    "min_updates",
    "dataset",
    "model",
    "overrides",
    "devices",
)

# Of `histories`.
KEYS = ("files", "train_samples", "validation_samples", "counts_from", "columns")

# Keras's and Lightning's CSVLogger count from 0, and Keras names columns as history.csv does.
# Hugging Face's trainer_state.json counts what is done.
KERAS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
DEFAULTS = {"counts_from": 0, "columns": {name: name for name in KERAS}}
TRAINER_STATE_DEFAULTS = {
    "counts_from": 1,
    "columns": {
        "epoch": "epoch",
        "step": "step",
        "loss": "loss",
        "val_loss": "eval_loss",
        "val_accuracy": "eval_accuracy",
    },
}


def find_training_keys(study):
    """The problem lines of keys that do not fit beside `histories`."""
    for key in TRAINING:
        if key in study:
            expected, fix = "no such key beside histories", "Remove it, or histories."
            yield problem(key, expected, f"the key {key}", fix)


def complete(study):
    """Fill in what follows from the kind of files, and take away the defaults of a training.

    Args:
        study: a study with `histories` that fits the schema. Modified.
    """
    for key in TRAINING:
        study.pop(key, None)
    settings = study["histories"]
    state = settings["files"].endswith(".json")
    settings = (TRAINER_STATE_DEFAULTS if state else DEFAULTS) | settings
    # One order, whichever of them were written.
    study["histories"] = {key: settings[key] for key in KEYS if key in settings}


def find_history_conflicts(study):
    """The problem lines of a completed study with `histories` that no single key shows."""
    yield from _columns(study["histories"]["columns"], study["convergence"])
    names = [recipe["name"] for recipe in study["recipes"]]
    yield from find_file_conflicts(study["histories"]["files"], names, study["batch_sizes"])


def resolve_histories(study, recipe, batch_size):
    """Everything that decides what is imported of one point, but for the files' bytes.

    Args:
        study: a completed study with `histories`.
        recipe: a recipe's name.
        batch_size: one of the study's batch sizes.

    Returns:
        dict with recipe, batch_size and replicates; optimizer and learning_rate, None if not
        known; epochs None and clamped empty, as nothing was set here; and train_samples,
        validation_samples (or None), counts_from and columns of `histories`.
    """
    settings = next(r for r in study["recipes"] if r["name"] == recipe)
    histories = study["histories"]
    return {
        "recipe": recipe,
        "batch_size": batch_size,
        "epochs": None,
        "replicates": len(find_files(histories["files"], recipe, batch_size)),
        "optimizer": settings.get("optimizer"),
        "clamped": [],
        "learning_rate": settings.get("learning_rate"),
        **{key: histories.get(key) for key in KEYS if key != "files"},
    }


def _columns(columns, convergence):
    where, have = "histories.columns", ", ".join(columns)
    if not {"epoch", "step"} & columns.keys():
        yield problem(where, "epoch or step", have, "Add one of them.")
    for metric in METRICS.values():
        if metric.name in columns and validation(metric) not in columns:
            expected = f"{validation(metric)} beside {metric.name}"
            yield problem(where, expected, have, f"Add it, or remove {metric.name}.")
    measured = [column for column in columns if column.startswith(VALIDATION)]
    for definition in ("target", "stable"):
        metric = convergence[definition]["metric"]
        if metric not in columns:
            yield problem(
                f"convergence.{definition}.metric",
                f"a column of histories.columns ({', '.join(measured)})",
                metric,
                "Write another metric, or add the column.",
            )
