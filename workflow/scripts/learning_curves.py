"""Draws the learning curves of one recipe."""

from batchscope import joblog


def main(train, convergence, names, figures):
    """Write the figure.

    Args:
        train: the folder of all trainings.
        convergence: path of epochs.csv.
        names: (recipe, batch size) of each point.
        figures: paths to write; their endings name the formats.
    """
    import pandas as pd

    from batchscope.figures import drawing
    from batchscope.figures.learning_curves import learning_curves
    from batchscope.saved import read_points

    saved, table = read_points(train, names), pd.read_csv(convergence)
    drawing.save(lambda: learning_curves(saved, table), figures)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        train=snakemake.params.train,
        convergence=snakemake.input.convergence,
        names=snakemake.params.names,
        figures=list(snakemake.output),
    )
