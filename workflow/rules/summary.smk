# Input: everything saved of every point. Output: the summary table.


rule summary:
    """Merge what each point is, cost and reached into one table with its sentences."""
    input:
        histories=get_trained("history.csv"),
        runs=get_trained("runs.csv"),
        jobs=get_trained("job.json"),
        epochs=rules.convergence.output[0],
        code=get_library(
            "claims",
            "convergence",
            "histories",
            "intervals",
            "joblog",
            "markdown",
            "summary",
            "wording",
        ),
    output:
        csv=report(
            "<results>/summary/summary.csv",
            category="Summary",
            caption="../report/summary.rst",
        ),
        markdown="<results>/summary/summary.md",
    log:
        "<logs>/summary.log",
    benchmark:
        "<benchmarks>/summary.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        points=get_points,
    script:
        "../scripts/summary.py"
