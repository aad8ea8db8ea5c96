"""Errors of the schema in words: the key, what was expected, what was received, the likely fix."""

import difflib
import math
import re

import yaml

TYPES = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
}


def is_number(value):
    """Whether a value is a number; to Python, true and false are numbers too."""
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


def explain(error):
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
        elif key.startswith("recipes") and key.endswith("learning_rate") and type(value) is list:
            fix = f" To tune it, write {{grid: {_written(value)}}}."
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
    if expected == "string" and is_number(value):
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
