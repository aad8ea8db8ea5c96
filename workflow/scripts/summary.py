"""Merges everything that is known of each point, to compute with and to read, and recommends."""

import json
from pathlib import Path

from batchscope import joblog


def main(train, tables, names, recipes, reference_batch_size, outputs):
    """Write summary.csv, recommendation.json and summary.md.

    Args:
        train: the folder of all trainings.
        tables: the rule's input: convergence, sensitivity; scaling, a file per recipe.
        names: (recipe, batch size) of each point.
        recipes: `recipes` of the config.
        reference_batch_size: `convergence.target.reference_batch_size` of the config.
        outputs: the rule's output: csv, recommendation, markdown.
    """
    import pandas as pd

    from batchscope.analysis.answer import answer
    from batchscope.analysis.measurements import measure
    from batchscope.analysis.summary_table import summary_rows, summary_table
    from batchscope.report.summary import summary_markdown
    from batchscope.saved import read_points

    measurements = measure(
        read_points(train, names), pd.read_csv(tables.convergence), reference_batch_size
    )
    rows = summary_rows(measurements)
    laws = map(pd.read_csv, tables.scaling)
    names = [recipe["name"] for recipe in recipes]
    told = answer(
        measurements,
        rows,
        pd.read_csv(tables.sensitivity),
        dict(zip(names, laws, strict=True)),
        recipes,
    )
    summary_table(rows).to_csv(outputs.csv, index=False)
    text = json.dumps(told, indent=2, allow_nan=False) + "\n"
    Path(outputs.recommendation).write_text(text)
    Path(outputs.markdown).write_text(summary_markdown(told))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        train=snakemake.params.train,
        tables=snakemake.input,
        names=snakemake.params.names,
        recipes=snakemake.params.recipes,
        reference_batch_size=snakemake.params.reference_batch_size,
        outputs=snakemake.output,
    )
