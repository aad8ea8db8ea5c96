"""A finished study whose jobs can be run again one by one, to be broken."""

import contextlib
import json
import os
from pathlib import Path

import pandas as pd
from faulty_jobs import Jobs
from histories import keras_file
from model_files import settings_of

from batchscope.config.losses import describe_output
from batchscope.config.study import load_study, resolve_point

CONFIG = {
    "replicates": 3,
    "epochs": 2,
    "batch_sizes": [4, 16],
    "dataset": {
        "source": "make_blobs",
        "arguments": {"n_samples": 40, "centers": 3, "random_state": 2},
        "train_size": 20,
    },
    "model": {"layers": [{"Dense": {"units": 3, "activation": "softmax"}}]},
    "recipes": [
        {"name": "adam", "optimizer": "Adam", "learning_rate": 0.01},
        {"name": "tuned", "optimizer": "SGD", "learning_rate": {"grid": [0.1, 1.0]}},
    ],
    "convergence": {"target": {"value": 2.0, "hold": 1}},
    "devices": [{"price_per_hour": 1.0}, {"measured": "device.json"}],
}
# What `probe` tries. The study trains a model of layers, which has no such job.
MODEL = """
import keras


def build_model(input_shape, outputs):
    layers = [keras.layers.Input(input_shape), keras.layers.Dense(outputs, activation="softmax")]
    return keras.Sequential(layers)
"""

# What `import_histories` takes, in place of `train`.
IMPORTED = {
    "batch_sizes": [4],
    "histories": {
        "files": "histories/{recipe}-{batch_size}-{replicate}.csv",
        "train_samples": 20,
    },
    "recipes": [{"name": "sgd", "optimizer": "SGD", "learning_rate": 0.1}],
}


def study_jobs(folder):
    """Every job of the study in a folder, in an order in which they can run."""
    study = load_study(CONFIG)
    recipes, settings = [r["name"] for r in study["recipes"]], study["convergence"]
    names = [(recipe, size) for recipe in recipes for size in study["batch_sizes"]]
    done = {key: value for key, value in study.items() if key != "devices"}
    common = {"names": names, "settings": settings}
    dataset = {"arrays": "dataset/dataset.npz", "description": "dataset/dataset.json"}
    # Of `dataset`, as the jobs that train name them.
    data = {"dataset": dataset["arrays"], "description": dataset["description"]}
    epochs = {
        "convergence": "convergence/epochs.csv",
        "sensitivity": "convergence/sensitivity.csv",
        "trained": "convergence/trained.npz",
    }
    laws = [f"scaling/{recipe}.csv" for recipe in recipes]
    measured = {"pace": "pace/pace.csv"} | epochs
    answer = {"markdown": "summary/summary.md", "recommendation": "summary/recommendation.json"}
    rate_map = ["rate_map/tuned.csv"]
    described = {"dataset": "dataset/dataset.json"}
    of_answer = measured | answer | described | {"scaling": laws, "rate_maps": rate_map}

    def figure(name):
        return {"png": f"{name}.png", "svg": f"{name}.svg"}

    jobs = {
        "dataset": (
            {},
            dataset,
            {"dataset": study["dataset"], "output": describe_output(study["model"])},
        )
    }
    for recipe, size in names:
        point = f"train/{recipe}/{size}"
        jobs[f"train {recipe} {size}"] = (
            data | {"way": []},
            {
                "history": f"{point}/history.csv",
                "runs": f"{point}/runs.csv",
                "job": f"{point}/job.json",
            },
            {"point": resolve_point(study, recipe, size)},
        )
    histories = [f"histories/sgd-4-{replicate}.csv" for replicate in (1, 2)]
    for file in histories:
        keras_file(folder / file, [0.9, 0.5])
    jobs["import_histories"] = (
        histories,
        {file: f"imported/{file}.csv" for file in ("history", "runs")}
        | {"job": "imported/job.json"},
        {"point": resolve_point(load_study(IMPORTED, folder), "sgd", 4)},
    )
    points = [resolve_point(study, *name) for name in names]
    of_points = [f"train/{recipe}/{size}/job.json" for recipe, size in names]
    device = {"json": "measure/device.json"}
    (folder / "model.py").write_text(MODEL)
    jobs |= {
        "probe": (
            data | {"model": "model.py"},
            {"way": "probe/way.json", "report": "probe/probe.json"},
            {"model": settings_of(folder / "model.py")},
        ),
        "pace": (
            data | {"jobs": of_points},
            {"csv": "pace/pace.csv", "json": "pace/pace.json"},
            {},
        ),
        "measure": (data | {"way": []}, device, {"points": points}),
        "convergence": (
            {"pace": measured["pace"]} | described,
            epochs,
            {"train": f"{folder}/train", "points": points, "settings": settings},
        ),
        "law": (measured, laws, common),
        "rate_map": (measured, rate_map, common),
        "summary": (
            of_answer,
            answer | {"csv": "summary/summary.csv", "brief": "summary/answer.txt"},
            common | {"recipes": study["recipes"], "missing": []},
        ),
    }
    for recipe, law in zip(recipes, laws, strict=True):
        own = common | {"names": [name for name in names if name[0] == recipe]}
        jobs[f"learning_curves {recipe}"] = (measured, figure(f"learning_curves/{recipe}"), own)
        jobs[f"law_figure {recipe}"] = ({"table": law}, figure(f"law/{recipe}"), {})
    jobs |= {
        "rate_map_figure": ({"table": rate_map[0]}, figure("rate_map/tuned"), {}),
        "comparison": ({"table": "summary/summary.csv"}, figure("comparison/recipes"), {}),
        "page": (
            of_answer,
            {"html": "study.html", "made_from": "study.json"},
            common | {"config": done},
        ),
        "summary_html": (
            of_answer,
            {"html": "summary/summary.html"},
            {"names": names, "config": done},
        ),
        "advise": (
            measured | {"devices": [device["json"]]},
            {"json": "advice/advice.json", "markdown": "advice/advice.md"},
            common | {"devices": study["devices"]},
        ),
    }
    return {
        name: {
            "rule": name.split()[0],
            "log": f"{folder}/logs/{name}.log",
            "input": placed(inputs, folder),
            "output": placed(outputs, folder),
            "params": params,
        }
        for name, (inputs, outputs, params) in jobs.items()
    }


def placed(files, folder):
    """Paths, in whatever holds them, as those of a folder."""
    if isinstance(files, str):
        return f"{folder}/{files}"
    if isinstance(files, dict):
        return {name: placed(own, folder) for name, own in files.items()}
    return [placed(own, folder) for own in files]


class Study:
    """A finished study, and the process that runs its jobs again."""

    def __init__(self, folder):
        self.folder, self.epochs = folder, folder / "epochs.txt"
        self.epochs.touch()
        os.environ["EPOCHS"] = str(self.epochs)
        process = Jobs(folder)
        self.run, self.end = process.run, process.end
        self.jobs = study_jobs(folder)
        for name, job in self.jobs.items():
            for path in (*self.outputs(name), Path(job["log"])):
                path.parent.mkdir(parents=True, exist_ok=True)
            status, _, told = self.run(job)
            assert status == 0, f"{name}: {told}"
        self.whole = {name: self.content(name) for name in self.jobs}

    def outputs(self, name):
        files = self.jobs[name]["output"]
        return [Path(path) for path in (files.values() if isinstance(files, dict) else files)]

    def content(self, name):
        """The content of those files of a job that are there, by path."""
        return {path: content(path) for path in self.outputs(name) if path.exists()}

    @contextlib.contextmanager
    def kept(self, name):
        """Put the files of a job back as they were, times included, at the end of the block."""
        sealed = [file for path in self.outputs(name) for file in (path, seal_of(path))]
        before = {path: path.read_bytes() for path in sealed if path.exists()}
        yield
        for path, content in before.items():
            path.write_bytes(content)

    def restart(self, name):
        """Remove what Snakemake removes of a job that has failed, and before one that it starts."""
        for path in self.outputs(name):
            path.unlink(missing_ok=True)


def seal_of(path):
    """Where the digest of a file is, if it has one."""
    return Path(f"{path}.sha256")


def content(path):
    """What of a file has to come back: all but what was measured by a clock."""
    if path.name == "runs.csv":
        table = pd.read_csv(path)
        timed = ["train_seconds", "wall_seconds", "cpu_seconds", "resumed"]
        return table.drop(columns=timed).to_csv()
    if path.name == "job.json":
        job = json.loads(path.read_text())
        for timed in ("seconds_per_epoch", "startup_seconds", "peak_memory_mib"):
            del job[timed]
        for timed in ("runs.csv", "job.json"):
            del job["sha256"][timed]
        return job
    if path.name in ("pace.json", "device.json"):
        facts = json.loads(path.read_text())
        del facts["seconds"]
        return facts
    return path.read_bytes()
