"""Which files of the library an entry script uses, and a digest that changes when one of them does.

Nothing is imported to find out: the imports are read from the text.
"""

import ast
import functools
import hashlib
import re
from pathlib import Path

from batchscope.naming import naming

# The copies that editors leave begin or end with other characters.
DATA_FILE = re.compile(r"\w[\w.-]*\w")


def library_files(entry):
    """The files that decide what an entry script does.

    Args:
        entry: path of the script; the library's folder, `batchscope`, is beside it.

    Returns:
        Sorted list of Paths: the script; each module of the library that it imports, directly or
        not, wherever in the text, with the packages around it; and whatever is beside one of these
        modules and is not Python, such as a style. A module imported under a computed name is not
        found.
    """
    entry = Path(entry)
    files, waiting = set(), [entry]
    while waiting:
        path = waiting.pop()
        if path not in files:
            files.add(path)
            for name in _imports(path.read_text(encoding="utf-8")):
                waiting += _modules(name, entry.parent)
    for folder in {path.parent for path in files - {entry}}:
        files.update(path for path in folder.iterdir() if _is_data(path))
    return sorted(files)


def digest(entry):
    """Hex digest of `library_files`: of their names, from the script's folder on, and their bytes.

    So it does not depend on where the folder lies and when its files were written.
    """
    folder, whole = Path(entry).parent, hashlib.sha256()
    for path in library_files(entry):
        whole.update(f"{file_digest(path)} {path.relative_to(folder).as_posix()}\n".encode())
    return whole.hexdigest()


def file_digest(path):
    """Hex digest of a file's bytes."""
    with naming(path), Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def _imports(text):
    """The names of the library's parts that a module's text imports."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in names if name.split(".")[0] == "batchscope"}


def _modules(name, folder):
    """The files that Python runs to import a dotted name whose first part lies in `folder`."""
    for part in name.split("."):
        # The last part may be no module but something in one.
        folder = folder / part
        modules = (folder / "__init__.py", folder.with_suffix(".py"))
        yield from (module for module in modules if module.is_file())


def _is_data(path):
    return path.is_file() and path.suffix != ".py" and DATA_FILE.fullmatch(path.name)
