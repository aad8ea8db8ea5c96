"""Files with a row per sample: CSV and Parquet."""

import csv
import functools
import re

import pandas as pd
import pyarrow.parquet

from batchscope.config.problem import problem
from batchscope.data.memory import check_fits
from batchscope.data.samples import DataError, first_line, refuse
from batchscope.naming import naming

# What stands in a CSV file for a value that is not there.
MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null"]

# Memory that a value takes on its way to an array, in bytes: measured, it is 50 for short numbers,
# 80 for long ones and 140 for text.
VALUE_BYTES = 100
# What is read of a CSV file to see how long its values are.
HEAD_BYTES = 2**16


def read_table_file(path):
    """Read a file with named columns.

    Args:
        path: it ends in .csv or .parquet.

    Returns:
        (DataFrame [n, columns] of numbers and text, whose missing values pandas knows as such; a
        function index -> where the row is, in words).

    Raises:
        DataError: if it cannot be read as a table, or takes more memory than there is.
    """
    with naming(path):
        return _read_parquet(path) if str(path).endswith(".parquet") else _read_csv(path)


def _read_csv(path):
    check_fits(path, VALUE_BYTES * _count_values(path))
    try:
        # The header is a row like the others: pandas would rename its columns.
        rows = pd.read_csv(
            path, header=None, dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except pd.errors.EmptyDataError:
        refuse(path, "a line with the names of the columns", "an empty file")
    except pd.errors.ParserError as error:
        words = str(error).strip().split("C error: ")[-1]
        if counts := re.match(r"Expected (\d+) fields in line (\d+), saw (\d+)", words):
            expected, line, received = counts.groups()
            fix = "A value that has a comma in it stands in quotes."
            refuse(f"{path}, line {line}", f"{expected} values, one per column", received, fix)
        refuse(path, "values with commas between, and quotes in pairs", words, "Correct it.")
    except UnicodeDecodeError as error:
        refuse(path, "text in UTF-8", f"the byte {error.object[error.start]:#x}", "Save it anew.")
    names = rows.iloc[0].tolist()
    _check_names(path, names)
    table = rows.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)
    table = table.mask(table.isin(MISSING))
    # Only a message needs them.
    lines = functools.cache(lambda: _lines(path))
    return table, lambda index: f"{path}, line {lines()[index + 1]}"


def _count_values(path):
    """About how many values a CSV file has, from those in its head."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return path.stat().st_size * (head.count(b",") + head.count(b"\n")) // max(1, len(head))


def _lines(path):
    """The line, from 1, in which each row begins: a row may go over several, and none is blank."""
    lines, before = [], 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            if len(row) > 1 or "".join(row).strip():
                lines.append(before + 1)
            before = reader.line_num
    return lines


def _read_parquet(path):
    try:
        metadata = pyarrow.parquet.read_metadata(path)
        check_fits(path, VALUE_BYTES * metadata.num_rows * metadata.num_columns)
        table = pd.read_parquet(path)
    except (DataError, MemoryError):
        raise
    # Whatever the reader of a damaged file raises; an error of the system has a number.
    except Exception as error:
        if getattr(error, "errno", None):
            raise
        refuse(path, "a file of Parquet", first_line(error), "Write it anew.")
    if table.index.names != [None]:
        table = table.reset_index()
    table = table.set_axis(map(str, table.columns), axis=1)
    _check_names(path, list(table.columns))
    return table.reset_index(drop=True), lambda index: f"{path}, row {index + 1}"


def _check_names(path, names):
    problems = []
    for number, name in enumerate(names, start=1):
        if not name.strip():
            fix = "Name it; to_csv of pandas writes such a column unless index=False."
            problems.append(problem(f"{path}, column {number}", "a name", "none", fix))
        elif name in names[: number - 1]:
            fix = "Give each column a name of its own."
            problems.append(problem(f"{path}, column {number}", "a new name", name, fix))
    if problems:
        raise DataError("\n".join(problems))
