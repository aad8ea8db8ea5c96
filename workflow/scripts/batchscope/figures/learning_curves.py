"""The learning curves: a panel per batch size, in two columns."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from batchscope.analysis.curves import point_curves
from batchscope.analysis.measures import TARGET
from batchscope.report.wording import count, number, target_text
from batchscope.results import COMPLETED

COLUMNS = 2
# More of them make a picture that nobody looks through, and hundreds one that Matplotlib refuses.
PANELS = 32
PANEL_SIZE = (4.2, 2.3)
# The legend needs it, also above a single panel.
LEAST_WIDTH = 6.2


def learning_curves(saved, convergence, sizes=None):
    """Draw the curves of one recipe in the metric that is shown.

    Args:
        saved: list of SavedPoint, one recipe's points in reading order.
        convergence: DataFrame of epochs.csv.
        sizes: how many batch sizes there are, if not all are drawn.

    Returns:
        A matplotlib Figure: mean and 10–90% band over replicates of the metric on the training and
        validation samples, the median epoch to the target and to a stable curve.
    """
    columns = min(COLUMNS, len(saved))
    rows = math.ceil(len(saved) / columns)
    completed = (point.runs.loc[point.runs["status"] == COMPLETED, "epochs"] for point in saved)
    lengths = {length for epochs in completed for length in epochs}
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(max(columns * PANEL_SIZE[0], LEAST_WIDTH), rows * PANEL_SIZE[1] + 0.5),
        # Beside a run of thousands of epochs one of a hundred could not be read.
        sharex=len(lengths) < 2,
        sharey=True,
        squeeze=False,
    )
    used, spare = np.split(axes.ravel(), [len(saved)])
    for panel, point in zip(used, saved, strict=True):
        _draw_panel(panel, point, point_curves(point, convergence))
    for panel in spare:
        panel.remove()
    for panel in used[-columns:]:
        panel.set_xlabel("epoch")
        panel.tick_params(labelbottom=True)
    for panel in axes[:, 0]:
        panel.set_ylabel(saved[0].shown.label)
    several = any(len(point.runs) > 1 for point in saved)
    style = {"loc": "outside upper center", "columnspacing": 2, "handlelength": 1.8}
    if sizes and len(saved) < sizes:
        style["title"] = f"{len(saved)} of {sizes} batch sizes are drawn, evenly apart"
    handles = _legend(several, convergence)
    legend = figure.legend(handles=handles, ncols=2, **style)
    # A long name of a metric leaves no room for two columns.
    if legend.get_window_extent().width > figure.bbox.width:
        legend.remove()
        figure.legend(handles=handles, ncols=1, **style)
    return figure


def _draw_panel(panel, point, curves):
    panel.set_title(_title(point, curves))
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if curves.training is None:
        return
    replicates = len(point.runs)
    for curve, colour in ((curves.training, "C0"), (curves.validation, "C1")):
        panel.plot(curve.mean, color=colour, marker="." if len(curve.mean) == 1 else None)
        if replicates > 1:
            epochs = curve.mean.index
            panel.fill_between(epochs, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
    for epoch, colour, dashes in (
        (curves.target_epoch, "C2", "-"),
        (curves.stable_epoch, "C3", ":"),
    ):
        if math.isfinite(epoch):
            panel.axvline(epoch, color=colour, linestyle=dashes, linewidth=1.2)
    if curves.diverged:
        panel.text(
            0.98,
            0.05,
            f"{curves.diverged} of {replicates} diverged",
            transform=panel.transAxes,
            ha="right",
        )


def _title(point, curves):
    if point.out_of_memory:
        return f"batch {point.batch_size} · out of memory"
    if math.isfinite(curves.target_epoch):
        target = f"reaches target at epoch {count(curves.target_epoch)}"
        if math.isfinite(curves.target_seconds):
            target += f", after {number(curves.target_seconds, 2)} s"
    else:
        target = "target not reached"
        if len(point.runs) > 1:
            target += f" ({curves.reached} of {len(point.runs)})"
    return f"batch {point.batch_size} · {target}"


def _legend(several, convergence):
    band = ", mean and 10–90% of replicates" if several else ""
    median = "median epoch" if several else "epoch"
    metric, value = convergence.loc[convergence["definition"] == TARGET, ["metric", "target"]].iloc[
        0
    ]
    reached = "that reaches the target"
    if np.isfinite(value):
        reached = f"that reaches {target_text({'metric': metric, 'value': value})}"
    return [
        Line2D([], [], color="C0", label=f"training{band}"),
        Line2D([], [], color="C1", label=f"validation{band}"),
        Line2D([], [], color="C2", linewidth=1.2, label=f"{median} {reached}"),
        Line2D(
            [],
            [],
            color="C3",
            linewidth=1.2,
            linestyle=":",
            label=f"{median} the curve is stable from",
        ),
    ]
