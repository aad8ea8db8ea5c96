"""Draws the learning curves of one recipe."""

from batchscope import joblog


def main(inputs, outputs, params):
    """Write the figure.

    Args:
        inputs: the rule's: trained, convergence.
        outputs: the rule's, paths whose endings name the formats.
        params: the rule's: names, (recipe, batch size) of each point.
    """
    from batchscope.analysis.curves import chosen_points
    from batchscope.analysis.shown import evenly
    from batchscope.figures import drawing
    from batchscope.figures.learning_curves import PANELS, learning_curves
    from batchscope.integrity import read_table
    from batchscope.trained import read_points

    convergence = read_table(inputs.convergence)
    names = evenly(params.names, PANELS)
    saved = chosen_points(read_points(inputs.trained, names), convergence)
    drawing.save(lambda: learning_curves(saved, convergence, len(params.names)), outputs)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
