"""The study's config: validated, completed with defaults, resolved into points.

Imported while the workflow is parsed, so it needs nothing beyond PyYAML and jsonschema.
"""

from batchscope.config import paths, schema
from batchscope.config.conflicts import find_conflicts
from batchscope.config.histories import complete, find_training_keys, resolve_histories
from batchscope.config.known import training_samples
from batchscope.config.messages import explain
from batchscope.config.numbers import find_out_of_range
from batchscope.config.problem import ConfigError, problem, refuse
from batchscope.config.recipe import REFERENCE_BATCH_SIZE, kind, settle
from batchscope.config.results_folder import PROJECT, find_folder_problems, results_of
from batchscope.results import is_trained


def load_study(config, folder="."):
    """Validate a config and fill in the schema's defaults.

    Args:
        config: mapping as read from YAML. Not modified.
        folder: that of the config file, which its paths are relative to.

    Returns:
        The completed study: a new dict of plain Python values, whose `overrides` are keyed by int.
        Its keys are in the schema's order, whichever order they were written in. Its paths are
        relative to the working directory.

    Raises:
        ConfigError: naming for each problem the key, what was expected, what was received and
            the likely fix.
    """
    study = _plain(config)
    # A value can break several keywords of the schema, which are said in one line.
    refuse(dict.fromkeys(_problems(study, folder)))
    return study


def check_files(study):
    """Refuse a completed study that names files which are not there.

    Raises:
        ConfigError: naming each.
    """
    refuse(paths.find_missing(study))


def check_folders(study, folder):
    """Refuse folders that a completed study is not to be run in or to write into.

    Args:
        study: the completed study.
        folder: that of the config file.

    Raises:
        ConfigError: naming the folder, and what it is or has.
    """
    refuse(paths.find_braces({"the folder of the workflow": PROJECT}))
    refuse(find_folder_problems(study, folder))


def find_points(study):
    """Which points a study is about, and which it is without.

    Args:
        study: the completed study.

    Returns:
        (points, missing), lists of (recipe, batch size) in the config's order. With `allow_missing`
        those are missing whose training has not left its last file.

    Raises:
        ConfigError: if all are missing.
    """
    points = [(r["name"], size) for r in study["recipes"] for size in study["batch_sizes"]]
    if not study["allow_missing"]:
        return points, []
    train = f"{results_of(study)}/train"
    there = [name for name in points if is_trained(train, *name)]
    if not there:
        fix = "Run the study without allow_missing first."
        refuse([problem("allow_missing", "a point that is trained", f"none in {train}", fix)])
    return there, [name for name in points if name not in there]


def _problems(study, folder):
    """The problem lines of a study, which is completed on the way."""
    problems = []
    overrides = study.get("overrides")
    if isinstance(overrides, dict):
        # A key of YAML is a number or text, one of JSON is text.
        study["overrides"] = {str(size): value for size, value in overrides.items()}
        if len(study["overrides"]) < len(overrides):
            problems.append(
                problem(
                    "overrides",
                    "each batch size once",
                    f"the keys {', '.join(map(repr, overrides))}",
                    "Of a number and its text, keep one.",
                )
            )
    if "histories" in study:
        # Defaults are not there yet.
        problems += find_training_keys(study)
    for error in schema.errors(study):
        problems += explain(error)
    if problems:
        return problems
    paths.relocate(study, folder)
    problems += paths.find_braces(paths.files(study))
    if problems:
        return problems
    if "histories" in study:
        complete(study)
    else:
        study["overrides"] = {int(size): value for size, value in study["overrides"].items()}
    return list(find_conflicts(study)) or _find_out_of_range(study)


def _find_out_of_range(study):
    """The problem lines of points whose recipe makes a number that no training can take."""
    if "histories" in study or training_samples(study["dataset"]) is None:
        # The training tells, which knows how many samples there are.
        return
    for recipe in study["recipes"]:
        for batch_size in study["batch_sizes"]:
            yield from find_out_of_range(resolve_point(study, recipe["name"], batch_size))


def _plain(value, levels=20):
    """A copy of plain dicts; Snakemake reads JSON into ordered ones, which print otherwise."""
    if not levels:
        raise ConfigError("the config cannot be run: it is nested more deeply than any config is.")
    if isinstance(value, dict):
        return {key: _plain(item, levels - 1) for key, item in value.items()}
    return [_plain(item, levels - 1) for item in value] if isinstance(value, list) else value


def resolve_point(study, recipe, batch_size):
    """Everything that decides the result of one point, and nothing else.

    Args:
        study: a completed study, from `load_study`.
        recipe: a recipe's name.
        batch_size: one of the study's batch sizes.

    Returns:
        dict with recipe, batch_size, epochs, warmup_epochs, replicates, seed, optimizer,
        arguments, clamped (arguments that could not follow the recipe's rule), learning_rate (a
        number, or a mapping with the grid, in rising order) and model. If only the data
        tell how many samples train, it also has min_updates and, where its recipe keeps the
        timescale of weight decay, keep_timescale, and its learning_rate may be a rule:
        `recipe.settle` does the rest. A changed value reruns the point; so nothing may be in here
        that belongs to another point or to the analysis. A study of histories has another such
        dict, see `resolve_histories`.
    """
    if "histories" in study:
        return resolve_histories(study, recipe, batch_size)
    settings = next(r for r in study["recipes"] if r["name"] == recipe)
    exceptions = study["overrides"].get(batch_size, {})
    rate = exceptions.get("learning_rate", settings["learning_rate"])
    if kind(rate) == "grid":
        rate = rate | {"grid": sorted(rate["grid"])}
    point = {
        "recipe": recipe,
        "batch_size": batch_size,
        "epochs": exceptions.get("epochs", study["epochs"]),
        "min_updates": study["min_updates"],
        "warmup_epochs": settings["warmup_epochs"],
        "replicates": study["replicates"],
        "seed": study["seed"],
        "optimizer": settings["optimizer"],
        "arguments": settings["arguments"],
        "clamped": [],
        "learning_rate": rate,
        "model": study["model"],
    }
    if settings["keep_timescale"]:
        point["keep_timescale"] = _reference(settings["learning_rate"])
    n = training_samples(study["dataset"])
    return point if n is None else settle(point, n)


def _reference(rate):
    """Where a recipe's learning rate is the given one, an exception or not: its value and size."""
    if kind(rate) == "rule":
        return {
            "learning_rate": rate["value"],
            "reference_batch_size": rate["reference_batch_size"],
        }
    return {"learning_rate": rate, "reference_batch_size": REFERENCE_BATCH_SIZE}
