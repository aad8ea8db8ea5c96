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

    from batchscope.bootstrap import Bootstrap
    from batchscope.causes import cause_sentences
    from batchscope.claims import ordering
    from batchscope.histories import read_histories, read_jobs
    from batchscope.markdown import summary_markdown
    from batchscope.measures import estimate, quality_measures, reference_rows, run_measures
    from batchscope.recommendation import plain, recommend
    from batchscope.scaling import law_numbers
    from batchscope.sensitivity import sensitivity_medians
    from batchscope.summary import summary_table

    histories = read_histories(saved.histories, saved.runs, points)
    jobs = read_jobs(saved.jobs, points)
    runs = {point: table for point, (_, table) in histories.items()}
    epochs, sensitivity = pd.read_csv(saved.epochs), pd.read_csv(saved.sensitivity)
    laws = {
        recipe["name"]: pd.read_csv(path)
        for recipe, path in zip(recipes, saved.scaling, strict=True)
    }
    boot = Bootstrap(len(next(iter(runs.values()))))
    measures = run_measures(runs, jobs, epochs) | quality_measures(histories)
    estimates = estimate(measures, reference_rows(list(runs), reference_batch_size), boot)
    table = summary_table(runs, jobs, epochs, estimates)
    table.to_csv(outputs.csv, index=False)

    by_recipe = dict(iter(table.groupby("recipe", sort=False)))
    comparable = table["target"].nunique(dropna=False) == 1
    recommendation = {
        "recipes": {
            name: recommend(rows, estimates, boot) | {"law": law_numbers(laws[name])}
            for name, rows in by_recipe.items()
        },
        "overall": recommend(table, estimates, boot) if comparable else None,
        "points": table.to_dict("records"),
    }
    text = json.dumps(plain(recommendation), indent=2, allow_nan=False)
    Path(outputs.recommendation).write_text(text + "\n")

    ways = {
        name: sensitivity_medians(
            epochs[epochs["recipe"] == name],
            sensitivity[sensitivity["recipe"] == name],
            rows.set_index("batch_size")["epochs"],
        )
        for name, rows in by_recipe.items()
    }
    causes = cause_sentences(table, recipes, estimates, boot)
    compare = ordering(table, estimates, boot)
    Path(outputs.markdown).write_text(
        summary_markdown(table, boot, compare, causes, recommendation, laws, ways)
    )


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        saved=snakemake.input,
        points=snakemake.params.points,
        recipes=snakemake.params.recipes,
        reference_batch_size=snakemake.params.reference_batch_size,
        outputs=snakemake.output,
    )
