# Input: one recipe's learning-rate map. Output: its figure.


rule rate_map_figure:
    """Draw loss and time to the target against learning rate, and the best rate against batch size."""
    input:
        table="<results>/rate_map/{recipe}.csv",
    output:
        png=report(
            "<results>/rate_map/{recipe}.png",
            category="Learning-rate maps",
            labels={"recipe": "{recipe}"},
            caption="../report/rate_map_figure.rst",
        ),
        svg="<results>/rate_map/{recipe}.svg",
    log:
        "<logs>/rate_map_figure/{recipe}.log",
    benchmark:
        "<benchmarks>/rate_map_figure/{recipe}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=get_code("rate_map_figure"),
        # For the caption.
        settings=study["convergence"],
    script:
        "../scripts/rate_map_figure.py"
