# Input: the dataset, and how the model of a file is trained. Output: the histories of every replicate
# of a point.


rule train:
    """Train all replicates of one recipe at one batch size."""
    input:
        dataset=rules.dataset.output.arrays,
        description=rules.dataset.output.description,
        model=model_file,
        way=rules.probe.output.way if model_file else [],
    output:
        history="<results>/train/{recipe}/{batch_size}/history.csv",
        runs="<results>/train/{recipe}/{batch_size}/runs.csv",
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
        code=get_code("train"),
        point=get_point,
    script:
        "../scripts/train.py"
