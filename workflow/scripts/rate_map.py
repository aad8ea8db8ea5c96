"""Maps what each learning rate of a grid comes to at each batch size."""

from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params):
    """Write a table per recipe that has a grid, which its file is named after.

    Args:
        inputs, params: the rule's, see `read_measurements`.
        outputs: the rule's, a path per recipe.
    """
    from batchscope.analysis.rate_map import rate_map
    from batchscope.assembly import read_measurements
    from batchscope.files import write_table

    measurements = read_measurements(inputs, params)
    for path in outputs:
        table = rate_map(measurements, Path(path).stem, params.settings["choose_rate_by"])
        write_table(path, table)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
