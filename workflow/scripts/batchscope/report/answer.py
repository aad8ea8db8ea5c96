"""Everything that a study says, from what was saved of it."""

from batchscope.analysis.bootstrap import Bootstrap
from batchscope.analysis.causes import cause_sentences
from batchscope.analysis.claims import ordering
from batchscope.analysis.law_table import law_numbers
from batchscope.analysis.measures import (
    estimate,
    last_times,
    quality_measures,
    reference_rows,
    run_measures,
)
from batchscope.analysis.recommendation import plain, recommend
from batchscope.analysis.sensitivity import sensitivity_medians
from batchscope.analysis.summary_table import summary_table
from batchscope.report.markdown import summary_markdown


def answer(histories, jobs, epochs, sensitivity, laws, recipes, reference_batch_size):
    """The table, the recommendation and the text of a study.

    Args:
        histories: from `read_histories`.
        jobs: from `read_jobs`.
        epochs: DataFrame of epochs.csv.
        sensitivity: DataFrame of sensitivity.csv.
        laws: dict recipe -> DataFrame of its scaling table.
        recipes: `recipes` of the config.
        reference_batch_size: `convergence.target.reference_batch_size` of the config.

    Returns:
        (table, recommendation, text): of summary.csv, recommendation.json and summary.md. The
        recommendation is a dict that JSON knows: a recommendation per recipe with its law, one
        over all recipes if they share a target, else None, and the table's rows.
    """
    runs = {point: table for point, (_, table) in histories.items()}
    boot = Bootstrap(len(next(iter(runs.values()))))
    measures = run_measures(runs, jobs, epochs) | quality_measures(histories)
    estimates = estimate(measures, reference_rows(list(runs), reference_batch_size), boot)
    table = summary_table(runs, jobs, epochs, estimates, last_times(runs, epochs))

    comparable = table["target"].nunique(dropna=False) == 1
    by_recipe = dict(iter(table.groupby("recipe", sort=False)))
    found = {
        "recipes": {
            name: recommend(rows, estimates, boot) | {"law": law_numbers(laws[name])}
            for name, rows in by_recipe.items()
        },
        "overall": recommend(table, estimates, boot) if comparable else None,
    }
    ways = {
        name: sensitivity_medians(
            epochs[epochs["recipe"] == name], sensitivity[sensitivity["recipe"] == name]
        )
        for name in by_recipe
    }
    causes = cause_sentences(table, recipes, estimates, boot)
    compare = ordering(table, estimates, boot)
    text = summary_markdown(table, boot, compare, causes, found, laws, ways)
    return table, plain(found | {"points": table.to_dict("records")}), text
