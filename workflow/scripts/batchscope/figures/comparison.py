"""The recipes beside each other: how soon they reach the target, and how good they get."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from batchscope.analysis.interval import read_intervals
from batchscope.figures.drawing import label_batch_sizes
from batchscope.report.wording import number
from batchscope.results import LOSS, validation

SECONDS, BEST = "target_seconds", f"best_{validation(LOSS)}"

# Paul Tol's "bright" scheme (2021), safe for colour-blind readers; the other figures' colours
# have meanings of their own. The shape tells recipes apart in grey print.
COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#BBBBBB")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


def comparison(table):
    """Draw seconds to the target and best validation loss against batch size, a line per recipe.

    Args:
        table: DataFrame of summary.csv.

    Returns:
        A matplotlib Figure. A point that at least half of the replicates did not get to is an
        open marker at the end of their runs.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), sharex=True)
    sizes = sorted(table["batch_size"].unique())
    styles = zip(itertools.cycle(COLOURS), itertools.cycle(MARKERS), strict=False)
    for (colour, marker), (_, points) in zip(
        styles, table.groupby("recipe", sort=False), strict=False
    ):
        points = points.sort_values("batch_size")
        style = {"color": colour, "marker": marker, "markersize": 4.5}
        _draw(left, points, SECONDS, style)
        later = points[_is_later(points)]
        left.plot(
            later["batch_size"],
            later[f"later_than_{SECONDS}"],
            **style | {"linestyle": "none", "markerfacecolor": "none"},
        )
        _draw(right, points, BEST, style)
    common = table["target"].nunique(dropna=False) == 1
    left.set_title("seconds to the target" + ("" if common else ", each recipe's own"))
    right.set_title(f"best validation {LOSS.label}")
    for panel in (left, right):
        panel.set_xlabel("batch size")
        label_batch_sizes(panel, sizes)
    if np.isfinite(table[f"later_than_{SECONDS}"]).any():
        left.set_yscale("log")
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 1)))
    figure.legend(handles=_legend(table), loc="outside upper center", ncols=4)
    return figure


def _draw(panel, points, measure, style):
    value, low, high = read_intervals(points, measure)
    value = value.where(np.isfinite(value))
    if measure == SECONDS:
        # A limit later than the last epoch is cut off there.
        high = high.where(np.isfinite(high), points[f"later_than_{SECONDS}"])
    panel.plot(points["batch_size"], value, **style)
    shown = np.isfinite(low) & np.isfinite(high) & np.isfinite(value)
    band = {"color": style["color"], "alpha": 0.18, "linewidth": 0}
    panel.fill_between(points["batch_size"], low, high, where=shown, **band)


def _is_later(points):
    """Whether each point was not reached by half of its runs at least: bool Series."""
    return np.isinf(read_intervals(points, SECONDS)[0])


def _legend(table):
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=4.5, label=recipe)
        for colour, marker, recipe in zip(
            itertools.cycle(COLOURS),
            itertools.cycle(MARKERS),
            table["recipe"].unique(),
            strict=False,
        )
    ]
    if _is_later(table).any():
        style = {"color": "0.3", "linestyle": "none", "markerfacecolor": "none"}
        handles.append(Line2D([], [], marker="o", label="later than this", **style))
    return handles
