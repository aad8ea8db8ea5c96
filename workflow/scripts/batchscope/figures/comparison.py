"""The recipes beside each other: how soon they reach the target, and how good they get.

A column of panels per optimizer, or several where it has more recipes than there are colours, so
that few lines lie over each other.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from batchscope.analysis.interval import read_intervals
from batchscope.analysis.summary_table import total
from batchscope.figures.drawing import LATER, label_batch_sizes, label_numbers, label_seconds
from batchscope.report.wording import number
from batchscope.results import LOSS, validation

SECONDS, EPOCHS, BEST = "target_seconds", "target_epoch", f"best_{validation(LOSS)}"

# Paul Tol's "bright" scheme (2021), safe for colour-blind readers; the other figures' colours
# have meanings of their own. The shape tells recipes apart in grey print.
COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#BBBBBB")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

# Columns that are drawn. Dozens make a picture that Matplotlib refuses.
COLUMNS = 8

# So much apart, as a factor of the batch size, stand the bars of two recipes at one size.
APART = 1.06


def comparison(table):
    """Draw seconds to the target and best validation loss against batch size, a line per recipe.

    Args:
        table: DataFrame of summary.csv.

    Returns:
        A matplotlib Figure. A median that is not reached is an arrow at what it is later than.
        Where no seconds are known, as of imported histories, epochs are drawn instead.
    """
    timed = table[[SECONDS, f"later_than_{SECONDS}"]].notna().any(axis=None)
    time, name = (SECONDS, "seconds") if timed else (EPOCHS, "epochs")
    columns = list(_columns(table))[:COLUMNS]
    figure, axes = plt.subplots(
        2,
        len(columns),
        figsize=(5.2 * max(len(columns), 1.2), 6.4),
        sharex=True,
        sharey="row",
        squeeze=False,
    )
    sizes = sorted(table["batch_size"].unique())
    common = table["target"].nunique(dropna=False) == 1
    for (above, below), (of, recipes) in zip(axes.T, columns, strict=True):
        for index, (_, points) in enumerate(recipes):
            aside = APART ** (index - (len(recipes) - 1) / 2)
            for panel, measure in ((above, time), (below, BEST)):
                _draw(panel, points.sort_values("batch_size"), measure, aside, _style(index))
        own = "" if common else ", each recipe's own target"
        above.set_title(f"{of}{name} to the target{own}")
        below.set_title(f"{of}best validation {LOSS.label}")
        below.set_xlabel("batch size")
        # Below its column, where it lies over no data.
        below.legend(handles=_legend(recipes), loc="upper left", bbox_to_anchor=(0, -0.15), ncols=2)
        label_batch_sizes(below, sizes)
    if np.isfinite(table[f"later_than_{time}"]).any():
        axes[0, 0].set_yscale("log")
        (label_seconds if timed else label_numbers)(axes[0, 0])
    drawn, recipes = sum(len(own) for _, own in columns), table["recipe"].nunique()
    title = f"{drawn} of {recipes} recipes are drawn" if drawn < recipes else None
    figure.legend(
        handles=_explanations(table, time), loc="outside upper center", ncols=2, title=title
    )
    return figure


def _columns(table):
    """(beginning of the titles, list of (recipe, its rows)) of each column of panels."""
    for optimizer, rows in table.groupby("optimizer", sort=False, dropna=False):
        recipes = list(rows.groupby("recipe", sort=False))
        parts = -(-len(recipes) // len(COLOURS))
        longest = -(-len(recipes) // parts)
        for part in range(parts):
            of = [optimizer] if isinstance(optimizer, str) else []
            of += [f"part {part + 1} of {parts}"] if parts > 1 else []
            title = ", ".join(of)
            yield title and f"{title}: ", recipes[part * longest : (part + 1) * longest]


def _style(index):
    return {"color": COLOURS[index], "marker": MARKERS[index], "markersize": 4.5}


def _draw(panel, points, measure, aside, style):
    value, low, high = read_intervals(points, measure)
    last = points.get(f"later_than_{measure}", np.nan)
    # A limit later than the last epoch is cut off there.
    high = high.where(np.isfinite(high), last)
    sizes = points["batch_size"] * aside
    reached = np.isfinite(value)
    bars = np.stack([(value - low).fillna(0), (high - value).fillna(0)])[:, reached].clip(min=0)
    panel.errorbar(
        sizes[reached], value[reached], bars, capsize=2, elinewidth=1, linestyle="none", **style
    )
    panel.plot(sizes[reached], value[reached], color=style["color"], linewidth=1)
    later = points[np.isinf(value)]
    if len(later) and measure != BEST:
        panel.plot(sizes[later.index], last[later.index], color=style["color"], **LATER)


def _legend(recipes):
    handles = []
    for index, (recipe, points) in enumerate(recipes):
        tuning = total(points["tuning_seconds"])
        cost = f" (tuning took {number(tuning, 2)} s)" if tuning is not None else ""
        handles.append(Line2D([], [], label=recipe + cost, linewidth=1, **_style(index)))
    return handles


def _explanations(table, time):
    several = table["replicates"].iloc[0] > 1
    style = {"color": "0.3", "linestyle": "none"}
    label = "median or mean over replicates, with its limits" if several else "measured"
    handles = [Line2D([], [], marker="|", markersize=9, label=label, **style)]
    if np.isinf(read_intervals(table, time)[0]).any():
        handles.append(Line2D([], [], label="median is later than this", color="0.3", **LATER))
    return handles
