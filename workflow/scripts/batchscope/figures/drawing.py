"""Draws figures in the project's style and saves them so that the same figure is the same file."""

from pathlib import Path

import matplotlib
from matplotlib.ticker import NullLocator

matplotlib.use("agg")

STYLE = Path(__file__).with_name("style.mplstyle")


def save(draw, paths):
    """Draw a figure and write it.

    Args:
        draw: a function that returns the Figure, called under the project's style.
        paths: paths to write; their endings name the formats.
    """
    with matplotlib.style.context(STYLE):
        figure = draw()
        for path in paths:
            # A date in the file would make every drawing a new one.
            figure.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)


def label_batch_sizes(panel, sizes):
    """Give a panel a logarithmic axis of batch sizes, with ticks at `sizes` and no others."""
    panel.set_xscale("log")
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_xticks(sizes, [f"{size:.0f}" for size in sizes])
