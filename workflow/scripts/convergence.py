"""Finds each run's convergence epoch by both definitions, from the saved histories alone."""

from batchscope import joblog


def main(histories, runs, points, settings, output):
    """Write epochs.csv.

    Args:
        histories: paths of history.csv, a file per point.
        runs: paths of runs.csv, in the same order.
        points: (recipe, batch size) of each.
        settings: `convergence` of the config.
        output: path of epochs.csv.
    """
    from batchscope.epochs import convergence_table
    from batchscope.histories import read_histories

    table = convergence_table(read_histories(histories, runs, points), settings)
    table.to_csv(output, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        histories=snakemake.input.histories,
        runs=snakemake.input.runs,
        points=snakemake.params.points,
        settings=snakemake.params.settings,
        output=snakemake.output[0],
    )
