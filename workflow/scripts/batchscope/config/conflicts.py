"""Problems that show only where keys of a config meet, in the same words as the schema's."""

from batchscope.config.recipe import kind


def find_conflicts(study):
    """The problems that no single key shows."""
    sizes, dataset, recipes = study["batch_sizes"], study["dataset"], study["recipes"]
    arguments = dataset["arguments"]
    for size in sorted({size for size in sizes if sizes.count(size) > 1}):
        yield (
            f"batch_sizes: expected each size once. Received: {size}, {sizes.count(size)} times. "
            "Keep one of them."
        )
    for size in sorted(set(study["overrides"]) - set(sizes)):
        yield (
            f"overrides.{size}: expected one of the batch sizes {sizes}. Received: {size}. "
            f"Add {size} to batch_sizes or remove the override."
        )
    names = [recipe["name"] for recipe in recipes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield (
            f"recipes: expected each name once. Received: {name}, {names.count(name)} times. "
            "Give each recipe a name of its own."
        )
    for index, recipe in enumerate(recipes):
        yield from _check_learning_rate(f"recipes[{index}]", recipe, study)
    if dataset["train_size"] >= arguments["n_samples"]:
        yield (
            f"dataset.train_size: expected less than n_samples ({arguments['n_samples']}), so that "
            f"samples are left to validate. Received: {dataset['train_size']}. "
            "Lower it or raise n_samples."
        )
    if arguments["n_samples"] < arguments["centers"]:
        yield (
            f"dataset.arguments.n_samples: expected at least a sample for each of the "
            f"{arguments['centers']} centers. Received: {arguments['n_samples']}. "
            "Raise it or lower centers."
        )
    yield from _check_output_layer(study["model"]["layers"], arguments["centers"])
    target = study["convergence"]["target"]
    if target["metric"] == "val_accuracy":
        if target["value"] != "auto" and not 0 < target["value"] <= 1:
            yield (
                "convergence.target.value: expected an accuracy above 0 and at most 1. "
                f"Received: {target['value']}. Write a fraction, not a percentage."
            )
        if target["tolerance"] >= 1:
            yield (
                "convergence.target.tolerance: expected less than 1 for an accuracy. "
                f"Received: {target['tolerance']}. Write a fraction, not a percentage."
            )


def _check_learning_rate(where, recipe, study):
    rate, warmup = recipe["learning_rate"], recipe["warmup_epochs"]
    grid = rate["grid"] if kind(rate) == "grid" else []
    for value in sorted({value for value in grid if grid.count(value) > 1}):
        yield (
            f"{where}.learning_rate.grid: expected each learning rate once. Received: {value}, "
            f"{grid.count(value)} times. Keep one of them."
        )
    epochs = min(e.get("epochs", study["epochs"]) for e in [{}, *study["overrides"].values()])
    if warmup >= epochs:
        yield (
            f"{where}.warmup_epochs: expected less than epochs ({epochs}), so that some are "
            f"trained at the full learning rate. Received: {warmup}. Lower it or raise epochs."
        )


def _check_output_layer(layers, classes):
    where = f"model.layers[{len(layers) - 1}]"
    [(name, arguments)] = layers[-1].items()
    if name != "Dense":
        yield (
            f"{where}: expected a Dense layer with {classes} units, one per class. "
            f"Received: {name}. Add the Dense layer after it."
        )
        return
    if arguments["units"] != classes:
        yield (
            f"{where}.Dense.units: expected {classes}, one per class. "
            f"Received: {arguments['units']}. Write {classes} or change dataset.arguments.centers."
        )
    if arguments.get("activation") != "softmax":
        yield (
            f"{where}.Dense.activation: expected softmax, since the loss takes probabilities. "
            f"Received: {arguments.get('activation', 'nothing')}. Write softmax."
        )
