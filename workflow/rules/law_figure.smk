# Input: one recipe's scaling table. Output: its figure.


rule law_figure:
    """Draw epochs, updates and seconds to the target, with the law fitted to them."""
    input:
        table="<results>/scaling/{recipe}.csv",
    output:
        png=report(
            "<results>/law/{recipe}.png",
            category="Batch-size law",
            labels={"recipe": "{recipe}"},
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
    script:
        "../scripts/law_figure.py"
