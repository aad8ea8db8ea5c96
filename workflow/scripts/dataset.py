"""Makes and splits the study's data."""

from batchscope import joblog


def main(arrays_path, description_path, dataset, output):
    """Write dataset.npz and dataset.json.

    Args:
        arrays_path, description_path: of the two files.
        dataset: `dataset` of the study.
        output: what `batchscope.data.make` has to know of the model.

    Raises:
        SystemExit: naming what is wrong with the data.
    """
    from batchscope.data.dataset import save
    from batchscope.data.make import make
    from batchscope.data.samples import DataError

    try:
        arrays, description = make(dataset, **output)
    except DataError as error:
        raise SystemExit(f"no study can be made of these data:\n{error}") from None
    save(arrays, description, arrays_path, description_path)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        arrays_path=snakemake.output.arrays,
        description_path=snakemake.output.description,
        dataset=snakemake.params.dataset,
        output=snakemake.params.output,
    )
