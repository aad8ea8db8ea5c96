# Input: the saved histories, and the pace. Output: the convergence epochs of every run, and all that
# the trainings left in one file, which the rules after this one read.


rule convergence:
    """Find each run's convergence epoch by both definitions, and under other targets."""
    input:
        trained=get_trained,
        # Histories from elsewhere are of data that is not here, and of an unknown pace.
        pace=[] if "histories" in study else rules.pace.output.csv,
        dataset=[] if "histories" in study else rules.dataset.output.description,
    output:
        convergence=report(
            "<results>/convergence/epochs.csv",
            category="Tables",
            labels={"table": "Convergence of each run"},
            caption="../report/convergence.rst",
        ),
        sensitivity=report(
            "<results>/convergence/sensitivity.csv",
            category="Tables",
            labels={"table": "Convergence under other targets"},
            caption="../report/sensitivity.rst",
        ),
        trained="<results>/convergence/trained.npz",
    log:
        "<logs>/convergence.log",
    benchmark:
        "<benchmarks>/convergence.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=get_memory,
        runtime=get_runtime,
    params:
        code=get_code("convergence"),
        train=get_train_folder,
        points=get_points,
        settings=study["convergence"],
    script:
        "../scripts/convergence.py"
