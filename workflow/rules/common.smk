import gc

from batchscope.config import paths
from batchscope.config.history_files import find_files
from batchscope.config.losses import describe_output
from batchscope.config.recipe import kind
from batchscope.config.results_folder import hold_folder
from batchscope.config.study import (
    check_files,
    check_folders,
    find_points,
    load_study,
    resolve_point,
)
from batchscope.sources import digest, file_digest

# The plan of thousands of jobs is no garbage. Python looks through it for some again and again, which
# takes a third of the time: not before the first job starts, and then not through the plan. As a
# module, this workflow leaves that as it is.
if workflow.modifier.is_main_snakefile():
    gc.disable()

# Paths in a config are relative to it.
FOLDER = Path(workflow.configfiles[-1]).parent if workflow.configfiles else Path()

try:
    study = load_study(config, FOLDER)
    # As a module: a file that is missing may be the output of another rule.
    if workflow.modifier.is_main_snakefile():
        check_files(study)
        # A job finds the folders of its output made.
        if workflow.is_main_process:
            check_folders(study, FOLDER)
    points, missing = find_points(study)
except ConfigError as error:
    raise WorkflowError(str(error)) from None

# A signal shall meet the training: a shell in between could die of it first, or alone. As a module,
# this workflow leaves the shell as it is.
if workflow.modifier.is_main_snakefile():
    shell.prefix("set -euo pipefail; exec ")

# Which devices `advise` tells of is no part of what was done, and neither is what was allowed in vain.
left_out = {"devices"} if missing else {"devices", "allow_missing"}
done = {key: value for key, value in study.items() if key not in left_out}


# Neither a dry run nor a plan without jobs comes here, and a job has no hooks.
onstart:
    global lock
    gc.freeze()
    gc.enable()
    try:
        lock = hold_folder(study)
    except ConfigError as error:
        raise WorkflowError(str(error)) from None


recipes = list(dict.fromkeys(recipe for recipe, _ in points))


wildcard_constraints:
    recipe="[a-z0-9_]+",
    batch_size="[0-9]+",


def get_code(rule):
    """Digest of a rule's script and library modules; a change of it reruns the rule."""
    # Snakemake shows what has changed by its value alone.
    return "code " + digest(SCRIPTS / f"{rule}.py")[:16]


def get_data_files():
    """The files of the user that the dataset is made of."""
    return [path for key, path in paths.files(study).items() if key.startswith("dataset.")]


def get_data_digests(wildcards):
    """Digests of `get_data_files`: by their bytes they decide a result, not by their dates."""
    # A change of what is told by a function of `input` would rerun nothing.
    return [file_digest(file) for file in get_data_files() if Path(file).is_file()]


def get_model(wildcards):
    """The model, if there is one; that of a file is its bytes, not its date."""
    model = study.get("model", {})
    known = "file" in model and Path(model["file"]).is_file()
    return model | ({"sha256": file_digest(model["file"])} if known else {})


def get_point(wildcards):
    """What decides this point's result; a change of it reruns this point alone."""
    whole = study | {"model": get_model(wildcards)}
    return resolve_point(whole, wildcards.recipe, int(wildcards.batch_size))


def get_points(wildcards):
    """What decides the results of the points of `get_names`."""
    whole = study | {"model": get_model(wildcards)}
    return [resolve_point(whole, *name) for name in get_names(wildcards)]


def get_histories(wildcards):
    """The files of a point. A date tells nothing of what is in them."""
    found = find_files(study["histories"]["files"], wildcards.recipe, int(wildcards.batch_size))
    return [local(ancient(path)) for [path] in found.values()]


def get_history_digests(wildcards):
    """Digests of `get_histories`; a change of one imports this point again."""
    # Snakemake does not compare params of functions that ask for the input.
    return [file_digest(path) for path in get_histories(wildcards)]


def get_names(wildcards):
    """The points' names (recipe, batch size), of one recipe or of all, in the config's order."""
    chosen = [wildcards["recipe"]] if "recipe" in wildcards.keys() else recipes
    return [(recipe, batch_size) for recipe, batch_size in points if recipe in chosen]


def get_trained(wildcards):
    """What the trainings of `get_names` leave."""
    return [
        f"<results>/train/{recipe}/{batch_size}/{file}"
        for recipe, batch_size in get_names(wildcards)
        for file in ("history.csv", "runs.csv", "job.json")
    ]


def has_grid(recipe):
    """Whether a recipe is trained at several learning rates, at some batch size at least."""
    own = (resolve_point(study, *name) for name in get_names({"recipe": recipe}))
    return any(kind(point["learning_rate"]) == "grid" for point in own)


def get_jobs(wildcards):
    """What the trainings of all points say of themselves."""
    return [f"<results>/train/{recipe}/{size}/job.json" for recipe, size in get_names({})]


def get_memory(wildcards, attempt):
    """MB to analyse all points: 100 kB for each, and 40 bytes for each replicate's epoch."""
    # How long imported trainings are is not known.
    if "histories" in study:
        return 1000 * attempt
    rates = [recipe["learning_rate"] for recipe in study["recipes"]]
    trained = sum(len(rate["grid"]) if kind(rate) == "grid" else 1 for rate in rates)
    rows = trained * len(study["batch_sizes"])
    epochs = rows * study["replicates"] * study["epochs"]
    return (900 + rows // 10 + epochs * 40 // 10**6) * attempt


def get_runtime(wildcards, attempt):
    """Minutes to analyse all points: a second for each, and ten minutes."""
    return (10 + len(points) // 60) * attempt


def get_train_folder(wildcards, input):
    """The folder of the trainings. Pathvars, modules and storages move it with the files in it."""
    return str(Path(input.trained[0]).parents[2])
