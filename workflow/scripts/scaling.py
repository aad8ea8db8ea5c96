"""Fits the batch-size law to each recipe's updates to the target."""

from batchscope import joblog


def main(runs, jobs, epochs, points, reference_batch_size, outputs):
    """Write a table per recipe.

    Args:
        runs: paths of runs.csv, a file per point.
        jobs: paths of job.json, in the same order.
        epochs: path of epochs.csv.
        points: (recipe, batch size) of each.
        reference_batch_size: `convergence.target.reference_batch_size` of the config.
        outputs: dict recipe -> path of its table.
    """
    import pandas as pd

    from batchscope.analysis.bootstrap import Bootstrap
    from batchscope.analysis.law_table import scaling_table
    from batchscope.analysis.measures import estimate, last_times, reference_rows, run_measures
    from batchscope.results import read_jobs, read_runs

    runs, jobs = read_runs(runs, points), read_jobs(jobs, points)
    points, boot = list(runs), Bootstrap(len(next(iter(runs.values()))))
    epochs = pd.read_csv(epochs)
    measures, last = run_measures(runs, jobs, epochs), last_times(runs, epochs)
    for recipe, output in outputs.items():
        rows = [row for row, (name, _) in enumerate(points) if name == recipe]
        own, later = ({name: x[rows] for name, x in each.items()} for each in (measures, last))
        chosen = [points[row] for row in rows]
        estimates = estimate(own, reference_rows(chosen, reference_batch_size), boot)
        scaling_table(chosen, jobs, own, later, estimates, boot).to_csv(output, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        runs=snakemake.input.runs,
        jobs=snakemake.input.jobs,
        epochs=snakemake.input.epochs,
        points=snakemake.params.points,
        reference_batch_size=snakemake.params.reference_batch_size,
        outputs=dict(zip(snakemake.params.recipes, snakemake.output, strict=True)),
    )
