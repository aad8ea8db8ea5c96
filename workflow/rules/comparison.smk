# Input: the summary table. Output: a figure of all recipes.


rule comparison:
    """Draw the recipes beside each other: seconds to the target and best validation loss."""
    input:
        table=rules.summary.output.csv,
    output:
        png=report(
            "<results>/comparison/recipes.png",
            category="Comparison",
            labels={"figure": "All recipes"},
            caption="../report/comparison.rst",
        ),
        svg="<results>/comparison/recipes.svg",
    log:
        "<logs>/comparison.log",
    benchmark:
        "<benchmarks>/comparison.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=get_code("comparison"),
        # For the caption.
        settings=study["convergence"],
    script:
        "../scripts/comparison.py"
