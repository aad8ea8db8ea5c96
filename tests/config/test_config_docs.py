"""The schema describes every key and closes every level; config/README.md says the same."""

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from batchscope.config import schema
from batchscope.config.messages import BOUNDS
from batchscope.config.study import ConfigError, load_study

CONFIG = Path(__file__).parents[2] / "config"
README = (CONFIG / "README.md").read_text()
SCHEMA = yaml.safe_load(schema.SCHEMA.read_text())

TYPES = {
    "object": "mapping",
    "array": "list",
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "`true` or `false`",
}
NESTED = ("items", "additionalProperties", "propertyNames", "if", "then", "else")


def resolved(node):
    """A schema with its $ref followed; what stands beside the $ref wins."""
    if "$ref" not in node:
        return node
    target = SCHEMA
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**resolved(target), **{key: item for key, item in node.items() if key != "$ref"}}


def branches(node):
    """The schemas of which a value meets one, besides the schema itself."""
    conditions = [node, *node.get("allOf", ())]
    conditional = [part[name] for part in conditions for name in ("then", "else") if name in part]
    return [*node.get("anyOf", ()), *conditional]


def forms(node):
    """All that a value may be: the schema and its branches, with theirs."""
    yield resolved(node)
    for branch in branches(resolved(node)):
        yield from forms(branch)


def keys(node=SCHEMA, path=""):
    """(path, schema, whether required) of every key of a config and entry of its lists."""
    node = resolved(node)
    for form in branches(node):
        yield from keys(form, path)
    for name, child in node.get("properties", {}).items():
        key = f"{path}.{name}" if path else name
        yield key, resolved(child), name in node.get("required", ())
        yield from keys(child, key)
    if "items" in node:
        yield f"{path}[]", resolved(node["items"]), True
        yield from keys(node["items"], f"{path}[]")
    if isinstance(node.get("additionalProperties"), dict):
        key = f"{path}.<batch size>"
        yield key, node["additionalProperties"], False
        yield from keys(node["additionalProperties"], key)


def levels(node=SCHEMA, path="#"):
    """(place, schema) of every schema inside the schema, by keyword that holds schemas."""
    yield path, node
    for keyword, value in node.items():
        if keyword in ("properties", "$defs"):
            for name, child in value.items():
                yield from levels(child, f"{path}/{keyword}/{name}")
        elif keyword in ("allOf", "anyOf"):
            for index, child in enumerate(value):
                yield from levels(child, f"{path}/{keyword}/{index}")
        elif keyword in NESTED and isinstance(value, dict):
            yield from levels(value, f"{path}/{keyword}")


def entries():
    """The README's entry of each key: path -> text on one line."""
    parts = re.split(r"(?m)^- `([^`]+)`: ", README)
    ends = (re.split(r"\n(?=\S)", text)[0] for text in parts[2::2])
    return dict(zip(parts[1::2], (" ".join(text.split()) for text in ends), strict=True))


def by_optimizer():
    """The argument names that the recipe's schema admits for each optimizer."""
    admitted = {}
    for branch in SCHEMA["$defs"]["recipe"]["allOf"]:
        condition = branch["if"]["properties"]["optimizer"]
        for optimizer in condition.get("enum", [condition.get("const")]):
            assert optimizer not in admitted, f"two branches for {optimizer}"
            admitted[optimizer] = list(branch["then"]["properties"]["arguments"]["properties"])
    return admitted


def every_key():
    """(schemas, whether required) of each key: branches may ask different things of it."""
    found = {}
    for path, node, required in keys():
        nodes, needed = found.setdefault(path, ([], []))
        if node:
            nodes.append(node)
            needed.append(required)
    return {path: (nodes, any(needed)) for path, (nodes, needed) in found.items()}


KEYS = every_key()


def test_readme_has_every_key():
    missing = [path for path in KEYS if path not in entries()]
    assert not missing, f"config/README.md has no entry (- `key`: ...) for: {', '.join(missing)}"


def test_readme_has_no_other_key():
    stale = [path for path in entries() if path not in KEYS]
    assert not stale, f"the schema does not have these keys of config/README.md: {stale}"


@pytest.mark.parametrize("path", KEYS)
def test_entry_says_what_the_schema_accepts(path):
    """The entry's first sentence: type, bounds, and whether it is required or its default."""
    nodes, required = KEYS[path]
    expected = []
    for part in (form for node in nodes for form in forms(node)):
        expected += [TYPES[part["type"]]] if "type" in part else []
        if "x-expected" not in part:
            expected += [words.format(part[name]) for name, words in BOUNDS.items() if name in part]
        choices = part.get("enum", [part["const"]] if "const" in part else [])
        expected += [f"`{written(choice)}`" for choice in choices]
    assert expected
    defaults = [node["default"] for node in nodes if node.get("default", {}) != {}]
    defaults += [{}] if path == "overrides" else []
    expected += [f"default `{written(default)}`" for default in defaults]
    if required:
        expected.append("required")
    elif not defaults:
        expected.append("optional")
    said = re.split(r"[.:;] |\.$", entries().get(path, ""))[0]
    lacking = [words for words in expected if words not in said]
    assert not lacking, f"config/README.md, {path}: {said!r} does not say {lacking}"


def written(value):
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()


@pytest.mark.parametrize("name", SCHEMA["$defs"]["optimizer_arguments"]["properties"])
def test_entry_names_the_optimizers_of_an_argument(name):
    said = entries()[f"recipes[].arguments.{name}"].split(". ")[0]
    named = {optimizer for optimizer in by_optimizer() if f"`{optimizer}`" in said}
    assert named == {key for key, admitted in by_optimizer().items() if name in admitted}


def test_readme_has_the_order_of_the_config():
    config = list(yaml.safe_load((CONFIG / "config.yaml").read_text()))
    sections = [name for name in re.findall(r"(?m)^## (\S+)$", README) if name in KEYS]
    # What has no place in config.yaml comes last.
    assert sections == [*config, "histories", "pathvars"]


def test_every_key_has_a_description():
    lacking = [
        path
        for path, (nodes, _) in KEYS.items()
        if not any("description" in node for node in nodes) and path[-1] not in "]>"
    ]
    assert not lacking, f"no description in the schema: {', '.join(lacking)}"


def test_every_level_refuses_unknown_keys():
    """But for maps keyed by the user, conditions, and arguments that depend on the optimizer."""
    found = [place for place, node in levels() if node.get("type") == "object"]
    assert "#/$defs/layer/properties/Dense" in found
    for place, node in levels():
        if node.get("type") != "object" or place == "#/$defs/optimizer_arguments":
            continue
        if place.endswith("/if"):
            continue
        other = node.get("additionalProperties", True)
        keyed = isinstance(other, dict) and "pattern" in node.get("propertyNames", {})
        assert other is False or keyed, f"{place} lacks additionalProperties: false"


def test_every_optimizer_refuses_unknown_arguments():
    recipe, arguments = (SCHEMA["$defs"][name] for name in ("recipe", "optimizer_arguments"))
    assert set(by_optimizer()) == set(recipe["properties"]["optimizer"]["enum"])
    for optimizer, names in by_optimizer().items():
        unchecked = set(names) - set(arguments["properties"])
        assert not unchecked, f"{optimizer}: no type in optimizer_arguments for {unchecked}"


def test_every_keyword_is_one_that_is_checked():
    """A misspelt keyword would be ignored without a word."""
    known = {*jsonschema.Draft202012Validator.VALIDATORS, "then", "else"}
    known |= {
        "$schema",
        "$defs",
        "title",
        "description",
        "default",
        "x-expected",
        "x-fix",
        "x-instead",
    }
    unknown = [f"{place}: {key}" for place, node in levels() for key in node if key not in known]
    assert not unknown, f"neither of JSON Schema nor x-expected, x-fix or x-instead: {unknown}"


def test_every_bound_is_put_in_words():
    """By messages.BOUNDS, or by x-expected where it says all that the schema asks."""
    silent = {"pattern", "minLength", "maxLength", "maxItems", "maxProperties", "multipleOf"}
    for place, node in levels():
        assert "x-expected" in node or not silent & node.keys(), place


def test_every_key_is_found_at_its_level():
    for path in KEYS:
        level, _, key = path.rpartition(".")
        if key[-1] not in "]>":
            assert (level or schema.TOP) in schema.levels(key), path
    assert schema.levels("momentum") == [
        "model.layers[].BatchNormalization",
        "recipes[].arguments",
    ]
    assert schema.levels("learning_rte") == []


def test_schema_is_of_the_draft_that_checks_it():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


def test_yaml_of_the_readme_works():
    shipped = yaml.safe_load((CONFIG / "config.yaml").read_text())
    blocks = re.findall(r"(?ms)^ *```yaml\n(.*?)^ *```$", README)
    changed = {key for block in blocks for key in yaml.safe_load(block)}
    assert changed == {"recipes", "overrides", "devices", "pathvars", "dataset"}
    for block in blocks:
        load_study(shipped | yaml.safe_load(block))


def test_error_of_the_readme_is_the_real_one():
    shipped = yaml.safe_load((CONFIG / "config.yaml").read_text())
    shipped["epochs"] = 100.0
    shipped["recipes"][0]["optimizer"] = "adam"
    with pytest.raises(ConfigError) as raised:
        load_study(shipped)
    assert f"```\n{raised.value}\n```" in README
