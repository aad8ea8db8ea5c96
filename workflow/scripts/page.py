"""Writes the study page."""

import json
import os
from pathlib import Path

from batchscope import joblog


def main(inputs, outputs, params, threads):
    """Write study.html and study.json.

    Args:
        inputs: the rule's: trained; pace and dataset, empty of a study of histories; convergence;
            recommendation; scaling, a file per recipe, named after it; rate_maps, likewise, of
            recipes with a grid.
        outputs: the rule's: html; made_from, what the study was made from.
        params: the rule's: names, (recipe, batch size) of each point; config, the whole study.
        threads: how many processes share the work.
    """
    # Processes share the work. Threads of BLAS in each of them would wait for each other.
    os.environ["OMP_NUM_THREADS"] = "1"
    from batchscope.analysis.curves import chosen_points
    from batchscope.analysis.drawn_curves import drawn_points, thinned_points
    from batchscope.analysis.retarget import target_grids, targets_of, under_grids
    from batchscope.analysis.shown import answer_of, most_on_page, shown_points
    from batchscope.files import read_json, seal, write_text
    from batchscope.integrity import read_table
    from batchscope.members import read_jobs
    from batchscope.report.page.content import page_content
    from batchscope.report.page.document import study_page
    from batchscope.report.page.provenance import provenance
    from batchscope.saved_pace import read_pace
    from batchscope.trained import read_points

    settings = params.config["convergence"]
    target, convergence = settings["target"], read_table(inputs.convergence)
    answer = read_json(inputs.recommendation)
    names = shown_points(params.names, answer, most_on_page(answer["intervals"]["replicates"]))
    # Other targets are told at the learning rates that the study takes for its own.
    saved = chosen_points(read_points(inputs.trained, names), convergence)
    convergence = convergence[convergence["chosen"]]
    laws = {Path(path).stem: read_table(path) for path in inputs.scaling}
    points = drawn_points(saved, target["hold"])
    pace = read_pace(inputs.pace)
    grids = target_grids(points, convergence, settings)
    points = thinned_points(points, targets_of(grids, target["metric"], answer))
    content = page_content(
        saved[0].shown,
        target["metric"],
        points,
        (answer_of(names, answer), laws),
        under_grids(saved, pace, convergence, grids, threads),
        {Path(path).stem: read_table(path) for path in inputs.rate_maps},
    )
    dataset = read_json(inputs.dataset) if inputs.dataset else None
    jobs = read_jobs(inputs.trained, params.names)
    made_from = provenance(params.config, dataset, jobs)
    write_text(outputs.made_from, json.dumps(made_from, indent=2, allow_nan=False) + "\n")
    seal(outputs.made_from)
    write_text(outputs.html, study_page(content, answer, target["hold"], made_from))


if "snakemake" in globals():
    joblog.redirect(snakemake.log[0])
    main(snakemake.input, snakemake.output, snakemake.params, snakemake.threads)
