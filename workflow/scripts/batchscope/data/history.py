"""A recorded history, brought into epochs from 1 and checked."""

import math
from typing import NamedTuple

from batchscope.data.history_file import read_rows, wrong
from batchscope.results import VALIDATION, metric_of

# Columns that say when a row was written.
CLOCKS = ("epoch", "step")

# A logged epoch of 1.0000001 is 1.
ROUNDING = 1e-6

# How far from a whole number of samples an accuracy may be that was logged with few digits.
SAMPLES_OFF = 0.1


class History(NamedTuple):
    """One run.

    Attributes:
        epochs: list of dict column -> float, of epochs 1, 2, ... Every validation column is in
            each, but for the last epoch of a run that diverged.
        diverged: whether the last epoch has a value that is not finite.
    """

    epochs: list
    diverged: bool


def read_history(path, content, point, updates_per_epoch):
    """Read one run.

    Of several values in an epoch the last one is taken, as that of its end. What follows an epoch
    with a value that is not finite is left out, as is an epoch at the end without validation.

    Args:
        path: of its file.
        content: the file's bytes.
        point: from `config.resolve_point`, of a study of histories.
        updates_per_epoch: int.

    Returns:
        History.

    Raises:
        HistoryError: at the first problem.
    """
    columns = point["columns"]
    rows = read_rows(path, content, columns)
    epochs = _epochs(rows, point, updates_per_epoch)
    diverged = next(
        (
            number
            for number, values in epochs.items()
            if not all(math.isfinite(values[name]) for name in values)
        ),
        None,
    )
    validated = [name for name in columns if name.startswith(VALIDATION)]
    whole = [number for number, values in epochs.items() if values.keys() >= set(validated)]
    last = diverged or max(whole, default=1)
    for number in range(1, last + 1):
        missing = [columns[name] for name in validated if name not in epochs.get(number, {})]
        if missing and number != diverged:
            fix = "Every epoch has to be validated."
            if number == 1 and epochs:
                fix += f" The first row is of epoch {min(epochs)}; see histories.counts_from."
            raise wrong(
                f"{path}, epoch {number}, counted from 1",
                f"a value of {', '.join(missing)}",
                "none",
                fix,
            )
    return History([epochs.get(number, {}) for number in range(1, last + 1)], diverged is not None)


def _epochs(rows, point, updates_per_epoch):
    """dict epoch -> dict column -> the last value in it."""
    columns, clocks = point["columns"], [name for name in CLOCKS if name in point["columns"]]
    epochs, written, before, seconds = {}, {}, None, 0
    for row in rows:
        values = {name: value for name, value in row.values.items() if name not in CLOCKS}
        if not values:
            continue
        lacking = [columns[name] for name in clocks if name not in row.values]
        if lacking:
            raise wrong(f"{row.place}, column {lacking[0]}", "a number", "nothing", "Add it.")
        time = [row.values[name] for name in clocks]
        number = _epoch(row, clocks[0], point, updates_per_epoch)
        clock = f"{columns[clocks[0]]} {time[0]:g}"
        if before and time < before:
            fix = "If the file has two runs, give each a file of its own."
            raise wrong(row.place, f"no step back after {before[0]:g}", clock, fix)
        before = time
        for name, value in values.items():
            place = f"{row.place}, column {columns[name]}"
            epoch = epochs.setdefault(number, {})
            if written.get(name) == time and epoch[name] != value:
                fix = "Keep one, or name the column of steps in histories.columns."
                raise wrong(place, f"one value of {clock}", f"a second one, {value:g}", fix)
            written[name], epoch[name] = time, value
            if name != "seconds":
                _check_metric(name, value, place, point["validation_samples"])
            elif not seconds <= value < math.inf:
                expected = "seconds since the training began, which never fall"
                raise wrong(place, expected, f"{value:g}", "Correct it, or leave the column out.")
        seconds = values.get("seconds", seconds)
    return epochs


def _epoch(row, clock, point, updates_per_epoch):
    """The epoch, from 1, that a row was written in."""
    number, first = row.values[clock], point["counts_from"]
    place = f"{row.place}, column {point['columns'][clock]}"
    # Epochs that are counted from 1 may be parts of one that are done.
    parts = clock == "epoch" and first == 1
    if not math.isfinite(number) or not (parts or number.is_integer()):
        fix = "Parts of an epoch are counted from 1: see histories.counts_from."
        raise wrong(place, "a whole number", f"{number:g}", fix)
    done = (number + 1 - first) / (1 if clock == "epoch" else updates_per_epoch)
    if done <= 0:
        fix = "Write histories.counts_from: 0, or remove a row from before the training."
        raise wrong(place, f"a number above {first - 1}", f"{number:g}", fix)
    return math.ceil(done - ROUNDING)


def _check_metric(name, value, place, samples):
    """Refuse a value that the metric cannot have on so many validation samples."""
    if not metric_of(name).counted or not math.isfinite(value):
        return
    if not 0 <= value <= 1:
        fix = "Divide percentages by 100."
        raise wrong(place, "a share from 0 to 1", f"{value:g}", fix)
    if not samples or not name.startswith(VALIDATION):
        return
    if abs(value * samples - round(value * samples)) > SAMPLES_OFF:
        fix = "Correct histories.validation_samples, or leave it out."
        raise wrong(place, f"a share of {samples} samples", f"{value:g}", fix)
