"""Merges everything that is known of each point, to compute with and to read, and recommends."""

import json
from pathlib import Path

from batchscope import joblog


def main(saved, points, recipes, reference_batch_size, outputs):
    """Write summary.csv, summary.md and recommendation.json.

    Args:
        saved: the rule's input: histories, runs and jobs, a file per point; scaling, a file per
            recipe; epochs; sensitivity.
        points: (recipe, batch size) of each point.
        recipes: `recipes` of the config.
        reference_batch_size: `convergence.target.reference_batch_size` of the config.
        outputs: the rule's output: csv, markdown, recommendation.
    """
    import pandas as pd

    from batchscope.report.answer import answer
    from batchscope.results import read_histories, read_jobs

    laws = {
        recipe["name"]: pd.read_csv(path)
        for recipe, path in zip(recipes, saved.scaling, strict=True)
    }
    table, recommendation, text = answer(
        read_histories(saved.histories, saved.runs, points),
        read_jobs(saved.jobs, points),
        pd.read_csv(saved.epochs),
        pd.read_csv(saved.sensitivity),
        laws,
        recipes,
        reference_batch_size,
    )
    table.to_csv(outputs.csv, index=False)
    recommendation = json.dumps(recommendation, indent=2, allow_nan=False)
    Path(outputs.recommendation).write_text(recommendation + "\n")
    Path(outputs.markdown).write_text(text)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        saved=snakemake.input,
        points=snakemake.params.points,
        recipes=snakemake.params.recipes,
        reference_batch_size=snakemake.params.reference_batch_size,
        outputs=snakemake.output,
    )
