"""Draws the batch-size law of one recipe."""

from batchscope import joblog


def main(table, figures):
    """Write the figure.

    Args:
        table: path of the recipe's scaling table.
        figures: paths to write; their endings name the formats.
    """
    from batchscope.figures import drawing
    from batchscope.figures.law_figure import law_figure
    from batchscope.integrity import read_table

    table = read_table(table)
    drawing.save(lambda: law_figure(table), figures)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        table=snakemake.input.table,
        figures=list(snakemake.output),
    )
