"""What a study costs as it grows: plans, analysis, figures and page, without any training.

Made-up trainings are written by the library's own writer. Each rule's script runs in a fresh
process, and `snakemake` plans the study from nothing, and then finds nothing to do. What of this is
Snakemake's own is seen in a workflow of two rules, with as many jobs. Prints Markdown tables of CPU
seconds and MiB. If a cost grows as n^a, the last column is a, from the two largest
studies.

    python benchmarks/scale.py [--points 8 80] [--replicates 30] [--epochs 100] [--plan]
"""

import argparse
import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from batchscope.config.recipe import effective_batch_size, settle, updates_per_epoch
from batchscope.config.study import load_study, resolve_point
from batchscope.files import seal, write_json, write_point, write_table
from batchscope.results import COMPLETED, HISTORY_COLUMNS, PACE_COLUMNS, RUNS_COLUMNS

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "workflow" / "scripts"
RECIPES = {
    "adam": ("Adam", 0.01),
    "adam_slow": ("Adam", 0.001),
    "sgd": ("SGD", 0.1),
    "sgd_slow": ("SGD", 0.01),
}
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
DEVICE = "CPU: made up"
ROUNDS = 7

# The least that leaves three files of each point, and reads them.
BARE = """
points = range({points})

rule all:
    input: expand("{{point}}/{{file}}", point=points, file=["history.csv", "runs.csv", "job.json"])

rule train:
    output: "{{point}}/history.csv", "{{point}}/runs.csv", "{{point}}/job.json"
    log: "{{point}}.log"
    benchmark: "{{point}}.tsv"
    shell: "touch {{output}}"
"""

# The rules in their order, and what is measured besides.
STAGES = (
    "convergence",
    "law",
    "summary",
    "learning_curves",
    "law_figure",
    "comparison",
    "page",
    "summary_html",
)

STUDY = ("--snakefile", ROOT / "Snakefile", "--configfile", "config/config.yaml")

OF_A_RECIPE = ("learning_curves", "law_figure")


def config(points, replicates, epochs):
    """The config of a study of so many points: of each recipe all batch sizes from 1 up."""
    sizes = points // len(RECIPES)
    samples = max(512, 2 * sizes)
    return {
        "seed": 1,
        "replicates": replicates,
        "epochs": epochs,
        "batch_sizes": list(range(1, sizes + 1)),
        "dataset": {
            "source": "make_blobs",
            "arguments": {"n_samples": 2 * samples, "centers": 3, "random_state": 2},
            "train_size": samples,
        },
        "model": {"layers": [{"Dense": {"units": 3, "activation": "softmax"}}]},
        "recipes": [
            {"name": name, "optimizer": optimizer, "learning_rate": rate}
            for name, (optimizer, rate) in RECIPES.items()
        ],
        "convergence": {"target": {"value": 0.5}},
    }


def write_config(folder, made):
    """Write a config into the folder of a study."""
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(made))


def points_of(study):
    """The resolved points of a study."""
    names = itertools.product((r["name"] for r in study["recipes"]), study["batch_sizes"])
    return [resolve_point(study, *name) for name in names]


def write_study(folder, made):
    """Write what the trainings and the pace of a config's points would leave."""
    points = points_of(load_study(made))
    samples = made["dataset"]["train_size"]
    (folder / "results" / "dataset").mkdir(parents=True)
    (folder / "results" / "dataset" / "dataset.npz").touch()
    dataset = {
        "sha256": "0",
        "sizes": {"train": samples, "validation": samples, "test": 0},
        "features": [2],
        "class_names": ["0", "1", "2"],
        "split": "stratified",
        "split_seed": 1,
        "missing": None,
        "standardized": False,
        "class_weights": None,
    }
    write_json(folder / "results" / "dataset" / "dataset.json", dataset)
    seal(folder / "results" / "dataset" / "dataset.json")
    generator, pace = np.random.default_rng(1), []
    for point in points:
        point = settle(point, samples)
        train = folder / "results" / "train" / point["recipe"] / str(point["batch_size"])
        train.mkdir(parents=True)
        outputs = SimpleNamespace(
            history=train / "history.csv", runs=train / "runs.csv", job=train / "job.json"
        )
        seconds = 0.001 * updates_per_epoch(point["batch_size"], samples)
        write_point(outputs, *_trained(generator, point, samples, seconds))
        name = (DEVICE, point["recipe"], point["batch_size"])
        pace += [
            (*name, turn, 10, seconds * (1 + 0.01 * generator.normal()))
            for turn in range(1, ROUNDS + 1)
        ]
    (folder / "results" / "pace").mkdir()
    rounds = pd.DataFrame(pace, columns=PACE_COLUMNS)
    write_table(folder / "results" / "pace" / "pace.csv", rounds)
    (folder / "results" / "pace" / "pace.json").touch()


def _trained(generator, point, samples, seconds):
    """(history, runs, job) of a point: losses fall to 0.3, the later the larger the batch."""
    size, epochs = point["batch_size"], point["epochs"]
    updates = updates_per_epoch(size, samples)
    history, runs = [], []
    for replicate in range(1, point["replicates"] + 1):
        scale = epochs / 20 * (1 + size / samples * 8) * np.exp(0.2 * generator.normal())
        loss = 0.3 + np.exp(-np.arange(epochs) / scale) + 0.02 * generator.normal(size=(2, epochs))
        loss = loss.astype(np.float32).astype(float)
        share = np.round((1.3 - loss / 2) * samples).clip(0, samples) / samples
        curves = np.stack([loss[0], share[0], loss[1], share[1]], axis=1).tolist()
        for epoch, values in enumerate(curves, start=1):
            history.append((replicate, epoch, epoch * updates, *values))
        took = epochs * seconds
        rate = point["learning_rate"]
        runs.append(
            (
                replicate,
                replicate,
                COMPLETED,
                epochs,
                epochs * updates,
                rate,
                took,
                took,
                took,
                False,
            )
        )
    job = {
        "point": point,
        "dataset_sha256": "0",
        "effective_batch_size": effective_batch_size(size, samples),
        "updates_per_epoch": updates,
        "samples_per_epoch": samples,
        "validation_samples": samples,
        "test_samples": 0,
        "learning_rate": point["learning_rate"],
        "trained_by": "xla",
        "random_layers": [],
        "parameters": 9,
        "device": DEVICE,
        "threads": 1,
        "versions": {},
        "environment": {},
        "peak_memory_mib": 500.0,
        "seconds_per_epoch": seconds * float(np.exp(0.02 * generator.normal())),
    }
    return ((*HISTORY_COLUMNS, *METRICS), history), (RUNS_COLUMNS, runs), job


def outputs_of(stage):
    """The outputs of a rule, as its script takes them; of a rule per recipe, the first's."""

    def named(folder, **names):
        return SimpleNamespace(**{key: f"results/{folder}/{name}" for key, name in names.items()})

    def figures(folder, name):
        return [f"results/{folder}/{name}.{ending}" for ending in ("png", "svg")]

    first = next(iter(RECIPES))
    return {
        "convergence": named(
            "convergence",
            convergence="epochs.csv",
            sensitivity="sensitivity.csv",
            trained="trained.npz",
        ),
        "law": [f"results/scaling/{name}.csv" for name in RECIPES],
        "summary": named(
            "summary",
            csv="summary.csv",
            markdown="summary.md",
            recommendation="recommendation.json",
            brief="answer.txt",
        ),
        "learning_curves": figures("learning_curves", first),
        "law_figure": figures("law", first),
        "comparison": figures("comparison", "recipes"),
        "page": named(".", html="study.html", made_from="study.json"),
        "summary_html": named("summary", html="summary.html"),
    }[stage]


def paths_of(outputs):
    """The Paths of `outputs_of`."""
    return [
        Path(path) for path in (outputs if isinstance(outputs, list) else vars(outputs).values())
    ]


def run_stage(stage):
    """Run the script of a rule on the study in this folder; of a rule per recipe, the first's."""
    spec = importlib.util.spec_from_file_location(stage, SCRIPTS / f"{stage}.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    study = load_study(yaml.safe_load(Path("config/config.yaml").read_text()))
    points = points_of(study)
    names = [(point["recipe"], point["batch_size"]) for point in points]
    inputs = SimpleNamespace(
        pace="results/pace/pace.csv",
        dataset="results/dataset/dataset.json",
        convergence="results/convergence/epochs.csv",
        sensitivity="results/convergence/sensitivity.csv",
        scaling=[f"results/scaling/{name}.csv" for name in RECIPES],
        rate_maps=[],
        recommendation="results/summary/recommendation.json",
        markdown="results/summary/summary.md",
        trained="results/convergence/trained.npz",
    )
    params = SimpleNamespace(
        train="results/train",
        names=names,
        points=points,
        settings=study["convergence"],
        missing=[],
        recipes=study["recipes"],
        config=study,
    )
    outputs = outputs_of(stage)
    for path in paths_of(outputs):
        path.parent.mkdir(parents=True, exist_ok=True)
    if stage == "comparison":
        script.main("results/summary/summary.csv", outputs)
    elif stage == "law_figure":
        script.main(inputs.scaling[0], outputs)
    elif stage == "learning_curves":
        params.names = [name for name in names if name[0] == names[0][0]]
        script.main(inputs, outputs, params)
    elif stage == "page":
        script.main(inputs, outputs, params, 1)
    else:
        script.main(inputs, outputs, params)
    if stage in OF_A_RECIPE:
        # Those of the other recipes are as large.
        for path, name in itertools.product(paths_of(outputs), list(RECIPES)[1:]):
            shutil.copy(path, path.with_stem(name))


def write_empty(folder):
    """Write empty files in place of what the stages leave."""
    for stage in STAGES:
        for path in paths_of(outputs_of(stage)):
            names = RECIPES if stage in OF_A_RECIPE else [path.stem]
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            for name in names:
                (folder / path.with_stem(name)).touch()


def measured(command, folder):
    """Run a command in a folder: (its output, CPU seconds, MiB of its peak)."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(map(str, command))}\n{output}")
    return output, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def snakemake(folder, *arguments, files=STUDY):
    """Run Snakemake in a folder on the study, or on other `files`; as of `measured`."""
    # Its executor that marks files as made would wait a tenth of a second for each.
    start = (
        "from snakemake.executors import touch; touch.Executor.SLEEPING_TIME = 0; "
        "from snakemake.cli import main; main()"
    )
    return measured(
        [sys.executable, "-c", start, *files, "--cores", "1", "--quiet", *arguments], folder
    )


def costs(points, replicates, epochs, stages):
    """What each stage of a study costs: dict stage -> (CPU seconds, MiB)."""
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder, made = Path(temporary), config(points, replicates, epochs)
        write_config(folder, made)
        found["plan from nothing"] = snakemake(folder, "--dry-run")[1:]
        write_study(folder, made)
        if not stages:
            # A plan looks at names and dates alone.
            write_empty(folder)
        for stage in stages:
            _, *found[stage] = measured(
                [sys.executable, Path(__file__).resolve(), "--stage", stage], folder
            )
        found["nothing to do"] = nothing_to_do(folder, STUDY)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "Snakefile").write_text(BARE.format(points=points))
        for point in range(points):
            (folder / str(point)).mkdir()
            for file in ("history.csv", "runs.csv", "job.json"):
                (folder / str(point) / file).touch()
        found["nothing to do, two rules"] = nothing_to_do(folder, ["--snakefile", "Snakefile"])
    return found


def nothing_to_do(folder, files):
    """What it costs that Snakemake finds nothing to do, once it knows how all was made: (CPU
    seconds, MiB)."""
    snakemake(folder, "--touch", "--forceall", files=files)
    output, *cost = snakemake(folder, files=files)
    if "Nothing to be done" not in output:
        raise SystemExit(f"expected nothing to do. Received:\n{output}")
    return cost


def table(found, number, digits):
    """A Markdown table of one of the numbers of `costs`, a row per stage, a column per study."""
    sizes = list(found)
    print(f"\n| stage | {' | '.join(f'{size:,} points' for size in sizes)} | exponent |")
    print("|---|" + "---:|" * (len(sizes) + 1))
    for stage in found[sizes[0]]:
        values = [found[size][stage][number] for size in sizes]
        exponent = "-"
        if len(sizes) > 1:
            exponent = f"{np.log(values[-1] / values[-2]) / np.log(sizes[-1] / sizes[-2]):.1f}"
        print(f"| {stage} | {' | '.join(f'{v:,.{digits}f}' for v in values)} | {exponent} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[8, 80])
    parser.add_argument("--replicates", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--plan", action="store_true", help="measure what Snakemake does alone")
    parser.add_argument("--stage", choices=STAGES, help="run it alone, in the study of this folder")
    given = parser.parse_args()
    if given.stage:
        return run_stage(given.stage)
    stages = () if given.plan else STAGES
    found = {size: costs(size, given.replicates, given.epochs, stages) for size in given.points}
    print(f"{given.replicates} replicates of {given.epochs} epochs.\n\nCPU seconds:")
    table(found, 0, 1)
    print("\nLargest memory, MiB:")
    table(found, 1, 0)


if __name__ == "__main__":
    main()
