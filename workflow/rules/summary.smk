# Input: everything saved of every point. Output: the summary table, its sentences, the
# recommendation.


rule summary:
    """Merge what each point is, cost and reached into one table, and say which size to take."""
    input:
        trained=rules.convergence.output.trained,
        pace=[] if "histories" in study else rules.pace.output.csv,
        convergence=rules.convergence.output.convergence,
        sensitivity=rules.convergence.output.sensitivity,
        scaling=rules.law.output,
        rate_maps=rules.rate_map.output if tuned else [],
    output:
        csv=report(
            "<results>/summary/summary.csv",
            category="Tables",
            labels={"table": "Summary"},
            caption="../report/summary.rst",
        ),
        markdown="<results>/summary/summary.md",
        recommendation="<results>/summary/recommendation.json",
        brief="<results>/summary/answer.txt",
    log:
        "<logs>/summary.log",
    benchmark:
        "<benchmarks>/summary.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=get_memory,
        runtime=get_runtime,
    params:
        code=get_code("summary"),
        names=get_names,
        missing=missing,
        recipes=study["recipes"],
        settings=study["convergence"],
    script:
        "../scripts/summary.py"
