"""The files of histories: a path with placeholders, and what it matches."""

import re
from glob import escape, glob

from batchscope.config.problem import problem

PLACEHOLDERS = ("{recipe}", "{batch_size}", "{replicate}")
KEY = "histories.files"


def find_files(pattern, recipe, batch_size):
    """The files of one point.

    Args:
        pattern: a path with `PLACEHOLDERS`, and * for any text without a slash.
        recipe: a recipe's name.
        batch_size: a batch size; in a path it may have zeros before it.

    Returns:
        dict replicate, as in the path -> list of paths, more than one only by a *. Replicates
        are sorted as text with numbers in it: 2 is before 10.
    """
    found, expression = {}, _expression(pattern, recipe, batch_size)
    # Path.glob takes no absolute path, and finds the hidden files that editors leave beside others.
    for path in sorted(glob(_everywhere(pattern))):  # noqa: PTH207
        if match := expression.fullmatch(path):
            found.setdefault(match.groupdict().get("replicate", ""), []).append(path)
    return dict(sorted(found.items(), key=lambda item: _natural(item[0])))


def find_file_conflicts(pattern, recipes, batch_sizes):
    """The problem lines of the files of a study's recipes and batch sizes."""
    problems = list(_pattern_problems(pattern, recipes, batch_sizes))
    if problems:
        return problems
    points = {
        f"{recipe} at batch size {size}": find_files(pattern, recipe, size)
        for recipe in recipes
        for size in batch_sizes
    }
    return [*_doubles(points), *_gaps(points, pattern)]


def _pattern_problems(pattern, recipes, batch_sizes):
    rest = pattern
    for placeholder in PLACEHOLDERS:
        rest = rest.replace(placeholder, "")
    if re.search("[{}]", rest):
        fix = "Correct it, or write * for any text."
        yield problem(KEY, f"no braces but {', '.join(PLACEHOLDERS)}", pattern, fix)
    for placeholder, names in zip(PLACEHOLDERS, (recipes, batch_sizes), strict=False):
        if len(names) > 1 and placeholder not in pattern:
            listed = ", ".join(map(str, names))
            fix = f"Write it where the paths of {listed} differ."
            yield problem(KEY, f"a path with {placeholder}", pattern, fix)


def _doubles(points):
    """Files that share a replicate, and those that belong to two points."""
    owners = {}
    for point, found in points.items():
        for replicate, paths in found.items():
            if len(paths) > 1:
                fix = "Write {replicate} where their paths differ."
                expected = f"one file for {point}, replicate '{replicate}'"
                yield problem(KEY, expected, " and ".join(paths[:2]), fix)
            for path in paths:
                owners.setdefault(path, []).append(point)
    for path, names in owners.items():
        if len(names) > 1:
            fix = "Write the path so that it tells them apart."
            yield problem(KEY, f"one owner of {path}", " and ".join(names), fix)


def _gaps(points, pattern):
    """Points that have no files, or fewer than others."""
    fullest = max(points, key=lambda point: len(points[point]))
    for point, found in points.items():
        if not found:
            fix = "Correct the path, or the names and sizes."
            yield problem(KEY, f"a file of {point}", f"none like {pattern}", fix)
        elif len(found) < len(points[fullest]):
            yield problem(
                KEY,
                f"{len(points[fullest])} files of {point}, as of {fullest}",
                f"{len(found)}",
                "Every point needs the same number of replicates.",
            )


def _natural(text):
    """Text and numbers in turn, so that like is compared with like."""
    return [int(part) if part.isdecimal() else part for part in re.split("([0-9]+)", text)]


def _parts(pattern):
    """A pattern in pieces: its placeholders, its stars, and the text between."""
    return re.split("(" + "|".join(map(re.escape, (*PLACEHOLDERS, "*"))) + ")", pattern)


def _everywhere(pattern):
    """What the paths of all points match, as glob knows it."""
    parts = ("*" if part in PLACEHOLDERS else part for part in _parts(pattern))
    text = "".join(part if part == "*" else escape(part) for part in parts)
    # Two of them would be any number of folders.
    return re.sub(r"\*+", "*", text)


def _expression(pattern, recipe, batch_size):
    """The regular expression of the paths of one point."""
    meaning = {
        "*": "[^/]*",
        "{recipe}": re.escape(recipe),
        # Batch size 8 is not found in 128.
        "{batch_size}": f"(?<![0-9])0*{batch_size}(?![0-9])",
    }
    text = ""
    for part in _parts(pattern):
        if part == "{replicate}":
            # One that stands twice is the same in both places.
            text += "(?P=replicate)" if "(?P<" in text else "(?P<replicate>[^/]+)"
        else:
            text += meaning.get(part, re.escape(part))
    return re.compile(text)
