"""Files are text in UTF-8, whatever the user's locale is."""

import ast
from pathlib import Path

import pytest

WORKFLOW = Path(__file__).parent.parent / "workflow"
READERS = ("open", "read_text", "write_text")


def opened(text):
    """The calls that may open a file as text: (line, whether its encoding or bytes are named)."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        # Those of `os` and of archives have no encoding, and `files.write_text` always has.
        owner = getattr(getattr(node.func, "value", None), "id", None)
        own = name == "write_text" and isinstance(node.func, ast.Name)
        if name in READERS and owner not in ("os", "archive") and not own:
            named = any(keyword.arg == "encoding" for keyword in node.keywords)
            bytes_ = name == "open" and any("b'" in ast.unparse(mode) for mode in node.args)
            yield node.lineno, named or bytes_


@pytest.mark.parametrize("path", sorted(WORKFLOW.rglob("*.py")), ids=lambda path: path.stem)
def test_whoever_opens_a_file_names_its_encoding(path):
    lines = [line for line, named in opened(path.read_text(encoding="utf-8")) if not named]
    assert lines == [], f"name encoding= in these lines of {path}"


def test_a_missing_encoding_is_found():
    text = "open(path)\nPath(path).read_text()\npath.open('w')\npath.write_text('b')\n"
    named = "path.open('rb')\npath.read_text(encoding='utf-8')\nos.open(path)\nwrite_text(path, '')"
    assert [line for line, named in opened(text + named) if not named] == [1, 2, 3, 4]
