"""Finds each run's convergence epoch by both definitions, from the saved histories alone."""

import json
from pathlib import Path

from batchscope import joblog


def main(train, dataset, points, settings, convergence, sensitivity):
    """Write epochs.csv and sensitivity.csv.

    Args:
        train: the folder of all trainings.
        dataset: path of dataset.json.
        points: the resolved hyperparameters of each point.
        settings: `convergence` of the config.
        convergence: path of epochs.csv.
        sensitivity: path of sensitivity.csv.
    """
    from batchscope.analysis.convergence_table import convergence_table, sensitivity_table
    from batchscope.saved import check_saved, read_points

    saved = read_points(train, [(point["recipe"], point["batch_size"]) for point in points])
    sha256 = json.loads(Path(dataset).read_text())["sha256"]
    check_saved(saved, points, sha256, train)
    convergence_table(saved, settings).to_csv(convergence, index=False)
    sensitivity_table(saved, settings).to_csv(sensitivity, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        train=snakemake.params.train,
        dataset=snakemake.input.dataset,
        points=snakemake.params.points,
        settings=snakemake.params.settings,
        convergence=snakemake.output.convergence,
        sensitivity=snakemake.output.sensitivity,
    )
