"""The learning curves: a panel per batch size, in two columns."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from batchscope.report.wording import count, number

COLUMNS = 2
PANEL_SIZE = (4.2, 2.3)
BAND = (0.1, 0.9)


def learning_curves(histories, epochs):
    """Draw one recipe's accuracy curves.

    Args:
        histories: from `read_histories`, one recipe's points in reading order.
        epochs: DataFrame of epochs.csv.

    Returns:
        A matplotlib Figure: mean and 10–90% band over replicates of training and validation
        accuracy, the median epoch to the target and to a stable curve.
    """
    columns = min(COLUMNS, len(histories))
    rows = math.ceil(len(histories) / columns)
    completed = (
        runs.loc[runs["status"] == "completed", "epochs"] for _, runs in histories.values()
    )
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
    used, spare = np.split(axes.ravel(), [len(histories)])
    for panel, ((recipe, batch_size), (history, runs)) in zip(used, histories.items(), strict=True):
        found = epochs[(epochs["recipe"] == recipe) & (epochs["batch_size"] == batch_size)]
        _draw_panel(panel, batch_size, history, runs, found)
    for panel in spare:
        panel.remove()
    for panel in used[-columns:]:
        panel.set_xlabel("epoch")
        panel.tick_params(labelbottom=True)
    for panel in axes[:, 0]:
        panel.set_ylabel("accuracy")
    several = any(len(runs) > 1 for _, runs in histories.values())
    figure.legend(
        handles=_legend(several),
        loc="outside upper center",
        ncols=2,
        columnspacing=2,
        handlelength=1.8,
    )
    return figure


def _draw_panel(panel, batch_size, history, runs, found):
    panel.set_title(_title(batch_size, runs, found))
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if history.empty:
        return
    # A diverged replicate counts up to its last finite epoch: argmax of NaN has an accuracy too.
    finite = np.isfinite(history[["loss", "val_loss"]]).all(axis=1)
    by_epoch = history[finite].groupby("epoch")
    for metric, colour in (("accuracy", "C0"), ("val_accuracy", "C1")):
        mean = by_epoch[metric].mean()
        panel.plot(mean, color=colour, marker="." if len(mean) == 1 else None)
        if len(runs) > 1:
            low, high = (by_epoch[metric].quantile(quantile) for quantile in BAND)
            panel.fill_between(mean.index, low, high, color=colour, alpha=0.2, linewidth=0)
    for definition, colour, dashes in (("target", "C2", "-"), ("stable", "C3", ":")):
        epoch = _median_epoch(found, definition)
        if math.isfinite(epoch):
            panel.axvline(epoch, color=colour, linestyle=dashes, linewidth=1.2)
    diverged = int(runs["status"].eq("diverged").sum())
    if diverged:
        panel.text(
            0.98,
            0.05,
            f"{diverged} of {len(runs)} diverged",
            transform=panel.transAxes,
            ha="right",
        )


def _median_epoch(found, definition):
    column = found.loc[found["definition"] == definition, "epoch"]
    return float(np.median(column.astype(float).fillna(np.inf)))


def _title(batch_size, runs, found):
    if runs["status"].eq("out_of_memory").any():
        return f"batch {batch_size} · out of memory"
    seconds = runs["train_seconds"].median()
    seconds = "time not known" if math.isnan(seconds) else f"{number(seconds, 2)} s per run"
    epoch = _median_epoch(found, "target")
    if math.isfinite(epoch):
        target = f"reaches target at epoch {count(epoch)}"
    else:
        reached = int((found["status"].eq("reached") & found["definition"].eq("target")).sum())
        target = "target not reached"
        if len(runs) > 1:
            target += f" ({reached} of {len(runs)})"
    return f"batch {batch_size} · {seconds} · {target}"


def _legend(several):
    band = ", mean and 10–90% of replicates" if several else ""
    median = "median epoch" if several else "epoch"
    return [
        Line2D([], [], color="C0", label=f"training{band}"),
        Line2D([], [], color="C1", label=f"validation{band}"),
        Line2D([], [], color="C2", linewidth=1.2, label=f"{median} that reaches the target"),
        Line2D(
            [],
            [],
            color="C3",
            linewidth=1.2,
            linestyle=":",
            label=f"{median} the curve is stable from",
        ),
    ]
