"""The learning-rate map of one recipe: what each rate comes to at each batch size."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from batchscope.analysis.interval import read_intervals
from batchscope.figures.drawing import LATER, label_batch_sizes, label_numbers
from batchscope.report.wording import setting

PANELS = {
    "expected_epochs": "expected epochs to the target",
    "best_val_loss": "mean best validation loss",
}
# What the best rate is of, for its panel's title.
BEST_OF = {"expected_epochs": "soonest", "best_val_loss": "lowest loss"}
MEASURED, GUIDE = "C2", "0.55"
GUIDES = {1: ("--", "as the batch size"), 0.5: (":", "as its square root")}

# Losses of runs that went astray are cut off at so many times the least, where all else would be
# pressed to a line.
HIGHEST = 1.5


def rate_map_figure(table):
    """Draw both measures against the learning rate, and the best rate against the batch size.

    Args:
        table: DataFrame of the recipe's map.

    Returns:
        A matplotlib Figure.
    """
    figure, axes = plt.subplots(1, 3, figsize=(11, 4.1))
    sizes = list(dict.fromkeys(table["batch_size"]))
    shades = plt.colormaps["viridis"](np.linspace(0, 0.85, len(sizes)))
    colours = dict(zip(sizes, shades, strict=True))
    for panel, (measure, title) in zip(axes, PANELS.items(), strict=False):
        panel.set(title=title, xlabel="learning rate", xscale="log", yscale="log")
        for size, rows in table.groupby("batch_size"):
            _draw(panel, rows, measure, colours[size])
        if measure == "best_val_loss":
            least = table[measure].min()
            panel.set_ylim(0.97 * least, min(panel.get_ylim()[1], HIGHEST * least))
        label_numbers(panel)
        rates = sorted(set(table["learning_rate"]))
        panel.set_xticks(rates, [setting(rate) for rate in rates])
        panel.minorticks_off()
    _draw_best(axes[2], table.drop_duplicates("batch_size"), rates[0], rates[-1])
    handles = [Line2D([], [], color=colours[size], label=f"batch {size}") for size in sizes]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(8, len(sizes)))
    return figure


def _draw(panel, rows, measure, colour):
    value, low, high = read_intervals(rows, measure)
    seen = np.isfinite(value)
    panel.plot(rows["learning_rate"][seen], value[seen], color=colour, marker="o", markersize=3)
    # A limit without end is cut off by the panel.
    ends = np.isfinite(low) & seen
    panel.vlines(
        rows["learning_rate"][ends],
        low[ends],
        high[ends].clip(upper=value[seen].max() * 10),
        color=colour,
        linewidth=0.7,
    )


def _draw_best(panel, sizes, lowest, highest):
    value, low, high = read_intervals(sizes, "best_rate")
    x = sizes["effective_batch_size"].to_numpy(float)
    panel.set(
        title=f"best rate ({BEST_OF[sizes['measure'].iloc[0]]})",
        xlabel="effective batch size",
        yscale="log",
    )
    known = np.isfinite(value)
    # Limits beyond the grid end where it does.
    bars = [
        (value - low.clip(lower=lowest)).fillna(0),
        (high.clip(upper=highest) - value).fillna(0),
    ]
    style = {"color": MEASURED, "marker": "o", "markersize": 4, "linestyle": "none"}
    label = "best rate, with its limits" if np.isfinite(low).any() else "best rate"
    panel.errorbar(
        x[known],
        value[known],
        np.stack(bars)[:, known].clip(min=0),
        capsize=2,
        label=label,
        **style,
    )
    for outside, marker in ((np.isneginf(value), r"$\downarrow$"), (np.isposinf(value), None)):
        arrow = LATER | ({"marker": marker} if marker else {})
        end = lowest if marker else highest
        panel.plot(x[outside], np.full(outside.sum(), end), color=MEASURED, **arrow)
    if known.any():
        middle = np.exp(np.log(x[known]).mean()), np.exp(np.log(value[known]).mean())
        for power, (dashes, name) in GUIDES.items():
            line = middle[1] * (x / middle[0]) ** power
            panel.plot(x, line, color=GUIDE, linestyle=dashes, linewidth=1, zorder=0, label=name)
        panel.legend(loc="best", fontsize=8)
    panel.set_ylim(lowest / 1.3, highest * 1.3)
    label_batch_sizes(panel, x)
    label_numbers(panel)
