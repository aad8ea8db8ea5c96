"""The recipes beside each other: how soon they reach the target, and how good they get."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from batchscope.report.wording import number

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
        _draw(left, points, "target_seconds", style)
        later = points[np.isinf(points["target_seconds"])]
        left.plot(
            later["batch_size"],
            later["later_than_target_seconds"],
            **style | {"linestyle": "none", "markerfacecolor": "none"},
        )
        _draw(right, points, "best_val_loss", style)
    common = table["target"].nunique(dropna=False) == 1
    left.set_title("seconds to the target" + ("" if common else ", each recipe's own"))
    right.set_title("best validation loss")
    for panel in (left, right):
        panel.set(xscale="log", xlabel="batch size")
        panel.xaxis.set_minor_locator(NullLocator())
        panel.set_xticks(sizes, map(str, sizes))
    if np.isfinite(table["later_than_target_seconds"]).any():
        left.set_yscale("log")
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 1)))
    figure.legend(handles=_legend(table), loc="outside upper center", ncols=4)
    return figure


def _draw(panel, points, measure, style):
    value, low, high = (points[measure + end] for end in ("", "_low", "_high"))
    value = value.where(np.isfinite(value))
    if measure == "target_seconds":
        # A limit later than the last epoch is cut off there.
        high = high.where(np.isfinite(high), points["later_than_target_seconds"])
    panel.plot(points["batch_size"], value, **style)
    shown = np.isfinite(low) & np.isfinite(high) & np.isfinite(value)
    band = {"color": style["color"], "alpha": 0.18, "linewidth": 0}
    panel.fill_between(points["batch_size"], low, high, where=shown, **band)


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
    if np.isinf(table["target_seconds"]).any():
        style = {"color": "0.3", "linestyle": "none", "markerfacecolor": "none"}
        handles.append(Line2D([], [], marker="o", label="later than this", **style))
    return handles
