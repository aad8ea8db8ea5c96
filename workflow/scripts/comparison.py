"""Draws all recipes beside each other."""

from batchscope import joblog


def main(table, style, figures):
    """Write the figure.

    Args:
        table: path of summary.csv.
        style: path of the Matplotlib style.
        figures: paths to write; their endings name the formats.
    """
    import pandas as pd

    from batchscope.figures import drawing
    from batchscope.figures.comparison import comparison

    table = pd.read_csv(table)
    drawing.save(lambda: comparison(table), style, figures)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        table=snakemake.input.table,
        style=snakemake.input.style,
        figures=list(snakemake.output),
    )
