# Input: the dataset, which points fitted into memory, and the model of a file. Output: what an epoch
# takes at each.


rule pace:
    """Measure the seconds of an epoch at every point, in rounds over all of them."""
    input:
        dataset=rules.dataset.output.arrays,
        description=rules.dataset.output.description,
        jobs=get_jobs,
        model=model_file,
    output:
        csv=report(
            "<results>/pace/pace.csv",
            category="Tables",
            labels={"table": "Seconds of an epoch"},
            caption="../report/pace.rst",
        ),
        json="<results>/pace/pace.json",
    log:
        "<logs>/pace.log",
    benchmark:
        "<benchmarks>/pace.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        gpu=1,
        # All programs are compiled one after the other, and in memory at once.
        mem_mb=lambda wildcards, attempt: (1500 + 20 * len(get_names({}))) * attempt,
        runtime=lambda wildcards, attempt: (60 + len(get_names({})) // 6) * attempt,
        attempt=lambda wildcards, attempt: attempt,
    params:
        code=get_code("pace"),
        model=get_model,
    script:
        "../scripts/pace.py"
