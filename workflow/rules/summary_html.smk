# Input: the summary's sentences, its figures, and what the trainings say of themselves. Output: the
# summary as one file for the browser, with the methods of the study.


rule summary_html:
    """Show the summary in a browser: the answer first, figures and methods in the file."""
    input:
        markdown=rules.summary.output.markdown,
        recommendation=rules.summary.output.recommendation,
        dataset=[] if "histories" in study else rules.dataset.output.description,
        trained=rules.convergence.output.trained,
        figures=[
            *expand(
                "<results>/{figure}/{recipe}.png",
                figure=["learning_curves", "law"],
                recipe=recipes,
            ),
            *expand("<results>/rate_map/{recipe}.png", recipe=tuned),
            *([rules.comparison.output.png] if len(recipes) > 1 else []),
        ],
    output:
        html=report(
            "<results>/summary/summary.html",
            category="Answer",
            labels={"page": "Summary"},
            caption="../report/summary_html.rst",
        ),
    log:
        "<logs>/summary_html.log",
    benchmark:
        "<benchmarks>/summary_html.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=get_memory,
        runtime=10,
    params:
        code=get_code("summary_html"),
        names=get_names,
        config=done,
    script:
        "../scripts/summary_html.py"
