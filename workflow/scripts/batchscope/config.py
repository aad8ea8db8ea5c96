"""The study's config: validated, completed with defaults, resolved into points.

Imported while the workflow is parsed, so it needs nothing beyond PyYAML and jsonschema.
"""

import copy
import difflib
import math
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

    Raises:
        ConfigError: naming for each problem the key, what was expected, what was received and
            the likely fix.
    """
    study = copy.deepcopy(dict(config))
    if isinstance(study.get("overrides"), dict):
        study["overrides"] = {str(size): value for size, value in study["overrides"].items()}
    schema = yaml.safe_load(SCHEMA.read_text())
    errors = sorted(_Validator(schema).iter_errors(study), key=lambda e: list(map(str, e.path)))
    # A failed `if` of a recipe repeats what its own properties already say.
    problems = list(dict.fromkeys(line for error in errors for line in _explain(error)))
    problems += _non_finite(study)
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


def _properties_with_defaults(validator, properties, instance, schema):
    # Defaults have to be there before the values below them are checked (jsonschema's own recipe).
    if validator.is_type(instance, "object"):
        for name, subschema in properties.items():
            if "default" in subschema:
                instance.setdefault(name, copy.deepcopy(subschema["default"]))
    yield from jsonschema.Draft202012Validator.VALIDATORS["properties"](
        validator, properties, instance, schema
    )


_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    {"properties": _properties_with_defaults},
    # JSON counts 4.0 as an integer; as a folder's name it is another batch size than 4.
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def _key(path):
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the config"


def _suggest(value, choices):
    lowered = {str(choice).lower(): choice for choice in choices}
    close = difflib.get_close_matches(str(value).lower(), lowered, n=1, cutoff=0.6)
    return f" Did you mean {lowered[close[0]]}?" if close else ""


def _explain(error):
    """The problem lines of one jsonschema error."""
    key, value, expected = _key(error.absolute_path), error.instance, error.validator_value
    received = "nothing" if value is None else repr(value)
    if "propertyNames" in error.relative_schema_path:
        if error.validator == "enum":
            yield (
                f"{key}: expected only {', '.join(expected)} for this optimizer. "
                f"Received: {value}.{_suggest(value, expected)}"
            )
        else:
            yield f"{key}: expected a batch size as key. Received: {value}."
    elif error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for name in sorted(set(value) - set(known), key=str):
            yield (
                f"{key}: unknown key {name}. Expected only: {', '.join(known)}. "
                f"Received: {name}.{_suggest(name, known) or ' Remove it or correct its name.'}"
            )
    elif error.validator == "required":
        missing = sorted(set(expected) - set(value))
        yield (
            f"{key}: expected the keys {', '.join(expected)}. "
            f"Received: {', '.join(map(str, value)) or 'no key'}. Add {', '.join(missing)}."
        )
    elif error.validator == "type":
        yield f"{key}: expected {TYPES[expected]}. Received: {received}.{_number_fix(value, expected)}"
    elif error.validator in ("enum", "const"):
        choices = expected if error.validator == "enum" else [expected]
        yield (
            f"{key}: expected {' or '.join(map(str, choices))}. "
            f"Received: {received}.{_suggest(value, choices)}"
        )
    elif error.validator == "anyOf":
        yield (
            f"{key}: expected auto or a number. Received: {received}."
            f"{_number_fix(value, 'number') or _suggest(value, ['auto'])}"
        )
    elif error.validator == "pattern":
        yield (
            f"{key}: expected lower-case letters, digits and underscores. Received: {received}. "
            "It becomes the name of a folder."
        )
    else:
        limits = {
            "minimum": f"at least {expected}",
            "exclusiveMinimum": f"a number above {expected}",
            "exclusiveMaximum": f"a number below {expected}",
            "minItems": f"at least {expected} entry" if expected == 1 else f"{expected} entries",
            "maxItems": f"at most {expected} entries",
            "minLength": "a name that is not empty",
            "minProperties": "at least one key",
            "maxProperties": "one key only; begin each with a dash of its own",
        }
        yield f"{key}: expected {limits[error.validator]}. Received: {received}."


def _number_fix(value, expected):
    """YAML 1.1 reads 1e-3, and --config reads nested values, as text: say how to write it."""
    if expected not in ("integer", "number") or isinstance(value, bool):
        return ""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return ""
    if not math.isfinite(number):
        return ""
    if expected == "integer":
        return f" Write {int(number)}." if number == int(number) else ""
    written = yaml.safe_dump(number).split()[0]
    return f" It was read as text: write {written}, without quotes, in a config file."


def _non_finite(value, path=()):
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{_key(path)}: expected a finite number. Received: {value}."
    elif isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for part, item in items:
            yield from _non_finite(item, (*path, part))


def _cross_check(study):
    """The problems that no single key shows."""
    sizes, dataset, recipes = study["batch_sizes"], study["dataset"], study["recipes"]
    arguments = dataset["arguments"]
    for size in sorted({size for size in sizes if sizes.count(size) > 1}):
        yield f"batch_sizes: expected each size once. Received: {size} {sizes.count(size)} times."
    for size in sorted(set(study["overrides"]) - set(sizes)):
        yield (
            f"overrides.{size}: expected one of the batch sizes {sizes}. Received: {size}. "
            f"Add {size} to batch_sizes or remove the override."
        )
    names = [recipe["name"] for recipe in recipes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"recipes: expected each name once. Received: {name} {names.count(name)} times."
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
            f"samples are left to validate. Received: {dataset['train_size']}."
        )
    if arguments["n_samples"] < arguments["centers"]:
        yield (
            f"dataset.arguments.n_samples: expected at least a sample for each of the "
            f"{arguments['centers']} centers. Received: {arguments['n_samples']}."
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
    if name != "Dense" or arguments["units"] != classes:
        received = f"{name} with {arguments['units']} units" if name == "Dense" else name
        yield (
            f"{where}: expected a Dense layer with {classes} units, one per class. "
            f"Received: {received}."
        )
    elif arguments.get("activation") != "softmax":
        yield (
            f"{where}.activation: expected softmax, since the loss takes probabilities. "
            f"Received: {arguments.get('activation', 'nothing')}."
        )
