"""Keys of `dataset`, and of the model with them, that do not fit each other."""

from batchscope.config.known import SOURCES, classes, samples
from batchscope.config.losses import LOSSES, compares_numbers, fits, units_fit
from batchscope.config.problem import problem
from batchscope.config.split import find_empty_parts


def find_data_conflicts(dataset, model):
    """The problem lines of a completed study's `dataset` and `model`."""
    kinds = [key for key in ("source", "table", "arrays") if key in dataset]
    if len(kinds) != 1:
        yield problem(
            "dataset",
            "exactly one of the keys source, table, arrays",
            f"the keys {', '.join(kinds)}" if kinds else "none of them",
            "Keep one." if kinds else "Add the one that says where the samples come from.",
        )
        return
    if "arguments" in dataset and kinds != ["source"]:
        yield _no_key("dataset.arguments", dataset["arguments"], "only a source has arguments")
    yield from _split(dataset)
    if compares_numbers(model["loss"]):
        yield from _numbers(dataset)
    if "source" in dataset:
        yield from _source(dataset)
    if "table" in dataset:
        yield from _table(dataset["table"])


def find_loss_conflicts(dataset, model):
    """The problem line of a loss that the target of a source does not suit."""
    fitting = [name for name in LOSSES if fits(name, classes(dataset))]
    if "source" in dataset and model["loss"] not in fitting:
        count = classes(dataset)
        target = "numbers" if count is None else f"{count} classes"
        yield problem(
            "model.loss",
            f"{' or '.join(fitting)}, since {dataset['source']} has {target}",
            model["loss"],
            f"Write {fitting[0]}.",
        )


def find_layer_conflicts(dataset, model):
    """The problem lines of a last layer that the loss does not suit."""
    if "layers" in model:
        yield from _output_layer(model["layers"], model["loss"], dataset)


def _no_key(key, value, why):
    return problem(key, f"no such key, since {why}", value, "Remove it.")


def _split(dataset):
    if dataset["split"] == "given":
        if "file" not in dataset.get("arrays", {}):
            yield problem(
                "dataset.split",
                "first, shuffled or stratified, since only a file of arrays has a split of its own",
                "given",
                "Write one of them with a train_size.",
            )
            return
        for key in ("train_size", "test_size"):
            if dataset.get(key):
                why = "the file has a split of its own"
                yield _no_key(f"dataset.{key}", dataset[key], why)
    elif "train_size" not in dataset:
        yield problem(
            "dataset.train_size",
            "a number of samples such as 500, or a fraction of all such as 0.8",
            "nothing",
            "Add it.",
        )
    elif (n := samples(dataset)) is not None:
        yield from find_empty_parts(n, dataset["train_size"], dataset["test_size"])


def _numbers(dataset):
    if dataset["split"] == "stratified":
        yield problem(
            "dataset.split",
            "first or shuffled, since numbers have no classes to keep the shares of",
            "stratified",
            "Write shuffled.",
        )
    if "class_weight" in dataset:
        why = "the loss compares numbers, not classes"
        yield _no_key("dataset.class_weight", dataset["class_weight"], why)


def _source(dataset):
    source, count = dataset["source"], classes(dataset)
    n = dataset["arguments"].get("n_samples")
    if n and count and n < count:
        _, argument = SOURCES[source]
        lower = f" or lower {argument}" if isinstance(argument, str) else ""
        yield problem(
            "dataset.arguments.n_samples",
            f"at least a sample for each of the {count} classes",
            n,
            f"Raise it{lower}.",
        )


def _table(table):
    if "features" in table and "drop" in table:
        yield problem(
            "dataset.table.drop",
            "features or drop, not both",
            table["drop"],
            "Remove it: a column that is not in features is left out.",
        )
    for key in ("features", "drop", "categories"):
        if table["target"] in table.get(key, ()):
            yield problem(
                f"dataset.table.{key}",
                "columns besides the target, which is never a feature",
                table["target"],
                "Remove it.",
            )
    for column in table.get("categories", ()):
        if column in table.get("drop", ()) or column not in table.get("features", [column]):
            yield problem("dataset.table.categories", "columns that are kept", column, "Remove it.")


def _output_layer(layers, loss, dataset):
    where, count = f"model.layers[{len(layers) - 1}]", classes(dataset)
    [(name, arguments)] = layers[-1].items()
    expected = LOSSES[loss].units.format(count or "2 or more")
    if name != "Dense":
        fix = "Add the Dense layer after it."
        yield problem(where, f"a Dense layer with {expected}", name, fix)
        return
    units, activation = arguments["units"], arguments.get("activation", "nothing")
    if not units_fit(loss, units, count):
        yield problem(f"{where}.Dense.units", expected, units, _units_fix(loss, units, dataset))
    wanted = LOSSES[loss].activation
    if wanted and activation != wanted:
        why = f"{wanted}, since the loss takes probabilities"
        yield problem(f"{where}.Dense.activation", why, activation, f"Write {wanted}.")
    if not wanted and activation == "softmax":
        why = "no softmax, which is 1 for a single unit"
        yield problem(f"{where}.Dense.activation", why, activation, "Remove it.")


def _units_fix(loss, units, dataset):
    count = classes(dataset)
    if LOSSES[loss].target != "classes":
        return "Write 1."
    if units == 1 and count in (2, None):
        one = "for one unit with sigmoid, write loss: binary_crossentropy"
        return f"Write {count or 'the number of classes'}; {one}."
    _, argument = SOURCES.get(dataset.get("source"), (None, None))
    change = f" or change dataset.arguments.{argument}" if isinstance(argument, str) else ""
    return f"Write {count}{change}."
