"""Writes histories that were recorded elsewhere as the files that a training leaves."""

import sys

from batchscope import joblog


def main(files, outputs, point):
    """Write history.csv, runs.csv and job.json of one point.

    Args:
        files: paths of its histories, in the order of the replicates.
        outputs: paths, named history, runs, job.
        point: the resolved settings of the point.

    Raises:
        SystemExit: if a file cannot be imported, once that is said.
    """
    from batchscope.data.history_file import HistoryError
    from batchscope.data.imported import import_point
    from batchscope.files import write_point

    try:
        imported = import_point(files, point)
    except HistoryError as error:
        sys.exit(f"these histories cannot be imported:\n{error}")
    write_point(outputs, imported.history, imported.runs, imported.job)


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(
        files=list(snakemake.input),
        outputs=snakemake.output,
        point=snakemake.params.point,
    )
