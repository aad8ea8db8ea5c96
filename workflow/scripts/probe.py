"""Tries the model of a user's file before anything is trained with it."""

from pathlib import Path

from batchscope import joblog


def main(dataset, description, way_path, report_path, settings, threads, resources):
    """Write way.json, how the model is trained, and probe.json, what was found out about it.

    Args:
        dataset, description: paths of dataset.npz and dataset.json.
        way_path, report_path: of the two files.
        settings: `model` of the config, with the file's digest.
        threads, resources: what the job was granted. With no GPU one that is there is left alone.

    Raises:
        SystemExit: with all that is wrong with the model.
    """
    from batchscope import files
    from batchscope.training import devices, retry, runtime

    devices.take(resources)
    runtime.start_keras(threads)
    from batchscope.data.dataset import load
    from batchscope.training.model_file import blamed_on
    from batchscope.training.probe import probe

    failure = Path(way_path).with_name("failure.txt")
    passing = retry.passing_errors()
    with blamed_on(settings["file"]), retry.attempts(failure, resources.attempt, passing):
        way, report = probe(settings, load(dataset, description), runtime.device(), threads)
    files.write_json(way_path, way)
    files.seal(way_path)
    files.write_json(report_path, report)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        dataset=snakemake.input.dataset,
        description=snakemake.input.description,
        way_path=snakemake.output.way,
        report_path=snakemake.output.report,
        settings=snakemake.params.model,
        threads=snakemake.threads,
        resources=snakemake.resources,
    )
