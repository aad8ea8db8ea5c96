# Input: the config. Output: the arrays, split once for the whole study.


rule dataset:
    """Make the data and split it into training and validation samples."""
    output:
        arrays="<results>/dataset/dataset.npz",
        description="<results>/dataset/dataset.json",
    log:
        "<logs>/dataset.log",
    benchmark:
        "<benchmarks>/dataset.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=get_code("dataset"),
        dataset=study["dataset"],
    script:
        "../scripts/dataset.py"
