"""Merges everything that is known of each point into one table, to compute with and to read."""

import json
from pathlib import Path

from batchscope import joblog


def main(histories, runs, jobs, epochs, points, csv, markdown):
    """Write summary.csv and summary.md.

    Args:
        histories: paths of history.csv, a file per point.
        runs: paths of runs.csv, in the same order.
        jobs: paths of job.json, in the same order.
        epochs: path of epochs.csv.
        points: (recipe, batch size) of each.
        csv: path of summary.csv.
        markdown: path of summary.md.
    """
    import pandas as pd

    from batchscope.histories import read_histories
    from batchscope.markdown import summary_markdown
    from batchscope.summary import summary_table

    table = summary_table(
        read_histories(histories, runs, points),
        {
            tuple(point): json.loads(Path(job).read_text())
            for point, job in zip(points, jobs, strict=True)
        },
        pd.read_csv(epochs),
    )
    table.to_csv(csv, index=False)
    Path(markdown).write_text(summary_markdown(table))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        histories=snakemake.input.histories,
        runs=snakemake.input.runs,
        jobs=snakemake.input.jobs,
        epochs=snakemake.input.epochs,
        points=snakemake.params.points,
        csv=snakemake.output.csv,
        markdown=snakemake.output.markdown,
    )
