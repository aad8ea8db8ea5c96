"""Draws all recipes beside each other."""

from batchscope import joblog


def main(table, figures):
    """Write the figure.

    Args:
        table: path of summary.csv.
        figures: paths to write; their endings name the formats.
    """
    from batchscope.figures import drawing
    from batchscope.figures.comparison import comparison
    from batchscope.integrity import read_table

    table = read_table(table)
    drawing.save(lambda: comparison(table), figures)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        table=snakemake.input.table,
        figures=list(snakemake.output),
    )
