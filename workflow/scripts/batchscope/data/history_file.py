"""A history as something else wrote it: rows of numbers, in the file's own order."""

import csv
import io
import json
from typing import NamedTuple

from batchscope.config.problem import problem

# Keras's CSVLogger writes NA for what an epoch did not have, Lightning's nothing.
ABSENT = ("", "NA")


class HistoryError(ValueError):
    """A file that cannot be imported; the message names the place, and how to mend it."""


class Row(NamedTuple):
    """A row of a file.

    Attributes:
        place: the file and the row, for messages.
        values: dict column -> float, of the columns that have a value here.
    """

    place: str
    values: dict


def wrong(place, expected, received, fix):
    """The HistoryError of one problem."""
    return HistoryError(problem(place, expected, received, fix))


def read_rows(path, content, columns):
    """The rows of a file.

    Args:
        path: its path; one that ends in .json is Hugging Face's trainer_state.json, any other is
            CSV with a header.
        content: its bytes.
        columns: dict our name of a column -> the file's.

    Returns:
        list of Row, its values under our names. Rows of a trainer's state from before the first
        update are left out.

    Raises:
        HistoryError: if the file lacks a column or a value is not a number.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong(path, "text in UTF-8", f"byte {error.start} is none", "Convert it.") from None
    names, entries = (_trainer_state if path.endswith(".json") else _csv)(path, text)
    missing = [theirs for theirs in columns.values() if names.count(theirs) != 1]
    if missing:
        raise wrong(
            path,
            f"one column {' and one '.join(missing)}",
            ", ".join(map(str, names)) or "nothing",
            "Name the columns in histories.columns.",
        )
    rows = []
    for place, entry in entries:
        named = {ours: entry.get(theirs) for ours, theirs in columns.items()}
        values = {
            ours: _number(value, f"{place}, column {columns[ours]}")
            for ours, value in named.items()
            if value is not None and value not in ABSENT
        }
        rows.append(Row(place, values))
    return rows


def _csv(path, text):
    """(names of the columns, (place, dict name -> text) of each row)."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        entries = [(f"{path}, row {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise wrong(f"{path}, row {reader.line_num}", "CSV", error, "Correct it.") from None
    names = list(reader.fieldnames or [])
    for place, row in entries:
        # What is left over is under None.
        if more := row.get(None):
            fix = "Is a header missing, or a second run in the file?"
            raise wrong(place, f"{len(names)} values", f"{len(names) + len(more)}", fix)
    return names, entries


def _trainer_state(path, text):
    """The same of the log history of a trainer's state."""
    try:
        log = json.loads(text)["log_history"]
        entries = [(f"{path}, log_history[{i}]", dict(entry)) for i, entry in enumerate(log)]
    except (ValueError, KeyError, TypeError) as error:
        expected, fix = "JSON with a list log_history", "Take the trainer_state.json of a run."
        raise wrong(path, expected, f"{type(error).__name__}: {error}", fix) from None
    entries = [(place, entry) for place, entry in entries if entry.get("epoch") != 0]
    return list(dict.fromkeys(name for _, entry in entries for name in entry)), entries


def _number(value, place):
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    # A whole number may be too large for a float.
    except (TypeError, ValueError, OverflowError):
        raise wrong(
            place, "a number", repr(value)[:80], "Correct it, or name another column."
        ) from None
