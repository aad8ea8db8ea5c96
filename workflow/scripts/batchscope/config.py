"""The study's config: validated, completed with defaults, resolved into points.

Imported while the workflow is parsed, so it needs nothing beyond PyYAML and jsonschema.
"""

import copy
import difflib
import functools
import math
import re
from pathlib import Path

import jsonschema
import yaml

SCHEMA = Path(__file__).parents[2] / "schemas" / "config.schema.yaml"

TYPES = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
}


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
        found += [(list(map(str, error.path)), error.validator, line) for line in _explain(error)]
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
        problems = list(_cross_check(study))
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
        dict with recipe, batch_size, epochs, replicates, seed, optimizer, arguments,
        learning_rate and model. A changed value reruns the point; so nothing may be in here that
        belongs to another point or to the analysis.
    """
    settings = next(r for r in study["recipes"] if r["name"] == recipe)
    exceptions = study["overrides"].get(batch_size, {})
    return {
        "recipe": recipe,
        "batch_size": batch_size,
        "epochs": exceptions.get("epochs", study["epochs"]),
        "replicates": study["replicates"],
        "seed": study["seed"],
        "optimizer": settings["optimizer"],
        "arguments": settings["arguments"],
        "learning_rate": exceptions.get("learning_rate", settings["learning_rate"]),
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
            "number": lambda _, value: _is_number(value) and abs(value) < math.inf,
        }
    ),
)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _key(path):
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the config"


def _suggest(value, choices):
    lowered = {str(choice).lower(): choice for choice in choices}
    close = difflib.get_close_matches(str(value).lower(), lowered, n=1, cutoff=0.6)
    return f" Did you mean {_written(lowered[close[0]])}?" if close else ""


def _written(value):
    """A value as one writes it in YAML, on one line."""
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()


def _explain(error):
    """The problem lines of one jsonschema error."""
    key, value, limit = _key(error.absolute_path), error.instance, error.validator_value
    if "propertyNames" in error.relative_schema_path:
        if error.validator == "enum":
            fix = _suggest(value, limit) or " Remove it, or take an optimizer that has it."
            yield (
                f"{key}: expected only {', '.join(limit)} for this optimizer. "
                f"Received: {value}.{fix}"
            )
        else:
            yield (
                f"{key}: expected a batch size, a whole number above 0, as key. Received: {value}."
            )
    elif error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for name in sorted(set(value) - set(known), key=str):
            yield (
                f"{key}: unknown key {name}. Expected only: {', '.join(known)}. "
                f"Received: {name}.{_suggest(name, known) or ' Remove it or correct its name.'}"
            )
    elif error.validator == "required":
        missing = [name for name in limit if name not in value]
        yield (
            f"{key}: expected the key{'s' * (len(limit) > 1)} {', '.join(limit)}. "
            f"Received: {', '.join(map(str, value)) or 'no key'}. Add {', '.join(missing)}."
        )
    else:
        expected, fix = _expectation(error.validator, limit, value)
        received = repr(value)
        if value is None:
            received, fix = "nothing", " Write a value, or leave the key out if it has a default."
        yield f"{key}: expected {expected}. Received: {received}.{fix}"


def _expectation(validator, limit, value):
    """What a jsonschema keyword asks of a value, and how to correct the value if that is known."""
    if validator == "type":
        return TYPES[limit], _type_fix(value, limit)
    if validator in ("enum", "const"):
        choices = limit if validator == "enum" else [limit]
        written = ", ".join(map(_written, choices))
        return f"one of {written}" if len(choices) > 1 else written, _suggest(value, choices)
    if validator == "anyOf":
        return "auto or a number", _type_fix(value, "number") or _suggest(value, ["auto"])
    if validator == "pattern":
        name = re.sub("[^a-z0-9]+", "_", value.lower()).strip("_")
        fix = " It becomes the name of a folder." + (f" Write {name}." if name else "")
        return "lower-case letters, digits and underscores, beginning with no underscore", fix
    if validator == "maxProperties":
        return "a single key", " Begin each with a dash of its own."
    return {
        "minimum": f"at least {limit}",
        "maximum": f"at most {limit}",
        "exclusiveMinimum": f"a number above {limit}",
        "exclusiveMaximum": f"a number below {limit}",
        "minItems": f"at least {limit} {'entry' if limit == 1 else 'entries'}",
        "minLength": "a name that is not empty",
        "minProperties": "at least one key",
    }[validator], ""


def _type_fix(value, expected):
    """How to write a value of the wrong type, if that can be told."""
    if expected == "array":
        return " Write it as a list in brackets."
    if expected == "string" and _is_number(value):
        return f' Write "{value}", in quotes.'
    if expected == "boolean" and str(value).lower() in ("true", "false"):
        written = str(value).lower()
    elif expected in ("integer", "number") and not isinstance(value, bool):
        try:
            number = float(value)
        except (TypeError, ValueError):
            return ""
        if not math.isfinite(number):
            return " It has to be finite."
        if expected == "integer" and not number.is_integer():
            return ""
        written = _written(int(number) if expected == "integer" else number)
    else:
        return ""
    if isinstance(value, str):
        # YAML 1.1 reads 1e-3 as text, and --config whatever is nested.
        return f" It was read as text: write {written}, without quotes, in a config file."
    return f" Write {written}."


def _cross_check(study):
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
        clips = {"clipnorm", "clipvalue", "global_clipnorm"} & set(recipe["arguments"])
        if len(clips) > 1:
            yield (
                f"recipes[{index}].arguments: expected one kind of clipping. "
                f"Received: {', '.join(sorted(clips))}. Keep one of them."
            )
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
