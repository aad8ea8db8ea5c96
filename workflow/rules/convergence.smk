# Input: the saved histories, and the pace. Output: the convergence epochs of every run.


rule convergence:
    """Find each run's convergence epoch by both definitions, and under other targets."""
    input:
        trained=get_trained,
        # Histories from elsewhere are of data that is not here, and of an unknown pace.
        pace=[] if "histories" in study else rules.pace.output.csv,
        dataset=[] if "histories" in study else rules.dataset.output.description,
    output:
        convergence="<results>/convergence/epochs.csv",
        sensitivity="<results>/convergence/sensitivity.csv",
    log:
        "<logs>/convergence.log",
    benchmark:
        "<benchmarks>/convergence.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=get_code("convergence"),
        train=get_train_folder,
        points=get_points,
        settings=study["convergence"],
    script:
        "../scripts/convergence.py"
