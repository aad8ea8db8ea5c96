# Input: the dataset. Output: the histories of every replicate of a point.


rule train:
    """Train all replicates of one recipe at one batch size."""
    input:
        dataset=rules.dataset.output.arrays,
        code=get_library(
            "training/checkpoint",
            "data/dataset",
            "training/devices",
            "joblog",
            "training/model",
            "training/point",
            "config/recipe",
            "training/retry",
            "training/runs",
            "training/runtime",
            "training/seeds",
            "training/trainer",
        ),
    output:
        history="<results>/train/{recipe}/{batch_size}/history.csv",
        runs="<results>/train/{recipe}/{batch_size}/runs.csv",
        tuning="<results>/train/{recipe}/{batch_size}/tuning.csv",
        job="<results>/train/{recipe}/{batch_size}/job.json",
    log:
        "<logs>/train/{recipe}/{batch_size}.log",
    benchmark:
        "<benchmarks>/train/{recipe}/{batch_size}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=lambda wildcards, attempt: 1500 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
        attempt=lambda wildcards, attempt: attempt,
    params:
        point=get_point,
    script:
        "../scripts/train.py"
