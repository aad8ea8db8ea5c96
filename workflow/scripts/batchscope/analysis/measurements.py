"""All that is measured of a study, put together once."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from batchscope.analysis.bootstrap import Bootstrap, median
from batchscope.analysis.convergence import nearest_size
from batchscope.analysis.interval import Interval
from batchscope.analysis.measures import (
    QUALITIES,
    TIMES,
    last_times,
    quality_measures,
    run_measures,
)
from batchscope.analysis.summary_table import summarise


class Estimate(NamedTuple):
    """A measure over replicates: its value with limits [points], and its draws [points, draws]."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    drawn: np.ndarray


@dataclass(frozen=True)
class Measurements:
    """A study's measurements. Rows are its points, in the order of `saved`.

    Attributes:
        saved: list of SavedPoint.
        convergence: DataFrame of epochs.csv.
        boot: the Bootstrap of all of its intervals.
        runs: dict measure -> float64 [points, replicates]; a time not reached is inf.
        last: dict time -> float64 [points, replicates], what a run that did not reach is later
            than; NaN for a run that was not completed.
        estimates: dict measure -> Estimate: medians of times and costs, means of qualities, and
            ratios of times to the recipe's reference batch size.
    """

    saved: list
    convergence: pd.DataFrame
    boot: Bootstrap
    runs: dict
    last: dict
    estimates: dict

    @property
    def recipes(self):
        """The recipes' names, in their order."""
        return list(dict.fromkeys(point.recipe for point in self.saved))

    def rows(self, recipe):
        """The rows of a recipe: list of int."""
        return [row for row, point in enumerate(self.saved) if point.recipe == recipe]

    def row(self, recipe, batch_size):
        """The row of a point: int."""
        names = [(point.recipe, point.batch_size) for point in self.saved]
        return names.index((recipe, batch_size))

    @functools.cached_property
    def summaries(self):
        """What the summary says of each point, by row: list of dict, see `summary_table`."""
        return summarise(self)

    def target(self, row):
        """The target of a row's recipe, float; NaN if none could be set."""
        point = self.saved[row]
        own = self.convergence[self.convergence["recipe"] == point.recipe]
        return float(own.loc[own["definition"] == "target", "target"].iloc[0])

    def interval(self, measure, row):
        """A measure of one point, as an Interval."""
        value, low, high, _ = self.estimates[measure]
        last = self.last[measure][row] if measure in self.last else np.array([np.nan])
        return Interval(value[row], low[row], high[row], float(median(last)))

    def from_draws(self, value, drawn, anything=False):
        """An Interval of a number derived from several measures, from its values in the draws."""
        return Interval(float(value), *map(float, self.boot.limits(drawn, anything)))


def measure(saved, convergence, reference_batch_size):
    """Put a study's measurements together.

    Args:
        saved: list of SavedPoint.
        convergence: DataFrame of epochs.csv.
        reference_batch_size: `convergence.target.reference_batch_size` of the config.

    Returns:
        Measurements.
    """
    boot = Bootstrap(len(saved[0].runs))
    runs = run_measures(saved, convergence) | quality_measures(saved)
    estimates = {}
    for name, values in runs.items():
        if name in QUALITIES:
            value, drawn = boot.means(values)
            limits = boot.limits_of_means(values, drawn)
        else:
            value, drawn = boot.medians(values)
            limits = boot.limits(drawn)
        estimates[name] = Estimate(value, *limits, drawn)
    references = _reference_rows(saved, reference_batch_size)
    for time in TIMES:
        value, _, _, drawn = estimates[f"target_{time}"]
        # Where neither reached, the ratio could be anything.
        with np.errstate(invalid="ignore"):
            value, drawn = value / value[references], drawn / drawn[references]
        estimates[f"target_{time}_ratio"] = Estimate(
            value, *boot.limits(drawn, anything=True), drawn
        )
    return Measurements(saved, convergence, boot, runs, last_times(saved, convergence), estimates)


def _reference_rows(saved, batch_size):
    """The row of each point's reference, int [points]: its recipe's at `batch_size`, or nearest."""
    names = [(point.recipe, point.batch_size) for point in saved]
    rows = []
    for recipe, _ in names:
        sizes = [size for name, size in names if name == recipe]
        rows.append(names.index((recipe, nearest_size(sizes, batch_size))))
    return np.array(rows)
