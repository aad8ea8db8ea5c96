"""Writes summary.md as a file of HTML, with its figures and the methods of the study."""

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
    from batchscope.files import read_json, read_sealed, write_text
    from batchscope.members import read_jobs
    from batchscope.report.methods.section import methods_section
    from batchscope.report.rendered import summary_html

    answer = read_json(inputs.recommendation)
    dataset = read_json(inputs.dataset) if inputs.dataset else None
    jobs = read_jobs(inputs.trained, params.names)
    methods = methods_section(params.config, dataset, jobs, answer)
    path = Path(inputs.markdown)
    write_text(outputs.html, summary_html(read_sealed(path), methods, answer, path.parent))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params)
