"""Makes and splits the study's data."""

from batchscope import joblog


def main(arrays_path, description_path, source, arguments, train_size):
    """Write dataset.npz and dataset.json; see `batchscope.data.dataset`."""
    from batchscope.data.dataset import describe, make, save

    arrays = make(source, arguments, train_size)
    save(arrays, describe(source, arguments, arrays), arrays_path, description_path)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        arrays_path=snakemake.output.arrays,
        description_path=snakemake.output.description,
        **snakemake.params.dataset,
    )
