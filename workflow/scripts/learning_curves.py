"""Draws the learning curves of one recipe."""

from batchscope import joblog


def main(histories, runs, epochs, style, points, figures):
    """Write the figure.

    Args:
        histories: paths of history.csv, a file per point.
        runs: paths of runs.csv, in the same order.
        epochs: path of epochs.csv.
        style: path of the Matplotlib style.
        points: (recipe, batch size) of each.
        figures: paths to write; their endings name the formats.
    """
    import pandas as pd

    from batchscope.figures import drawing
    from batchscope.figures.learning_curves import learning_curves
    from batchscope.results import read_histories

    saved, epochs = read_histories(histories, runs, points), pd.read_csv(epochs)
    drawing.save(lambda: learning_curves(saved, epochs), style, figures)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        histories=snakemake.input.histories,
        runs=snakemake.input.runs,
        epochs=snakemake.input.epochs,
        style=snakemake.input.style,
        points=snakemake.params.points,
        figures=list(snakemake.output),
    )
