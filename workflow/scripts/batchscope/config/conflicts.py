"""Keys that do not fit each other. Each key alone is checked by the schema."""

from batchscope.config.histories import history_problems
from batchscope.config.messages import problem
from batchscope.results import metric_of


def find_conflicts(study):
    """The problem lines that no single key of a study shows."""
    if "histories" in study:
        yield from _names(study["recipes"])
        yield from history_problems(study)
    else:
        yield from _batch_sizes(study["overrides"], study["batch_sizes"])
        yield from _names(study["recipes"])
        yield from _warmup(study)
        yield from _samples(study["dataset"])
        yield from _output_layer(study["model"]["layers"], study["dataset"]["arguments"]["centers"])
    yield from _accuracy(study["convergence"]["target"])


def _batch_sizes(overrides, sizes):
    for size in sorted(set(overrides) - set(sizes)):
        yield problem(
            f"overrides.{size}",
            f"one of the batch sizes {sizes}",
            size,
            f"Add {size} to batch_sizes, or remove the override.",
        )


def _names(recipes):
    names = [recipe["name"] for recipe in recipes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield problem(
            "recipes",
            "each name once",
            f"{name}, {names.count(name)} times",
            "Give each recipe a name of its own.",
        )


def _warmup(study):
    epochs = min(e.get("epochs", study["epochs"]) for e in [{}, *study["overrides"].values()])
    for index, recipe in enumerate(study["recipes"]):
        if recipe["warmup_epochs"] >= epochs:
            yield problem(
                f"recipes[{index}].warmup_epochs",
                f"less than epochs ({epochs}), so that some are trained at the full learning rate",
                recipe["warmup_epochs"],
                "Lower it or raise epochs.",
            )


def _samples(dataset):
    samples, classes = dataset["arguments"]["n_samples"], dataset["arguments"]["centers"]
    if dataset["train_size"] >= samples:
        yield problem(
            "dataset.train_size",
            f"less than n_samples ({samples}), so that samples are left to validate",
            dataset["train_size"],
            "Lower it or raise n_samples.",
        )
    if samples < classes:
        yield problem(
            "dataset.arguments.n_samples",
            f"at least a sample for each of the {classes} centers",
            samples,
            "Raise it or lower centers.",
        )


def _output_layer(layers, classes):
    where = f"model.layers[{len(layers) - 1}]"
    [(name, arguments)] = layers[-1].items()
    if name != "Dense":
        yield problem(
            where,
            f"a Dense layer with {classes} units, one per class",
            name,
            "Add the Dense layer after it.",
        )
        return
    if arguments["units"] != classes:
        yield problem(
            f"{where}.Dense.units",
            f"{classes}, one per class",
            arguments["units"],
            f"Write {classes} or change dataset.arguments.centers.",
        )
    if arguments.get("activation") != "softmax":
        yield problem(
            f"{where}.Dense.activation",
            "softmax, since the loss takes probabilities",
            arguments.get("activation", "nothing"),
            "Write softmax.",
        )


def _accuracy(target):
    fix = "Write a fraction, not a percentage."
    if metric_of(target["metric"]).counted:
        if target["value"] != "auto" and target["value"] > 1:
            yield problem(
                "convergence.target.value", "an accuracy of at most 1", target["value"], fix
            )
        if target["tolerance"] >= 1:
            yield problem(
                "convergence.target.tolerance",
                "less than 1 for an accuracy",
                target["tolerance"],
                fix,
            )
