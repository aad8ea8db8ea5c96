"""A number with its limits, and how it is saved.

In memory, what lies above all that could be seen is inf, and what lies below it is -inf. Files have
no such numbers: there it is empty, and a word in a column of its own says where it lies.
"""

import math
from typing import NamedTuple

import numpy as np

# What each part's name is followed by in columns, in their order.
SUFFIXES = {"value": "", "low": "_low", "high": "_high"}


class Interval(NamedTuple):
    """A number with its limits, each a float; NaN is unknown.

    Attributes:
        value: the number.
        low: its lower limit.
        high: its upper limit.
        later_than: of a time, the last one that could have been seen; NaN of anything else.
    """

    value: float
    low: float
    high: float
    later_than: float = math.nan

    def outside(self, infinity):
        """Which of low, value and high are `infinity` (inf or -inf): list of their names."""
        return [part for part in ("low", "value", "high") if getattr(self, part) == infinity]

    def as_json(self):
        """The interval as recommendation.json has it."""
        return {part: finite(getattr(self, part)) for part in SUFFIXES} | {
            "above": self.outside(math.inf),
            "below": self.outside(-math.inf),
            "later_than": finite(self.later_than),
        }

    def as_columns(self, name, infinities=()):
        """The interval as a table has it.

        Args:
            name: of the number's column; its limits are in {name}_low and {name}_high.
            infinities: "above" and "below", where the number may lie so.

        Returns:
            dict column -> float, or text for {name}_above and {name}_below: the parts that lie
            there, with a space between.
        """
        columns = {name + suffix: _known(getattr(self, part)) for part, suffix in SUFFIXES.items()}
        for where in infinities:
            parts = self.outside(math.inf if where == "above" else -math.inf)
            columns[f"{name}_{where}"] = " ".join(parts)
        return columns


def read_intervals(table, name):
    """The intervals of a table's column, as they were in memory.

    Args:
        table: DataFrame with the columns of `Interval.as_columns`.
        name: of the number's column.

    Returns:
        (value, low, high), a Series of float64 each.
    """
    parts = []
    for part, suffix in SUFFIXES.items():
        numbers = table[name + suffix].astype(float)
        for where, infinity in (("above", np.inf), ("below", -np.inf)):
            if f"{name}_{where}" in table:
                # An empty text is read as NaN.
                outside = [part in str(names).split() for names in table[f"{name}_{where}"]]
                numbers = numbers.mask(outside, infinity)
        parts.append(numbers)
    return tuple(parts)


def finite(number):
    """A number as JSON knows it: None unless it is finite."""
    return float(number) if math.isfinite(number) else None


def _known(number):
    return number if math.isfinite(number) else math.nan
