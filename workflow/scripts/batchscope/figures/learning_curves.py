"""The learning curves: a panel per batch size, in two columns."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from batchscope.analysis.bootstrap import median
from batchscope.analysis.measures import STABLE, TARGET, times_to
from batchscope.report.wording import count, number, target_text
from batchscope.results import COMPLETED, DIVERGED, LOSS, REACHED, SHOWN, validation

COLUMNS = 2
PANEL_SIZE = (4.2, 2.3)
BAND = (0.1, 0.9)


def learning_curves(saved, convergence):
    """Draw the curves of one recipe in the metric that is shown.

    Args:
        saved: list of SavedPoint, one recipe's points in reading order.
        convergence: DataFrame of epochs.csv.

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
        figsize=(columns * PANEL_SIZE[0], rows * PANEL_SIZE[1] + 0.5),
        # Beside a run of thousands of epochs one of a hundred could not be read.
        sharex=len(lengths) < 2,
        sharey=True,
        squeeze=False,
    )
    used, spare = np.split(axes.ravel(), [len(saved)])
    for panel, point in zip(used, saved, strict=True):
        own = (convergence["recipe"] == point.recipe) & (
            convergence["batch_size"] == point.batch_size
        )
        _draw_panel(panel, point, convergence[own])
    for panel in spare:
        panel.remove()
    for panel in used[-columns:]:
        panel.set_xlabel("epoch")
        panel.tick_params(labelbottom=True)
    for panel in axes[:, 0]:
        panel.set_ylabel(SHOWN.label)
    several = any(len(point.runs) > 1 for point in saved)
    figure.legend(
        handles=_legend(several, convergence),
        loc="outside upper center",
        ncols=2,
        columnspacing=2,
        handlelength=1.8,
    )
    return figure


def _draw_panel(panel, point, convergence):
    panel.set_title(_title(point, convergence))
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    history, runs = point.history, point.runs
    if history.empty:
        return
    # A diverged replicate counts up to its last finite epoch: argmax of NaN has an accuracy too.
    finite = np.isfinite(history[[LOSS.name, validation(LOSS)]]).all(axis=1)
    by_epoch = history[finite].groupby("epoch")
    for metric, colour in ((SHOWN.name, "C0"), (validation(SHOWN), "C1")):
        mean = by_epoch[metric].mean()
        panel.plot(mean, color=colour, marker="." if len(mean) == 1 else None)
        if len(runs) > 1:
            low, high = (by_epoch[metric].quantile(quantile) for quantile in BAND)
            panel.fill_between(mean.index, low, high, color=colour, alpha=0.2, linewidth=0)
    for definition, colour, dashes in ((TARGET, "C2", "-"), (STABLE, "C3", ":")):
        epoch = _median_epoch(convergence, definition)
        if math.isfinite(epoch):
            panel.axvline(epoch, color=colour, linestyle=dashes, linewidth=1.2)
    diverged = int(runs["status"].eq(DIVERGED).sum())
    if diverged:
        panel.text(
            0.98,
            0.05,
            f"{diverged} of {len(runs)} diverged",
            transform=panel.transAxes,
            ha="right",
        )


def _median_epoch(convergence, definition):
    return float(median(times_to(convergence[convergence["definition"] == definition], "epoch")))


def _title(point, convergence):
    if point.out_of_memory:
        return f"batch {point.batch_size} · out of memory"
    seconds = point.runs["train_seconds"].median()
    seconds = "time not known" if math.isnan(seconds) else f"{number(seconds, 2)} s per run"
    epoch = _median_epoch(convergence, TARGET)
    if math.isfinite(epoch):
        target = f"reaches target at epoch {count(epoch)}"
    else:
        of_target = convergence[convergence["definition"] == TARGET]
        reached = int(of_target["status"].eq(REACHED).sum())
        target = "target not reached"
        if len(point.runs) > 1:
            target += f" ({reached} of {len(point.runs)})"
    return f"batch {point.batch_size} · {seconds} · {target}"


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
