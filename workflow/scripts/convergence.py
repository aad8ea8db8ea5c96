"""Finds each run's convergence epoch by both definitions, from the saved histories alone."""

import json
from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params):
    """Write epochs.csv and sensitivity.csv.

    Args:
        inputs: the rule's: dataset, the path of dataset.json, empty if the study has none.
        outputs: the rule's: convergence, sensitivity.
        params: the rule's: train, the folder of all trainings; points, the resolved hyperparameters
            of each; settings, `convergence` of the config.
    """
    from batchscope.analysis.convergence_table import convergence_table, sensitivity_table
    from batchscope.saved import check_saved, read_points

    names = [(point["recipe"], point["batch_size"]) for point in params.points]
    saved = read_points(params.train, names)
    sha256 = json.loads(Path(inputs.dataset).read_text())["sha256"] if inputs.dataset else None
    check_saved(saved, params.points, sha256, params.train)
    convergence_table(saved, params.settings).to_csv(outputs.convergence, index=False)
    sensitivity_table(saved, params.settings).to_csv(outputs.sensitivity, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
