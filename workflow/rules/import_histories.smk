# Input: histories that were recorded elsewhere. Output: what `train` writes of a point.
import hashlib

from batchscope.config.history_files import find_files


def get_histories(wildcards):
    """The files of a point. A date tells nothing of what is in them."""
    found = find_files(study["histories"]["files"], wildcards.recipe, int(wildcards.batch_size))
    return [local(ancient(path)) for [path] in found.values()]


def get_contents(wildcards):
    """A digest of what is in the files; a change of it imports this point again."""
    # Snakemake does not compare params of functions that ask for the input.
    contents = (Path(path).read_bytes() for path in get_histories(wildcards))
    return "files " + " ".join(hashlib.sha256(content).hexdigest()[:16] for content in contents)


rule import_histories:
    """Write the histories of one recipe at one batch size as `train` does."""
    input:
        get_histories,
    output:
        history="<results>/train/{recipe}/{batch_size}/history.csv",
        runs="<results>/train/{recipe}/{batch_size}/runs.csv",
        tuning="<results>/train/{recipe}/{batch_size}/tuning.csv",
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
        contents=get_contents,
    script:
        "../scripts/import_histories.py"
