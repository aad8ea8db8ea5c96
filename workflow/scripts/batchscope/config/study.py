"""The study's config: validated, completed with defaults, resolved into points.

Imported while the workflow is parsed, so it needs nothing beyond PyYAML and jsonschema.
"""

import copy
import functools
import math
from pathlib import Path

import jsonschema
import yaml

from batchscope.config.conflicts import find_conflicts
from batchscope.config.messages import explain, is_number
from batchscope.config.recipe import (
    effective_batch_size,
    epochs_needed,
    kind,
    scale,
    updates_per_epoch,
)

SCHEMA = Path(__file__).parents[3] / "schemas" / "config.schema.yaml"


class ConfigError(ValueError):
    """A config that cannot be run; the message lists every problem found."""


def load_study(config):
    """Validate a config and fill in the schema's defaults.

    Args:
        config: mapping as read from YAML. Not modified.

    Returns:
        The completed study: a new dict of plain Python values, whose `overrides` are keyed by int.
        Its keys are in the schema's order, whichever order they were written in.

    Raises:
        ConfigError: naming for each problem the key, what was expected, what was received and
            the likely fix.
    """
    study = copy.deepcopy(dict(config))
    if isinstance(study.get("overrides"), dict):
        study["overrides"] = {str(size): value for size, value in study["overrides"].items()}
    found = []
    for error in _validator().iter_errors(study):
        # Explained while it is found: the defaults filled in later were not received.
        found += [(list(map(str, error.path)), error.validator, line) for line in explain(error)]
    # A value of the wrong type has no bounds to keep; keys missing together share a line.
    mistyped = [path for path, validator, _ in found if validator == "type"]
    problems = list(
        dict.fromkeys(
            line
            for path, validator, line in sorted(found)
            if validator == "type" or path not in mistyped
        )
    )
    if not problems:
        study["overrides"] = {int(size): value for size, value in study["overrides"].items()}
        problems = list(find_conflicts(study))
    if problems:
        raise ConfigError("\n".join(["the config cannot be run:", *(f"  {p}" for p in problems)]))
    return study


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
        analysis.
    """
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


@functools.cache
def _validator():
    return _Validator(yaml.safe_load(SCHEMA.read_text()))


def _properties_with_defaults(validator, properties, instance, schema):
    # Defaults have to be there before the values below them are checked (jsonschema's own recipe).
    # Snakemake compares params as text, so a default written out, or another order of the keys,
    # has to give the same text: known keys are moved into the schema's order.
    if validator.is_type(instance, "object"):
        for name, subschema in properties.items():
            if "default" in subschema:
                instance.setdefault(name, copy.deepcopy(subschema["default"]))
            if name in instance:
                instance[name] = instance.pop(name)
    yield from jsonschema.Draft202012Validator.VALIDATORS["properties"](
        validator, properties, instance, schema
    )


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    {"properties": _properties_with_defaults},
    # JSON counts 4.0 as an integer; as a folder's name it is another batch size than 4. YAML
    # knows .nan and .inf, which no setting can be.
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
            "number": lambda _, value: is_number(value) and abs(value) < math.inf,
        }
    ),
)
