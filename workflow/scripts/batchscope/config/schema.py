"""The config's schema at work: its errors found, its defaults filled in, its keys looked up."""

import copy
import functools
from pathlib import Path

import jsonschema
import yaml

from batchscope.config.numbers import is_integer, is_number

SCHEMA = Path(__file__).parents[3] / "schemas" / "config.schema.yaml"
TOP = "the top level"


def errors(study):
    """The jsonschema errors of a study, whose defaults are filled in on the way.

    Read each error before the next: a default that is filled in later was not received.
    """
    return _validator().iter_errors(study)


def levels(key):
    """The levels of a config that have `key`, as in `convergence.target`."""
    return list(dict.fromkeys(level for level, name in _keys(_validator().schema) if name == key))


def is_text(value):
    """Whether a value is text that a file can hold; half of a pair of UTF-16 is none."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _keys(node, level=""):
    """(level, key) of every key that a part of the schema has."""
    if "$ref" in node:
        yield from _keys(_validator().schema["$defs"][node["$ref"].split("/")[-1]], level)
    for key, child in node.get("properties", {}).items():
        yield level or TOP, key
        yield from _keys(child, f"{level}.{key}" if level else key)
    for branch in ("then", "else"):
        yield from _keys(node[branch], level) if branch in node else ()
    for part in node.get("allOf", ()):
        yield from _keys(part, level)
    if "items" in node:
        yield from _keys(node["items"], f"{level}[]")
    if isinstance(node.get("additionalProperties"), dict):
        title = node["propertyNames"]["title"]
        yield from _keys(node["additionalProperties"], f"{level}.<{title}>")


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


@functools.cache
def _validator():
    types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: is_integer(value),
            "number": lambda _, value: is_number(value),
            "string": lambda _, value: is_text(value),
        }
    )
    validator = jsonschema.validators.extend(
        jsonschema.Draft202012Validator,
        {"properties": _properties_with_defaults},
        type_checker=types,
    )
    return validator(yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))
