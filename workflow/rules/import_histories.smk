# Input: histories that were recorded elsewhere. Output: what `train` writes of a point.


rule import_histories:
    """Write the histories of one recipe at one batch size as `train` does."""
    input:
        get_histories,
    output:
        history="<results>/train/{recipe}/{batch_size}/history.csv",
        runs="<results>/train/{recipe}/{batch_size}/runs.csv",
        job="<results>/train/{recipe}/{batch_size}/job.json",
    log:
        "<logs>/import_histories/{recipe}/{batch_size}.log",
    benchmark:
        "<benchmarks>/import_histories/{recipe}/{batch_size}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=get_code("import_histories"),
        point=get_point,
        files=get_history_digests,
    script:
        "../scripts/import_histories.py"
