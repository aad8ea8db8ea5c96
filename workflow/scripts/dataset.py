"""Makes and splits the study's data."""

from batchscope import joblog


def main(outputs, params):
    """Write dataset.npz and dataset.json.

    Args:
        outputs: the rule's: arrays, description.
        params: the rule's: dataset, that of the study; output, what the model asks of the data.

    Raises:
        SystemExit: naming what is wrong with the data.
    """
    from batchscope.data.dataset import save
    from batchscope.data.make import make
    from batchscope.data.samples import DataError

    try:
        arrays, description = make(params.dataset, **params.output)
    except DataError as error:
        raise SystemExit(f"no study can be made of these data:\n{error}") from None
    save(arrays, description, outputs.arrays, outputs.description)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.output, snakemake.params)
