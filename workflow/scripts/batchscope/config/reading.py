"""The file of a config, read as strictly as Snakemake does not read it.

Of two equal keys Snakemake takes the last. It knows Python's own tags, runs the Python that a file
with `__use_yte__` has, and names no line of a file that it cannot read.
"""

import json
import sys
from pathlib import Path

import yaml

from batchscope.config.problem import ConfigError, problem, refuse

# Values of a file, with every alias written out. The largest example has about 300.
MOST_VALUES = 10_000


def check_file(path):
    """Refuse the file of a config that is not plain YAML or JSON.

    Args:
        path: of the file.

    Raises:
        ConfigError: naming the file, the line, what was expected, and what was received.
    """
    text = _read(path)
    if _is_json(text):
        # JSON is YAML but for tabs, which are never in its strings.
        text = text.expandtabs(1)
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            received = "a list" if isinstance(node, yaml.SequenceNode) else "none"
            _refuse(path, 0, "keys with values, as in seed: 1", received)
        _check(path, loader, node, {})
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fix = "Tabs do not indent in YAML; text that has a colon or a bracket stands in quotes."
        _refuse(path, mark.line, "YAML", error.problem, fix)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        _refuse(path, line, "text", f"the character {chr(error.character)!r}", "Remove it.")
    except RecursionError:
        refuse([problem(path, "a few levels", "more of them than any config has")])


def _read(path):
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        fix = "Correct the path; it is relative to the working directory."
        refuse([problem(path, "a file that can be read", error.strerror, fix)])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line, received = content.count(b"\n", 0, error.start), f"the byte {content[error.start]:#x}"
        _refuse(path, line, "text in UTF-8", received, "Save the file as UTF-8.")


def _is_json(text):
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _check(path, loader, node, sizes):
    """The values of a node, aliases written out; `sizes` has those of the nodes before it."""
    if sizes.setdefault(id(node), None) is not None:
        return sizes[id(node)]
    line, count = node.start_mark.line, 1
    if isinstance(node, yaml.ScalarNode):
        _value(path, loader, node)
    elif node.tag not in loader.yaml_constructors:
        _refuse_tag(path, node)
    elif isinstance(node, yaml.MappingNode):
        _check_keys(path, loader, node)
    for child in _children(node):
        if sizes.get(id(child), 1) is None:
            _refuse(path, line, "an end of every alias", "one that stands in what it names")
        count += _check(path, loader, child, sizes)
    if count > MOST_VALUES:
        fix = "Write less, or fewer aliases."
        _refuse(path, line, f"at most {MOST_VALUES} values, aliases written out", "more", fix)
    sizes[id(node)] = count
    return count


def _children(node):
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _check_keys(path, loader, node):
    lines = {}
    for key, _ in node.value:
        line = key.start_mark.line
        if not isinstance(key, yaml.ScalarNode):
            _refuse(path, line, "a key that is text or a number", "a list or a mapping")
        if key.value == "__use_yte__":
            received = "__use_yte__, by which Snakemake runs Python that stands in the file"
            _refuse(path, line, "values alone", received, "Remove it, and write the values.")
        value = _value(path, loader, key)
        if value in lines:
            received = f"{key.value} in line {lines[value] + 1} and here"
            _refuse(path, line, "each key once", received, "Keep one.")
        lines[value] = line


def _value(path, loader, node):
    """The value of a scalar."""
    if node.tag == "tag:yaml.org,2002:merge":
        return node.value
    if node.tag not in loader.yaml_constructors:
        _refuse_tag(path, node)
    try:
        return loader.construct_object(node)
    except ValueError:
        # 2000-13-01 looks like a date, and five thousand digits like a number.
        fix = "Write text in quotes."
        _refuse(path, node.start_mark.line, "a value", f"{node.value[:40]!r}", fix)


def _refuse_tag(path, node):
    tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    _refuse(path, node.start_mark.line, "values without tags", f"the tag {tag}", "Remove it.")


def _refuse(path, line, expected, received, fix=""):
    refuse([problem(f"{path}, line {line + 1}", expected, received, fix)])


if __name__ == "__main__":
    try:
        check_file(sys.argv[1])
    except ConfigError as error:
        sys.exit(str(error))
