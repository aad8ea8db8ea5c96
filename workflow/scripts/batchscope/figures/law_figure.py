"""The batch-size law of one recipe: three panels over one axis of batch sizes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from batchscope.analysis.interval import read_intervals
from batchscope.figures.drawing import LATER, label_batch_sizes, label_numbers, label_seconds

# Column of the scaling table -> the column of what a run that did not reach is later than.
PANELS = {"epoch": "last_epoch", "updates": "last_updates", "seconds": "last_seconds"}
MEASURED, LAW, PERFECT = "C2", "0.15", "0.55"
LABELS = {
    "rejected": "fitted law (rejected)",
    "coarse": "fitted law (epochs too coarse to judge)",
}


def law_figure(table):
    """Draw one recipe's epochs, updates and seconds to the target against batch size.

    Args:
        table: DataFrame of the recipe's scaling table.

    Returns:
        A matplotlib Figure; without seconds, as of imported histories, it has no panel of them.
    """
    table = table.sort_values("effective_batch_size")
    sizes = table["effective_batch_size"].to_numpy(float)
    timed = table[["seconds", "last_seconds"]].notna().any(axis=None)
    panels = {column: last for column, last in PANELS.items() if timed or column != "seconds"}
    figure, axes = plt.subplots(1, len(panels), figsize=(11, 3.9), sharex=True)
    # What an update takes of an epoch, or in seconds, is measured at each batch size.
    per_epoch = {"epoch": 1, "updates": table["updates_per_epoch"]}
    per_epoch["seconds"] = table["seconds_per_epoch"]
    for panel, (column, last) in zip(axes, panels.items(), strict=True):
        panel.set(yscale="log", xlabel="effective batch size")
        panel.set_title(f"{column.removesuffix('s')}s to the target")
        _draw_measured(panel, table, column, table[last])
        _draw_law(panel, table, per_epoch[column] / per_epoch["updates"])
        # All else is cut off at what was measured.
        limits = panel.get_ylim()
        _draw_perfect(panel, table, column)
        panel.set_ylim(limits)
        (label_seconds if column == "seconds" else label_numbers)(panel)
        label_batch_sizes(panel, sizes)
    figure.legend(handles=_legend(table), loc="outside upper center", ncols=6)
    return figure


def _draw_measured(panel, table, column, last):
    value, low, high = read_intervals(table, column)
    reached = np.isfinite(value)
    # Without limits, as of one replicate, the bar has no length; one without end is cut off at
    # what could have been seen.
    low = low.fillna(value)
    high = high.fillna(value).where(lambda limit: np.isfinite(limit), last)
    bars = np.stack([value - low, high - value])[:, reached].clip(min=0)
    sizes = table["effective_batch_size"]
    style = {"color": MEASURED, "markersize": 4, "linestyle": "none"}
    panel.errorbar(sizes[reached], value[reached], bars, marker="o", capsize=2, **style)
    later = ~reached & (last > 0)
    panel.plot(sizes[later], last[later], color=MEASURED, **LATER)


def _draw_law(panel, table, per_update):
    sizes, within = table["effective_batch_size"], table["law_extent"] == "within"
    value, low, high = (number * per_update for number in read_intervals(table, "law_updates"))
    panel.plot(sizes[within], value[within], color=LAW, zorder=1)
    shown = np.isfinite(low) & np.isfinite(high)
    panel.fill_between(sizes, low, high, where=shown, color=LAW, alpha=0.15, linewidth=0)
    if not within.all():
        limits = panel.get_ylim()
        panel.plot(sizes, value, color=LAW, linestyle=":", zorder=1)
        panel.set_ylim(limits)


def _draw_perfect(panel, table, column):
    reached = table[table[column].notna() & ~np.isinf(table[column])]
    if len(reached):
        first, sizes = reached.iloc[0], table["effective_batch_size"]
        fall = 1 if column == "epoch" else first["effective_batch_size"] / sizes
        panel.plot(sizes, first[column] * fall + 0 * sizes, color=PERFECT, linestyle="--", zorder=0)


def _legend(table):
    several = table["replicates"].iloc[0] > 1
    style = {"color": MEASURED, "linestyle": "none"}
    measured = "median over replicates, with its limits" if several else "measured"
    handles = [Line2D([], [], marker="o", markersize=4, label=measured, **style)]
    if np.isinf(read_intervals(table, "epoch")[0]).any():
        label = "median is later than this" if several else "later than this"
        handles.append(Line2D([], [], color=MEASURED, label=label, **LATER))
    handles.append(Line2D([], [], color=PERFECT, linestyle="--", label="perfect scaling"))
    if table["law_updates"].notna().any():
        label = LABELS.get(table["verdict"].iloc[0], "fitted law")
        handles.append(Line2D([], [], color=LAW, label=label))
        if table["law_updates_low"].notna().any():
            handles.append(Patch(color=LAW, alpha=0.15, linewidth=0, label="its band"))
        if (table["law_extent"] == "extrapolated").any():
            handles.append(Line2D([], [], color=LAW, linestyle=":", label="extrapolated"))
    return handles
