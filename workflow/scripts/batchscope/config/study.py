"""The study's config: validated, completed with defaults, resolved into points.

Imported while the workflow is parsed, so it needs nothing beyond PyYAML and jsonschema.
"""

from batchscope.config import schema
from batchscope.config.conflicts import find_conflicts
from batchscope.config.histories import complete, resolve_histories, training_keys
from batchscope.config.messages import explain, problem
from batchscope.config.recipe import (
    effective_batch_size,
    epochs_needed,
    kind,
    scale,
    updates_per_epoch,
)


class ConfigError(ValueError):
    """A config that cannot be run; the message lists every problem found."""


def load_study(config, folder=""):
    """Validate a config and fill in the schema's defaults.

    Args:
        config: mapping as read from YAML. Not modified.
        folder: what the paths in it are relative to.

    Returns:
        The completed study: a new dict of plain Python values, whose `overrides` are keyed by int
        and whose paths are relative to the working directory. Its keys are in the schema's order,
        whichever order they were written in.

    Raises:
        ConfigError: naming for each problem the key, what was expected, what was received and
            the likely fix.
    """
    study = _plain(config)
    # A value can break several keywords of the schema, which are said in one line.
    problems = list(dict.fromkeys(_problems(study, folder)))
    if problems:
        raise ConfigError("\n".join(["the config cannot be run:", *(f"  {p}" for p in problems)]))
    return study


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
        problems += training_keys(study)
    for error in schema.errors(study):
        problems += explain(error)
    if not problems and "histories" in study:
        complete(study, folder)
        problems += find_conflicts(study)
    elif not problems:
        study["overrides"] = {int(size): value for size, value in study["overrides"].items()}
        problems += find_conflicts(study)
    return problems


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
        number, or a mapping of grid, in rising order, and replicates) and model. A changed value
        reruns the point; so nothing may be in here that belongs to another point or to the
        analysis. A study of histories has another such dict, see `resolve_histories`.
    """
    if "histories" in study:
        return resolve_histories(study, recipe, batch_size)
    settings = next(r for r in study["recipes"] if r["name"] == recipe)
    exceptions = study["overrides"].get(batch_size, {})
    n = study["dataset"]["train_size"]
    rate, arguments, clamped = settings["learning_rate"], settings["arguments"], []
    if "learning_rate" in exceptions:
        rate = exceptions["learning_rate"]
    elif kind(rate) == "grid":
        rate = rate | {"grid": sorted(rate["grid"])}
    elif kind(rate) == "rule":
        reference = effective_batch_size(rate["reference_batch_size"], n)
        kappa = effective_batch_size(batch_size, n) / reference
        factor, arguments, clamped = scale(rate["rule"], kappa, settings["optimizer"], arguments)
        rate = rate["value"] * factor
    epochs = exceptions.get("epochs", study["epochs"])
    return {
        "recipe": recipe,
        "batch_size": batch_size,
        "epochs": epochs_needed(epochs, study["min_updates"], updates_per_epoch(batch_size, n)),
        "warmup_epochs": settings["warmup_epochs"],
        "replicates": study["replicates"],
        "seed": study["seed"],
        "optimizer": settings["optimizer"],
        "arguments": arguments,
        "clamped": clamped,
        "learning_rate": rate,
        "model": study["model"],
    }
