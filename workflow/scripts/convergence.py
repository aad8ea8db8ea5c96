"""Finds each run's convergence epoch by both definitions, from the saved histories alone."""

import json
from pathlib import Path

from batchscope import joblog


def main(histories, runs, jobs, dataset, points, settings, epochs, sensitivity):
    """Write epochs.csv and sensitivity.csv.

    Args:
        histories: paths of history.csv, a file per point.
        runs: paths of runs.csv, in the same order.
        jobs: paths of job.json, in the same order.
        dataset: path of dataset.json.
        points: the resolved hyperparameters of each.
        settings: `convergence` of the config.
        epochs: path of epochs.csv.
        sensitivity: path of sensitivity.csv.
    """
    from batchscope.analysis.convergence_table import convergence_table, sensitivity_table
    from batchscope.results import check_saved, read_histories, read_jobs

    names = [(point["recipe"], point["batch_size"]) for point in points]
    saved = read_histories(histories, runs, names)
    sha256 = json.loads(Path(dataset).read_text())["sha256"]
    check_saved(saved, read_jobs(jobs, names), points, sha256, Path(histories[0]).parents[2])
    convergence_table(saved, settings).to_csv(epochs, index=False)
    sensitivity_table(saved, settings).to_csv(sensitivity, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        histories=snakemake.input.histories,
        runs=snakemake.input.runs,
        jobs=snakemake.input.jobs,
        dataset=snakemake.input.dataset,
        points=snakemake.params.points,
        settings=snakemake.params.settings,
        epochs=snakemake.output.epochs,
        sensitivity=snakemake.output.sensitivity,
    )
