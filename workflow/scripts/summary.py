"""Merges everything that is known of each point, to compute with and to read, and recommends."""

import json
from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params):
    """Write summary.csv, recommendation.json, summary.md and answer.txt.

    Args:
        inputs: the rule's: see `read_measurements`; sensitivity; scaling, a file per recipe, named
            after it; rate_maps, likewise, of recipes with a grid.
        outputs: the rule's: csv, recommendation, markdown, brief.
        params: the rule's: see `read_measurements`; missing, (recipe, batch size) of each point
            that is not there; recipes of the config.
    """
    from batchscope.analysis.answer import answer
    from batchscope.analysis.summary_table import summary_table
    from batchscope.assembly import read_measurements
    from batchscope.files import seal, write_table, write_text
    from batchscope.integrity import read_table
    from batchscope.report.brief import brief_text
    from batchscope.report.summary import summary_markdown

    measurements = read_measurements(inputs, params)
    laws, rate_maps = (
        {Path(path).stem: read_table(path) for path in paths}
        for paths in (inputs.scaling, inputs.rate_maps)
    )
    sensitivity = read_table(inputs.sensitivity)
    told = answer(measurements, sensitivity, laws, rate_maps, params.recipes, params.missing)
    write_table(outputs.csv, summary_table(measurements.summaries))
    write_text(outputs.recommendation, json.dumps(told, indent=2, allow_nan=False) + "\n")
    seal(outputs.recommendation)
    write_text(outputs.markdown, summary_markdown(told))
    seal(outputs.markdown)
    write_text(outputs.brief, brief_text(told))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
