# Input: the dataset and the model of a file. Output: how it is trained, and a report.

# A study of layers has nothing to probe. The file is the user's: no prefix or storage moves it.
model_file = ancient(local(study["model"]["file"])) if "file" in study["model"] else []

if model_file:

    rule probe:
        """Say all that is wrong with the model before it is trained, or how it is trained best."""
        input:
            dataset=rules.dataset.output.arrays,
            description=rules.dataset.output.description,
            model=model_file,
        output:
            way="<results>/probe/way.json",
            report="<results>/probe/probe.json",
        log:
            "<logs>/probe.log",
        benchmark:
            "<benchmarks>/probe.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            gpu=1,
            mem_mb=lambda wildcards, attempt: 1500 * attempt,
            runtime=lambda wildcards, attempt: 30 * attempt,
            attempt=lambda wildcards, attempt: attempt,
        params:
            code=get_code("probe"),
            model=get_model,
        script:
            "../scripts/probe.py"
