"""A problem in words: the key, what was expected, what was received, the likely fix.

What is expected follows from the schema's keywords, or stands in `x-expected` where these read
badly. A fix that depends on the key stands in `x-fix`, one for a certain unknown key or value in
`x-instead`; those that depend on the value are here.
"""

import re

import yaml

from batchscope.config import schema
from batchscope.config.numbers import is_integer, is_number
from batchscope.config.problem import problem

TYPES = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
}
BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minItems": "{} or more entries",
    "uniqueItems": "none twice",
    "minProperties": "{} or more keys",
}


def explain(error):
    """The problem lines of one jsonschema error."""
    key, value, part = _path(error.absolute_path), error.instance, error.schema
    if error.validator == "required":
        missing = [name for name in part["required"] if name not in value]
        yield problem(key, _keys(part["required"]), _keys(value), f"Add {', '.join(missing)}.")
    elif error.validator == "additionalProperties":
        known = list(part["properties"])
        for name in value:
            if name not in known:
                instead = part.get("x-instead", {}).get(name)
                fix = instead or _meant(name, known, slips=True) or _place(name, key, part)
                expected = f"only {_keys(known)}" if known else "no key"
                yield problem(key, expected, _keys([name]), fix)
    else:
        yield problem(key, _expected(part), _received(value), _fix(value, part))


def _expected(part):
    """What a part of the schema asks of a value."""
    if "x-expected" in part:
        return part["x-expected"]
    if "anyOf" in part:
        return " or ".join(map(_expected, part["anyOf"]))
    if choices := _choices(part):
        return "one of " * (len(choices) > 1) + ", ".join(map(_written, choices))
    bounds = [words.format(part[name]) for name, words in BOUNDS.items() if name in part]
    return TYPES[part["type"]] + ", " * bool(bounds) + " and ".join(bounds)


def _fix(value, part):
    """How to correct a value: what it says in another way, or else what the schema advises."""
    forms = [part, *part.get("anyOf", [])]
    types = {form.get("type") for form in forms}
    if value is None:
        return "Write a value, or leave the key out if it has a default."
    if isinstance(value, str) and value in part.get("x-instead", {}):
        return part["x-instead"][value]
    if meant := _meant(value, [choice for form in forms for choice in _choices(form)]):
        return meant
    if isinstance(value, str) and (meant := _read(value, types)):
        # YAML 1.1 reads 1e-3 as text, and --config whatever is nested.
        return f"It was read as text: write {meant}, without quotes, in a config file."
    if "array" in types and not isinstance(value, list):
        return "Write the entries in brackets, or each behind a dash."
    if isinstance(value, int | float):
        if "string" in types:
            return "Write it in quotes."
        if not isinstance(value, bool):
            return _fix_number(value, types) or part.get("x-fix", "")
    return part.get("x-fix", "")


def _fix_number(value, types):
    if "integer" in types and abs(value) >= 2**63:
        return "It is too large."
    if (
        types & {"integer", "number"} == {"integer"}
        and isinstance(value, float)
        and value.is_integer()
    ):
        return f"Write {int(value)}."
    if "number" in types and not is_number(value):
        if abs(value) < 1:
            return "In single precision, in which networks are trained, it is 0."
        return "It has to be finite, in single precision too."
    return ""


def _read(text, types):
    """The value that a text means where one of some types is expected, as written in YAML."""
    if "boolean" in types and text.lower() in ("true", "false"):
        return text.lower()
    try:
        number = float(text)
    except ValueError:
        return ""
    if "integer" in types and number.is_integer() and is_integer(int(number)):
        return str(int(number))
    return _written(number) if "number" in types and is_number(number) else ""


def _meant(value, choices, slips=False):
    """The one choice that a value can only mean, not a word that looks alike.

    It differs in case and punctuation alone, or with `slips` in a letter too: one left out, too
    many, another, or swapped with its neighbour.
    """

    def letters(word):
        return re.sub("[^a-z0-9]", "", str(word).lower())

    def spellings(word):
        return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}

    value = letters(value)
    meant = [choice for choice in choices if letters(choice) == value]
    if slips and not meant:
        meant = [choice for choice in choices if spellings(letters(choice)) & spellings(value)]
    return f"Did you mean {_written(meant[0])}?" if len(meant) == 1 else ""


def _place(name, level, part):
    """Where a key belongs that its level does not have, or has only beside other keys."""
    levels = schema.levels(name)
    if level not in (schema.TOP, "dataset", "dataset.arguments"):
        # The arguments of data have names that mean something else elsewhere, such as bias.
        levels = [other for other in levels if other != "dataset.arguments"]
    if re.sub(r"\[\d+\]", "[]", level) in levels:
        return part.get("x-fix", "Remove it.")
    return f"It is a key of {' and '.join(levels)}." if levels else "Remove it or correct its name."


def _choices(part):
    return part.get("enum", [part["const"]] if "const" in part else [])


def _path(parts):
    """A key as in `recipes[0].name`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{_name(part)}"
    return text.removeprefix(".") or schema.TOP


def _keys(names):
    return f"the key{'s' * (len(names) > 1)} {', '.join(map(_name, names))}" if names else "no key"


def _name(key):
    return key if isinstance(key, str) and re.fullmatch(r"\w{1,40}", key) else _received(key)


def _received(value):
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else _written(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _written(value):
    """A value as one writes it in YAML, on one line."""
    try:
        text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=float("inf"))
    except yaml.YAMLError:
        # A workflow that uses this one as a module may hand over any object of Python.
        text = repr(value)
    return " ".join(text.removesuffix("...\n").split())
