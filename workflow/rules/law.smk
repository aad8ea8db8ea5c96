# Input: when each run got to the target, and the pace. Output: the batch-size law of each recipe.


rule law:
    """Fit the batch-size law to each recipe's updates to the target."""
    input:
        trained=rules.convergence.output.trained,
        pace=[] if "histories" in study else rules.pace.output.csv,
        convergence=rules.convergence.output.convergence,
    output:
        [
            report(
                f"<results>/scaling/{recipe}.csv",
                category="Tables",
                labels={"table": f"Batch-size law, {recipe}"},
                caption="../report/law.rst",
            )
            for recipe in recipes
        ],
    log:
        "<logs>/law.log",
    benchmark:
        "<benchmarks>/law.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=get_memory,
        runtime=get_runtime,
    params:
        code=get_code("law"),
        names=get_names,
        settings=study["convergence"],
    script:
        "../scripts/law.py"
