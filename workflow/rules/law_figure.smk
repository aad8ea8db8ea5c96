# Input: one recipe's scaling table. Output: its figure.


rule law_figure:
    """Draw epochs, updates and seconds to the target, with the law fitted to them."""
    input:
        table="<results>/scaling/{recipe}.csv",
    output:
        png=report(
            "<results>/law/{recipe}.png",
            category="Figures",
            labels={"recipe": "{recipe}", "figure": "Batch-size law"},
            caption="../report/law_figure.rst",
        ),
        svg="<results>/law/{recipe}.svg",
    log:
        "<logs>/law_figure/{recipe}.log",
    benchmark:
        "<benchmarks>/law_figure/{recipe}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=get_code("law_figure"),
        # For the caption.
        settings=study["convergence"],
    script:
        "../scripts/law_figure.py"
