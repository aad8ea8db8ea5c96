"""Samples from a table: the target is one of its columns, features are others."""

from pathlib import Path

import pandas as pd

from batchscope.config.problem import problem
from batchscope.data.columns import feature, numbers, plain, text
from batchscope.data.samples import DataError, Samples, refuse
from batchscope.data.table_files import read_table_file


def read_table(settings):
    """Read a table and choose its columns.

    Args:
        settings: `dataset.table` of the config; file is relative to the working directory.

    Returns:
        Samples; x is a DataFrame of the features in the order of the file, y the target: float64
        [n] if all of it reads as numbers, else object [n] of text.

    Raises:
        DataError: naming each missing column, missing value, and text among numbers.
    """
    path, target = Path(settings["file"]), settings["target"]
    table, place = read_table_file(path)
    names = _feature_names(settings, list(table.columns), path)
    if table.empty:
        refuse(path, "a row for each sample", "only the names of the columns")
    columns, problems = {}, []
    for name in names:
        category = name in settings.get("categories", ())
        column = plain(table[name], path)
        columns[name], wrong = feature(column, category, settings["missing"], place, path)
        problems += wrong
    column = plain(table[target], path)
    gaps = column.isna().to_numpy()
    if gaps.any():
        where = f"{place(gaps.argmax())}, column {target}"
        fix = "Fill it in, or remove the row: a target is never imputed."
        problems.append(problem(where, "a value", "none", fix))
    if problems:
        raise DataError("\n".join(problems))
    values = numbers(column)
    y = text(column) if pd.isna(values).any() else values
    # Else pandas would make a type of its own of the text.
    x = pd.DataFrame(
        {name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()}
    )
    at = f"column {target}"
    return Samples(x, y, path, f"{path}, {at}", lambda index: f"{place(index)}, {at}")


def _feature_names(settings, present, path):
    """The columns that are features, once all that the settings name are found."""
    problems = []
    for key in ("target", "features", "drop", "categories"):
        named = settings.get(key, [])
        for name in [named] if isinstance(named, str) else named:
            if name not in present:
                received = f"the column{'s' * (len(present) > 1)} {', '.join(present[:20])}"
                received += " …" * (len(present) > 20)
                fix = _separator(present) or f"Correct dataset.table.{key}."
                problems.append(problem(path, f"a column {name}", received, fix))
    left = {settings["target"], *settings.get("drop", ())}
    names = settings.get("features", [name for name in present if name not in left])
    if not problems and not names:
        fix = "Add some, or drop less."
        problems.append(problem(path, "columns besides the target", "none", fix))
    if problems:
        raise DataError("\n".join(problems))
    return [name for name in present if name in names]


def _separator(present):
    if len(present) == 1 and any(character in present[0] for character in ";\t"):
        return "Write the file with commas between the values."
    return ""
