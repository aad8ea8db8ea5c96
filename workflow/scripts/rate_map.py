"""Maps what each learning rate of a grid comes to at each batch size."""

from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params):
    """Write a table per recipe that has a grid, which its file is named after.

    Args:
        inputs: the rule's: pace; convergence.
        outputs: the rule's, a path per recipe.
        params: the rule's: train, the folder of all trainings; names, (recipe, batch size) of each
            point; settings, `convergence` of the config.
    """
    import pandas as pd

    from batchscope.analysis.measurements import measure
    from batchscope.analysis.rate_map import rate_map
    from batchscope.saved import read_pace, read_points

    measurements = measure(
        read_points(params.train, params.names),
        read_pace(inputs.pace),
        pd.read_csv(inputs.convergence),
        params.settings,
    )
    for path in outputs:
        table = rate_map(measurements, Path(path).stem, params.settings["choose_rate_by"])
        table.to_csv(path, index=False)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
