"""Finds each run's convergence epoch by both definitions, from the saved histories alone."""

import json
from pathlib import Path

from batchscope import joblog


def main(histories, runs, jobs, dataset, points, settings, output):
    """Write epochs.csv.

    Args:
        histories: paths of history.csv, a file per point.
        runs: paths of runs.csv, in the same order.
        jobs: paths of job.json, in the same order.
        dataset: path of dataset.json.
        points: the resolved hyperparameters of each.
        settings: `convergence` of the config.
        output: path of epochs.csv.
    """
    from batchscope.epochs import convergence_table
    from batchscope.histories import check_saved, read_histories

    names = [(point["recipe"], point["batch_size"]) for point in points]
    saved = read_histories(histories, runs, names)
    facts = {name: json.loads(Path(job).read_text()) for name, job in zip(names, jobs, strict=True)}
    sha256 = json.loads(Path(dataset).read_text())["sha256"]
    check_saved(saved, facts, points, sha256, Path(histories[0]).parents[2])
    convergence_table(saved, settings).to_csv(output, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        histories=snakemake.input.histories,
        runs=snakemake.input.runs,
        jobs=snakemake.input.jobs,
        dataset=snakemake.input.dataset,
        points=snakemake.params.points,
        settings=snakemake.params.settings,
        output=snakemake.output[0],
    )
