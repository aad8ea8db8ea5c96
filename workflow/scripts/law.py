"""Fits the batch-size law to each recipe's updates to the target."""

from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params):
    """Write a table per recipe, which its file is named after.

    Args:
        inputs, params: the rule's, see `read_measurements`.
        outputs: the rule's, a path per recipe.
    """
    from batchscope.analysis.law_table import law_table
    from batchscope.assembly import read_measurements
    from batchscope.files import write_table

    measurements = read_measurements(inputs, params)
    for path in outputs:
        write_table(path, law_table(measurements, Path(path).stem))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
