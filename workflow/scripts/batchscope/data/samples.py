"""What a source hands over: samples with their targets, and where each of them comes from."""

from collections.abc import Callable
from typing import Any, NamedTuple

from batchscope.config.problem import problem


class DataError(Exception):
    """Data that no study can be made of; the message is a line for each problem."""


def refuse(where, expected, received, fix=""):
    """Raise DataError for one problem; arguments as of `config.problem.problem`."""
    raise DataError(problem(where, expected, received, fix))


def first_line(error):
    """What an error of a library says, in a line."""
    return next(iter(str(error).splitlines()), type(error).__name__)


class Samples(NamedTuple):
    """Some samples, or all.

    Attributes:
        x: array of numbers [n, ...]; or DataFrame [n, columns], each of float64 with NaN where a
            value is missing, or of text with None.
        y: array [n] of numbers or text.
        file: where they come from, in words: "iris.csv".
        target: where y does: "iris.csv, column species".
        place: a function index -> where one of y does: "iris.csv, line 7, column species".
    """

    x: Any
    y: Any
    file: str
    target: str
    place: Callable

    def take(self, indices):
        """The samples at some indices."""
        x = self.x.iloc[indices] if hasattr(self.x, "iloc") else self.x[indices]
        place = lambda index: self.place(indices[index])  # noqa: E731
        return self._replace(x=x, y=self.y[indices], place=place)
