"""Writes summary.md as a file of HTML, with its figures and the methods of the study."""

import os
from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params):
    """Write summary.html.

    Args:
        inputs: the rule's: markdown; recommendation; dataset, empty of a study of histories;
            trained.
        outputs: the rule's: html.
        params: the rule's: names, (recipe, batch size) of each point; config, the whole study.
    """
    from batchscope.files import check_seal, read_json, read_sealed, write_text
    from batchscope.members import read_jobs
    from batchscope.naming import naming
    from batchscope.report.methods.section import methods_section
    from batchscope.report.rendered import summary_html

    answer = read_json(inputs.recommendation)
    dataset = read_json(inputs.dataset) if inputs.dataset else None
    jobs = read_jobs(inputs.trained, params.names)
    methods = methods_section(params.config, dataset, jobs, answer)

    def read_figure(name):
        path = os.path.normpath(Path(inputs.markdown).parent / name)
        check_seal(path)
        with naming(path):
            return Path(path).read_bytes()

    text = read_sealed(inputs.markdown)
    write_text(outputs.html, summary_html(text, methods, answer, read_figure))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
