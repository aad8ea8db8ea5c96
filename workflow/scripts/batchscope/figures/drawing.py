"""Draws figures in the project's style and saves them so that the same figure is the same file."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from batchscope.files import seal, written_aside

matplotlib.use("agg")

# What is later than could be seen.
LATER = {"marker": r"$\uparrow$", "markersize": 9, "linestyle": "none"}

# Batch sizes that an axis has room to name.
TICKS = 16

STYLE = Path(__file__).with_name("style.mplstyle")


def save(draw, paths):
    """Draw a figure and write it.

    Args:
        draw: a function that returns the Figure, called under the project's style.
        paths: paths to write; their endings name the formats.
    """
    # What a user's matplotlibrc says shall change no figure.
    with matplotlib.style.context(STYLE, after_reset=True):
        figure = draw()
        for path in paths:
            # A date in the file would make every drawing a new one.
            metadata = {"Date": None} if path.endswith(".svg") else None
            with written_aside(path, "wb") as file:
                figure.savefig(file, format=Path(path).suffix[1:], metadata=metadata)
            # summary.html takes it up.
            if path.endswith(".png"):
                seal(path)


def label_batch_sizes(panel, sizes):
    """Give a panel a logarithmic axis of batch sizes, with ticks at `sizes` and no others; of many
    at some of them, evenly apart on the axis."""
    panel.set_xscale("log")
    panel.xaxis.set_minor_locator(NullLocator())
    if len(sizes) > TICKS:
        sizes = np.unique(sizes)
        even = np.geomspace(sizes[0], sizes[-1], TICKS)
        sizes = sizes[np.unique(np.abs(sizes - even[:, None]).argmin(axis=1))]
    panel.set_xticks(sizes, [f"{size:.0f}" for size in sizes])


def label_numbers(panel):
    """Give a panel's logarithmic axis of numbers round ticks, however short it is."""
    low, high = panel.get_ylim()
    # Powers of ten are too far apart in a short range, and whole steps in a long one.
    short = high < 10 * low
    panel.yaxis.set_major_locator(MaxNLocator(6) if short else LogLocator(subs=(1, 2, 5)))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")


def label_seconds(panel):
    """As `label_numbers`, for seconds, in milliseconds below one."""
    label_numbers(panel)
    panel.yaxis.set_major_formatter(
        lambda value, _: f"{value:g} s" if value >= 1 else f"{1000 * value:g} ms"
    )
