# Input: everything saved of every point, and what was measured on other devices. Output: which batch
# size to take on which device. Nothing asks for it but a user: `snakemake advise`.


rule advise:
    """Say which batch size is best on each device, and what a run to the target costs there."""
    input:
        trained=rules.convergence.output.trained,
        pace=rules.pace.output.csv,
        convergence=rules.convergence.output.convergence,
        # The user's files: no prefix or storage moves them.
        devices=[local(device["measured"]) for device in study["devices"] if "measured" in device],
    output:
        json="<results>/advice/advice.json",
        markdown="<results>/advice/advice.md",
    log:
        "<logs>/advise.log",
    benchmark:
        "<benchmarks>/advise.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=get_memory,
        runtime=get_runtime,
    params:
        code=get_code("advise"),
        names=get_names,
        settings=study["convergence"],
        devices=study["devices"],
    script:
        "../scripts/advise.py"
