"""Fits the batch-size law to each recipe's updates to the target."""

from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params):
    """Write a table per recipe, which its file is named after.

    Args:
        inputs: the rule's: pace, empty of a study of histories; convergence.
        outputs: the rule's, a path per recipe.
        params: the rule's: train, the folder of all trainings; names, (recipe, batch size) of each
            point; settings, `convergence` of the config.
    """
    import pandas as pd

    from batchscope.analysis.law_table import law_table
    from batchscope.analysis.measurements import measure
    from batchscope.saved import read_pace, read_points

    measurements = measure(
        read_points(params.train, params.names),
        read_pace(inputs.pace),
        pd.read_csv(inputs.convergence),
        params.settings,
    )
    for path in outputs:
        law_table(measurements, Path(path).stem).to_csv(path, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
