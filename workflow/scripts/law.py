"""Fits the batch-size law to each recipe's updates to the target."""

from batchscope import joblog


def main(train, convergence, names, reference_batch_size, outputs):
    """Write a table per recipe.

    Args:
        train: the folder of all trainings.
        convergence: path of epochs.csv.
        names: (recipe, batch size) of each point.
        reference_batch_size: `convergence.target.reference_batch_size` of the config.
        outputs: dict recipe -> path of its table.
    """
    import pandas as pd

    from batchscope.analysis.law_table import law_table
    from batchscope.analysis.measurements import measure
    from batchscope.saved import read_points

    saved = read_points(train, names)
    measurements = measure(saved, pd.read_csv(convergence), reference_batch_size)
    for recipe, output in outputs.items():
        law_table(measurements, recipe).to_csv(output, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        train=snakemake.params.train,
        convergence=snakemake.input.convergence,
        names=snakemake.params.names,
        reference_batch_size=snakemake.params.reference_batch_size,
        outputs=dict(zip(snakemake.params.recipes, snakemake.output, strict=True)),
    )
