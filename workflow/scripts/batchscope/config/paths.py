"""The files of the user that a study names. Their paths are relative to the config's folder."""

import os
from pathlib import Path

from batchscope.config.problem import problem

FILES = (
    "dataset.table.file",
    "dataset.arrays.file",
    "dataset.arrays.x",
    "dataset.arrays.y",
    "model.file",
    "devices[].measured",
)

# Paths with placeholders, of many files.
PATTERNS = ("histories.files",)


def files(study):
    """Key -> path of each single file that a completed study names."""
    return {key: level[name] for key, level, name in _named(study, FILES)}


def relocate(study, folder):
    """Make the paths of a completed study relative to the working directory, in place.

    Args:
        study: the completed study.
        folder: that of the config file. An absolute path does not depend on it.
    """
    for _, level, name in _named(study, (*FILES, *PATTERNS)):
        path = Path(folder, level[name])
        level[name] = str(path if Path(level[name]).is_absolute() else os.path.relpath(path))


def find_missing(study):
    """The problem lines of files that are not there."""
    for key, path in files(study).items():
        if not Path(path).is_file():
            yield problem(
                key,
                "a file that is there",
                path,
                "Correct the path; it is relative to the folder of the config file.",
            )


def find_braces(named):
    """The problem lines of paths that Snakemake would fill in; of a dict key -> path."""
    for key, path in named.items():
        if set("{}<>") & set(str(path)):
            fix = "Snakemake fills them in. Rename the folder or the file."
            yield problem(key, "a path without any of {}<>", path, fix)


def _named(study, keys):
    """(key, the mapping that holds its last part, this part) of each key that is given."""
    for key in keys:
        *parents, name = key.split(".")
        levels = [("", study)]
        for parent in parents:
            levels = [child for level in levels for child in _children(*level, parent)]
        for path, level in levels:
            if name in level:
                yield f"{path}{name}", level, name


def _children(path, level, parent):
    """(path, mapping) of what a level has below `parent`, of which `[]` says that it is a list."""
    name = parent.removesuffix("[]")
    if name == parent:
        return [(f"{path}{name}.", level[name])] if name in level else []
    return [(f"{path}{name}[{i}].", item) for i, item in enumerate(level.get(name, []))]
