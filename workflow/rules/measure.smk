# Input: the dataset, and how the model of a file is trained. Output: what an update takes on this
# device at each batch size. Nothing asks for it but a user: `snakemake measure`.


rule measure:
    """Time every point on this device, without training it, and find the largest batch that fits."""
    input:
        dataset=rules.dataset.output.arrays,
        description=rules.dataset.output.description,
        model=model_file,
        way=rules.probe.output.way if model_file else [],
    output:
        json="<results>/measure/device.json",
    log:
        "<logs>/measure.log",
    benchmark:
        "<benchmarks>/measure.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=lambda wildcards, attempt: (1500 + 20 * len(get_names({}))) * attempt,
        runtime=lambda wildcards, attempt: (60 + len(get_names({})) // 6) * attempt,
    params:
        code=get_code("measure"),
        points=get_points,
    script:
        "../scripts/measure.py"
