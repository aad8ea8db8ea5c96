"""Finds each run's convergence epoch by both definitions, from the saved histories alone."""

from batchscope import joblog


def main(inputs, outputs, params):
    """Write epochs.csv and sensitivity.csv, and what was read of the trainings into one file.

    Args:
        inputs: the rule's: pace, the path of pace.csv; dataset, that of dataset.json. A study of
            histories has neither, and both are empty.
        outputs: the rule's: convergence, sensitivity, trained.
        params: the rule's: train, the folder of all trainings; points, the resolved hyperparameters
            of each; settings, `convergence` of the config.
    """
    from batchscope.analysis.convergence_table import convergence_table, sensitivity_table
    from batchscope.analysis.pace import seconds_per_epoch
    from batchscope.config.recipe import settle
    from batchscope.files import read_json, write_table
    from batchscope.saved import check_saved
    from batchscope.saved_pace import read_pace
    from batchscope.trained import merge, read_points

    names = [(point["recipe"], point["batch_size"]) for point in params.points]
    points, sha256, pace = params.points, None, read_pace(inputs.pace)
    if inputs.dataset:
        dataset = read_json(inputs.dataset)
        points, sha256 = [settle(p, dataset["sizes"]["train"]) for p in points], dataset["sha256"]
    merge(outputs.trained, params.train, names)
    saved = read_points(outputs.trained, names, training=False)
    check_saved(saved, points, sha256, params.train)
    seconds = seconds_per_epoch(saved, pace)
    settings = params.settings
    write_table(outputs.convergence, convergence_table(saved, seconds, settings))
    write_table(outputs.sensitivity, sensitivity_table(saved, seconds, settings))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
