# Input: the config, and the files of the user that it names. Output: the arrays, split once for the
# whole study.


rule dataset:
    """Make the data and split it into training, validation and test samples."""
    input:
        ancient(get_data_files()),
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
        mem_mb=lambda wildcards, input, attempt: int(1000 + 30 * input.size_mb) * attempt,
        runtime=lambda wildcards, input: 5 + int(input.size_mb // 100),
    params:
        code=get_code("dataset"),
        files=get_data_digests,
        dataset=study["dataset"],
        output=describe_output(study["model"]),
    script:
        "../scripts/dataset.py"
