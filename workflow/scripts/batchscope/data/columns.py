"""The columns of a table: each is numbers or text, whole."""

import numpy as np
import pandas as pd

from batchscope.config.problem import problem
from batchscope.data.samples import refuse

# Beyond it, a number is infinite in single precision, in which networks are trained.
LARGEST = float(np.finfo(np.float32).max)


def plain(column, path):
    """A Series of a table file as numbers or text.

    Raises:
        DataError: if its values are neither.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.dtype.categories.dtype)
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(object).map(str, na_action="ignore")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind not in ("string", "empty"):
        fix = "Write it in another way, or drop the column."
        refuse(f"{path}, column {column.name}", "numbers or text", kind, fix)
    return column


def numbers(column):
    """The values of a Series as float64 [n]: NaN where one is missing or is no number."""
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float64)


def feature(column, category, missing, place, file):
    """A column as a feature: numbers, or names of categories.

    Args:
        column: Series of numbers or text. Text of which nothing reads as a number is categories.
        category: whether its values are names, whatever they look like.
        missing: "refuse" or "impute".
        place: a function index -> where the row is, in words.
        file: where the column is, in words.

    Returns:
        (array, problem lines): float64 [n] with NaN, or object [n] of text with None, for missing
        values; what is wrong with it, the first place of each kind.
    """

    def say(index, expected, received, fix):
        where = f"{place(index)}, column {column.name}"
        problems.append(problem(where, expected, received, fix))

    problems, values, gaps = [], numbers(column), column.isna().to_numpy()
    if gaps.any() and missing == "refuse":
        say(gaps.argmax(), "a value", "none", "Fill it in, or write missing: impute.")
    if category or np.isnan(values).all():
        differing = column.nunique()
        if differing == len(column):
            received, fix = f"another one in each of the {differing} rows", "Add it to drop."
            where = f"{file}, column {column.name}"
            problems.append(problem(where, "names that come again", received, fix))
        return text(column), problems
    unread = np.isnan(values) & ~gaps
    if unread.any():
        index = unread.argmax()
        fix = "Correct it, or add the column to categories or drop."
        say(index, "a number", repr(column.iloc[index]), fix)
    large = np.abs(values) > LARGEST
    if large.any():
        index = large.argmax()
        say(index, "a finite number", column.iloc[index], "Correct it, or leave it empty.")
    return values, problems


def text(column):
    """The values of a Series as object [n] of text, None where one is missing."""
    gaps = column.isna().to_numpy()
    # A whole number is a float beside missing values; as a name it has no decimals.
    values = np.array([_name(value) for value in column], object)
    values[gaps] = None
    return values


def _name(value):
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
