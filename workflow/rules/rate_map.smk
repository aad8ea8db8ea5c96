# Input: the saved histories of all learning rates. Output: the learning-rate map of each recipe that
# has a grid.

tuned = list(filter(has_grid, recipes))

if tuned:

    rule rate_map:
        """Map what each learning rate comes to at each batch size, and how the best ones scale."""
        input:
            trained=rules.convergence.output.trained,
            pace=rules.pace.output.csv,
            convergence=rules.convergence.output.convergence,
        output:
            [
                report(
                    f"<results>/rate_map/{recipe}.csv",
                    category="Tables",
                    labels={"table": f"Learning-rate map, {recipe}"},
                    caption="../report/rate_map.rst",
                )
                for recipe in tuned
            ],
        log:
            "<logs>/rate_map.log",
        benchmark:
            "<benchmarks>/rate_map.tsv"
        conda:
            "../../environment.yml"
        resources:
            mem_mb=get_memory,
            runtime=get_runtime,
        params:
            code=get_code("rate_map"),
            names=get_names,
            settings=study["convergence"],
        script:
            "../scripts/rate_map.py"
