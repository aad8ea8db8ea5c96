# Plain `snakemake` works from the repository's root.
include: "workflow/Snakefile"


workflow.default_target = "all"
