# Input: everything saved of every point, and the recommendation. Output: the study page.


rule page:
    """Write the page: the answer, the curves, and what another target would change."""
    input:
        trained=rules.convergence.output.trained,
        pace=[] if "histories" in study else rules.pace.output.csv,
        convergence=rules.convergence.output.convergence,
        scaling=rules.law.output,
        rate_maps=rules.rate_map.output if tuned else [],
        recommendation=rules.summary.output.recommendation,
        dataset=[] if "histories" in study else rules.dataset.output.description,
    output:
        html=report(
            "<results>/study.html",
            category="Answer",
            labels={"page": "Study page"},
            caption="../report/page.rst",
        ),
        made_from="<results>/study.json",
    log:
        "<logs>/page.log",
    benchmark:
        "<benchmarks>/page.tsv"
    conda:
        "../../environment.yml"
    # Other targets are computed side by side.
    threads: 2
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=get_code("page"),
        names=get_names,
        config=done,
    script:
        "../scripts/page.py"
