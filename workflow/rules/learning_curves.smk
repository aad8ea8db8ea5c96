# Input: one recipe's histories and convergence epochs. Output: its figure.


rule learning_curves:
    """Draw one recipe's learning curves, a panel per batch size."""
    input:
        trained=rules.convergence.output.trained,
        convergence=rules.convergence.output.convergence,
    output:
        png=report(
            "<results>/learning_curves/{recipe}.png",
            category="Figures",
            labels={"recipe": "{recipe}", "figure": "Learning curves"},
            caption="../report/learning_curves.rst",
        ),
        svg="<results>/learning_curves/{recipe}.svg",
    log:
        "<logs>/learning_curves/{recipe}.log",
    benchmark:
        "<benchmarks>/learning_curves/{recipe}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=get_code("learning_curves"),
        names=get_names,
        # For the caption.
        settings=study["convergence"],
    script:
        "../scripts/learning_curves.py"
