"""All that is measured of a study, put together once."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from batchscope.analysis.bootstrap import CONFIDENCE, DRAWS, Bootstrap, median
from batchscope.analysis.choice import Choice, choose_rates
from batchscope.analysis.convergence import nearest_size
from batchscope.analysis.draws import Draws
from batchscope.analysis.expected import expected_epochs
from batchscope.analysis.interval import Interval
from batchscope.analysis.measures import (
    TARGET,
    TIMES,
    last_times,
    quality_measures,
    run_measures,
    samples_per_epoch,
)
from batchscope.analysis.pace import (
    device_of,
    draw_pace,
    process_differences,
    seconds_per_epoch,
)
from batchscope.analysis.summary_table import summarise


class Estimate(NamedTuple):
    """A measure over replicates: its value with limits [points], and its Draws."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    drawn: Draws


@dataclass(frozen=True)
class Grid:
    """What was measured at all learning rates. Rows are the points at each of their rates.

    Attributes:
        saved: list of SavedPoint.
        runs: dict measure -> float64 [rows, replicates], as of `Measurements`.
        last: dict time -> float64 [rows, replicates], likewise.
        choice: the Choice of a rate of each point.
    """

    saved: list
    runs: dict
    last: dict
    choice: Choice


@dataclass(frozen=True)
class Measurements:
    """A study's measurements. Rows are its points, in the order of `saved`, each at the learning
    rate that is taken of it. In a draw that may be another rate.

    Attributes:
        saved: list of SavedPoint.
        grid: the Grid that they were taken from.
        pace: DataFrame of pace.csv, of the device that seconds are told of.
        convergence: the rows of epochs.csv that are of these rates, a DataFrame.
        boot: the Bootstrap of all of its intervals.
        runs: dict measure -> float64 [points, replicates]; a time not reached is inf.
        last: dict time -> float64 [points, replicates], what a run that did not reach is later
            than; NaN for a run that was not completed.
        estimates: dict measure -> Estimate: medians of times and costs, means of qualities, and
            ratios of times to the recipe's reference batch size; `expected_epochs`, see
            `expected`.
        qualities: the names of the measures of how good runs were, in the table's order.
    """

    saved: list
    grid: Grid
    pace: pd.DataFrame
    convergence: pd.DataFrame
    boot: Bootstrap
    runs: dict
    last: dict
    estimates: dict
    qualities: list

    @property
    def recipes(self):
        """The recipes' names, in their order."""
        return list(dict.fromkeys(point.recipe for point in self.saved))

    @property
    def seconds_device(self):
        """What all seconds were measured on; None if none are known."""
        known = np.isfinite(self.estimates["seconds_per_epoch"].value).any()
        return device_of(self.pace) if known else None

    def rows(self, recipe):
        """The rows of a recipe: list of int."""
        return [row for row, point in enumerate(self.saved) if point.recipe == recipe]

    @functools.cached_property
    def summaries(self):
        """What the summary says of each point, by row: list of dict, see `summary_table`."""
        return summarise(self)

    def target(self, row):
        """The target of a row's recipe, float; NaN if none could be set."""
        return self._targets[self.saved[row].recipe]

    @functools.cached_property
    def _targets(self):
        rows = self.convergence[self.convergence["definition"] == TARGET]
        first = rows.drop_duplicates("recipe")
        return dict(zip(first["recipe"], first["target"].astype(float), strict=True))

    def interval(self, measure, row):
        """A measure of one point, as an Interval."""
        value, low, high, _ = self.estimates[measure]
        last = self.last[measure][row] if measure in self.last else np.array([np.nan])
        return Interval(value[row], low[row], high[row], float(median(last)))

    def from_draws(self, value, drawn, anything=False):
        """An Interval of a number derived from several measures, from its values in the draws."""
        return Interval(float(value), *map(float, self.boot.limits(drawn, anything)))


def measure(saved, pace, convergence, settings, elsewhere=None, draws=DRAWS):
    """Put a study's measurements together.

    Args:
        saved: list of SavedPoint.
        pace: DataFrame of pace.csv.
        convergence: DataFrame of epochs.csv.
        settings: `convergence` of the config.
        elsewhere: (number of another device, from 1; DataFrame of its pace), to tell seconds of
            that device instead.
        draws: of the bootstrap.

    Returns:
        Measurements.
    """
    boot = Bootstrap(len(saved[0].runs), draws=draws)
    qualities = quality_measures(saved)
    runs = run_measures(saved, convergence) | qualities
    last = last_times(saved, convergence)
    choice = choose_rates(boot, saved, runs, settings["choose_rate_by"])
    grid = Grid(saved, runs, last, choice)
    value, drawn = expected_epochs(functools.partial(choice.means, boot), runs)
    limits = boot.limits_of_means(runs["target_epoch"][choice.value], drawn)
    estimates = {"expected_epochs": Estimate(value, *limits, drawn)}
    for name, values in runs.items():
        if name in qualities:
            value, drawn = choice.means(boot, values)
            limits = boot.limits_of_means(values[choice.value], drawn)
        else:
            value, drawn = choice.medians(boot, values)
            limits = boot.limits(drawn)
        estimates[name] = Estimate(value, *limits, drawn)
    saved = [saved[row] for row in choice.value]
    convergence = convergence[convergence["chosen"]]
    runs, last = ({name: x[choice.value] for name, x in own.items()} for own in (runs, last))
    differences = process_differences(saved, pace)
    device, pace = elsewhere or (0, pace)
    seconds = seconds_per_epoch(saved, pace, differences)
    runs["target_seconds"], last["target_seconds"] = (
        times["target_epoch"] * seconds[:, None] for times in (runs, last)
    )
    estimates |= _seconds(
        boot, estimates, seconds, draw_pace(boot, saved, pace, differences, device)
    )
    estimates["samples_per_second"] = _samples_per_second(saved, estimates["seconds_per_epoch"])
    references = _reference_rows(saved, settings["target"]["reference_batch_size"])
    for time in TIMES:
        value, _, _, drawn = estimates[f"target_{time}"]
        # Where neither reached, the ratio could be anything.
        with np.errstate(invalid="ignore"):
            value, drawn = value / value[references], drawn / _repeated(drawn, references)
        estimates[f"target_{time}_ratio"] = Estimate(
            value, *boot.limits(drawn, anything=True), drawn
        )
    return Measurements(
        saved, grid, pace, convergence, boot, runs, last, estimates, list(qualities)
    )


def _seconds(boot, estimates, seconds, drawn):
    """Estimates of what is the pace, `seconds` with `drawn`, times a number of epochs."""
    found = {}
    for name, epochs in (
        ("target_seconds", estimates["target_epoch"]),
        ("seconds_per_run", estimates["epochs"]),
        ("seconds_per_epoch", Estimate(1, 1, 1, 1)),
    ):
        value, of_draws = epochs.value * seconds, epochs.drawn * drawn
        low, high = boot.limits(of_draws)
        if name != "target_seconds" and boot.kind != CONFIDENCE:
            # A range over replicates has no part in what is the same for all of them.
            low = high = np.full_like(value, np.nan)
        found[name] = Estimate(value, low, high, of_draws)
    return found


def _samples_per_second(saved, pace):
    samples = samples_per_epoch(saved)
    value, high, low = (samples[:, 0] / seconds for seconds in pace[:3])
    return Estimate(value, low, high, samples / pace.drawn)


def _repeated(drawn, rows):
    """Of each point what another one has in the draws: Draws, given that one's row [points]."""
    own = {row: drawn[row] for row in set(rows.tolist())}
    return Draws(len(rows), lambda points: np.stack([own[row] for row in rows[points].tolist()]))


def _reference_rows(saved, batch_size):
    """The row of each point's reference, int [points]: its recipe's at `batch_size`, or nearest."""
    rows = {}
    for row, point in enumerate(saved):
        rows.setdefault(point.recipe, {})[point.batch_size] = row
    references = {recipe: own[nearest_size(own, batch_size)] for recipe, own in rows.items()}
    return np.array([references[point.recipe] for point in saved])
