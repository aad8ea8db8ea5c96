"""Edits, runs, kills and damage in any order. Each run starts exactly the jobs that the table
"What a change reruns" says. In the end the results are those of a study that was made at once.

What the table says of files, `histories`, `allow_missing` and `pathvars` is tested in
tests/workflow.
"""

import itertools
import json
import shutil
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from project import TINY, append, write_config
from stub_study import made_at_once, prepare, results, start

[ADAM] = TINY["recipes"]
SGD = {"name": "sgd", "optimizer": "SGD", "learning_rate": 0.1}
TUNED = {"name": "tuned", "optimizer": "SGD", "learning_rate": {"grid": [0.1, 1.0]}}
DENSE = TINY["model"]["layers"][0]
# Recipes have one target when it is a number. Two defaults are written out, which is no change.
START = TINY | {"convergence": {"target": {"value": 2.0}}}
START |= {"min_updates": 0, "overrides": {}}


def some_of(values):
    """One or more of the values, in any order."""
    orders = st.permutations(values)
    return st.tuples(orders, st.integers(1, len(values))).map(lambda drawn: drawn[0][: drawn[1]])


# How a job breaks: it alone, or with Snakemake.
KINDS = ["fails", "SIGKILL", "SIGTERM", "SIGINT"]
# What may stand under each key that is edited.
EDITS = {
    "seed": st.sampled_from([1, 2]),
    "replicates": st.sampled_from([2, 3]),
    "epochs": st.sampled_from([4, 5]),
    "min_updates": st.sampled_from([0, 8, 20]),
    "batch_sizes": some_of([4, 8, 16]),
    "dataset": st.sampled_from([20, 24]).map(lambda n: START["dataset"] | {"train_size": n}),
    "model": st.sampled_from([[], [{"Flatten": {}}], [{"Dropout": {"rate": 0.1}}]]).map(
        lambda layers: {"layers": [*layers, DENSE]}
    ),
    "recipes": some_of([ADAM, ADAM | {"warmup_epochs": 1}, SGD, TUNED]).filter(
        lambda own: len({recipe["name"] for recipe in own}) == len(own)
    ),
    "overrides": st.sampled_from([{}, {16: {"epochs": 6}}, {4: {"learning_rate": 0.5}}]),
    "convergence": st.sampled_from([2.0, 0.5]).map(lambda value: {"target": {"value": value}}),
    "devices": st.just([{"price_per_hour": 1.0}]),
}


def jobs_of(config):
    """The jobs of a study: job -> (what decides it besides its inputs, the jobs that it reads of).

    This is the table of config/README.md, the other way round: not what a key changes, but which
    keys a job depends on.
    """
    recipes = {recipe["name"]: recipe for recipe in config["recipes"]}
    points = list(itertools.product(recipes, config["batch_sizes"]))
    layers, target = config["model"]["layers"], config["convergence"]
    shown = {key: value for key, value in config.items() if key != "devices"}
    overrides, samples = config["overrides"], config["dataset"]["train_size"]
    checked = (config["dataset"], layers[-1], {"Flatten": {}} in layers)
    jobs = {"dataset": (checked, [])}
    trains = {point: f"train {point[0]} {point[1]}" for point in points}
    for (name, size), job in trains.items():
        own = overrides.get(size, {})
        updates = -(-samples // min(size, samples))
        enough = -(-config["min_updates"] // updates)
        epochs = max(own.get("epochs", config["epochs"]), enough)
        recipe = recipes[name] | {key: own[key] for key in own if key != "epochs"}
        decides = (config["seed"], config["replicates"], layers, epochs, recipe)
        jobs[job] = (decides, ["dataset"])
    all_trains = list(trains.values())
    tuned = [name for name in recipes if has_grid(recipes[name], config)]
    jobs["pace"] = (sorted(points), ["dataset", *all_trains])
    jobs["convergence"] = ((points, target), ["dataset", "pace", *all_trains])
    measured = ["pace", "convergence"]
    jobs["law"] = ((points, target), measured)
    maps = ["rate_map"] if tuned else []
    if tuned:
        jobs["rate_map"] = ((points, target, tuned), measured)
    figures = []
    for name in recipes:
        jobs[f"learning_curves {name}"] = ((config["batch_sizes"], target), ["convergence"])
        jobs[f"law_figure {name}"] = (target, ["law"])
        figures += [f"learning_curves {name}", f"law_figure {name}"]
    for name in tuned:
        jobs[f"rate_map_figure {name}"] = (target, maps)
        figures.append(f"rate_map_figure {name}")
    answered = [*measured, "law", *maps]
    jobs["summary"] = ((points, config["recipes"], target), answered)
    if len(recipes) > 1:
        jobs["comparison"] = (target, ["summary"])
        figures.append("comparison")
    # These show the config.
    jobs["page"] = (shown, ["dataset", *answered, "summary"])
    jobs["summary_html"] = ((points, shown), ["dataset", "convergence", "summary", *figures])
    return jobs


def has_grid(recipe, config):
    """Whether a recipe is trained at several learning rates, at some batch size at least."""
    return any(
        isinstance(
            config["overrides"].get(size, {}).get("learning_rate", recipe["learning_rate"]), dict
        )
        for size in config["batch_sizes"]
    )


def readers_of(config):
    """Files that later jobs read: path -> (the job that writes it, the jobs that read it)."""
    every = ["law", "rate_map", "summary", "page"]
    files = {
        "dataset/dataset.npz": ("dataset", ["train", "pace"]),
        "pace/pace.csv": ("pace", ["convergence", *every]),
        "convergence/epochs.csv": ("convergence", ["learning_curves", *every]),
        "convergence/trained.npz": ("convergence", ["learning_curves", "summary_html", *every]),
        "convergence/sensitivity.csv": ("convergence", ["summary"]),
        "summary/summary.csv": ("summary", ["comparison"]),
        "summary/recommendation.json": ("summary", ["page", "summary_html"]),
    }
    for recipe in config["recipes"]:
        name = recipe["name"]
        files[f"scaling/{name}.csv"] = ("law", [f"law_figure {name}", "summary", "page"])
        for size in config["batch_sizes"]:
            files[f"train/{name}/{size}/history.csv"] = (f"train {name} {size}", ["convergence"])
    jobs = jobs_of(config)
    return {
        path: (writer, {job for job in jobs if {job, job.split()[0]} & set(readers)})
        for path, (writer, readers) in files.items()
        # One recipe is compared with none.
        if set(readers) != {"comparison"} or "comparison" in jobs
    }


class AnyOrder(RuleBasedStateMachine):
    """A study, and what each of its jobs was last made of."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        prepare(self.folder)
        self.config, self.code = START, {}
        # Job -> (what decided it, the state of its code, what it has read, what it has written).
        self.made = {}
        write_config(self.folder, self.config)

    def teardown(self):
        try:
            self.finish()
        finally:
            shutil.rmtree(self.folder)

    def finish(self):
        """Run what is left. All is as if it had been made at once, and nothing runs again."""
        self.run()
        self.run()
        at_once = made_at_once(self.config)
        found = results(self.folder)
        # What belongs to recipes and batch sizes that are no more stays.
        assert {path: found.get(path) for path in at_once} == at_once

    def read_by(self, upstream):
        """What the jobs that a job reads of have written, as far as they are made."""
        return [self.made[job][-1] for job in upstream if job in self.made]

    def plan(self, newer=()):
        """The jobs that are to run, in an order in which they can; those with newer inputs too."""
        planned = []
        for job, (decides, upstream) in jobs_of(self.config).items():
            code, read = self.code.get(job.split()[0]), self.read_by(upstream)
            # What was written anew and is the same as before makes no other job run.
            unchanged = job in self.made and self.made[job][:3] == (decides, code, read)
            if not unchanged or job in newer or set(upstream) & set(planned):
                planned.append(job)
        return planned

    def run(self, *arguments, newer=(), breaking=(), signalled=False):
        """Run the study: the jobs that are planned start, but for those behind one that breaks.

        Args:
            arguments: of Snakemake.
            newer: jobs of which an input is newer, or which have to run.
            breaking: jobs that are to break.
            signalled: whether all is over then; otherwise other jobs go on.

        Returns:
            What Snakemake has printed.
        """
        jobs, planned, blocked = jobs_of(self.config), self.plan(newer), set()
        for job in planned:
            if set(jobs[job][1]) & ({*breaking} | blocked):
                blocked.add(job)
        code, began, ended, output = start(self.folder, *arguments)
        assert (code == 0) == (not breaking), output
        expected = {job for job in planned if job not in blocked}
        assert set(began) - expected == set()
        if not signalled:
            assert expected - set(began) == set()
        assert set(began) - set(ended) == set(breaking)
        assert len(began) == len(set(began))
        for job in began:
            self.made.pop(job, None)
        for job in ended:
            decides, upstream = jobs[job]
            read = self.read_by(upstream)
            written = hash(repr((job, decides, read)))
            self.made[job] = (decides, self.code.get(job.split()[0]), read, written)
        return output

    @precondition(lambda self: self.plan())
    @rule()
    def run_it(self):
        self.run()

    @rule(data=st.data(), key=st.sampled_from(sorted(EDITS)))
    def edit(self, data, key):
        self.change(**{key: data.draw(EDITS[key])})

    def change(self, **keys):
        changed = self.config | keys
        overrides, sizes = changed["overrides"], changed["batch_sizes"]
        # An override of no batch size is a mistake.
        known = {size: overrides[size] for size in overrides if size in sizes}
        self.config = changed | {"overrides": known}
        write_config(self.folder, self.config)

    @rule()
    def rewrite(self):
        """Another order of the keys and a comment, which are no change."""
        keys = dict(sorted(self.config.items(), reverse=True))
        text = f"# a comment\n{yaml.safe_dump(keys, sort_keys=False)}"
        (self.folder / "config/config.yaml").write_text(text)

    @rule(script=st.sampled_from(["dataset", "train", "pace", "convergence", "law", "page"]))
    def edit_code(self, script):
        append(self.folder / f"workflow/scripts/{script}.py", "# better\n")
        self.code[script] = self.code.get(script, 0) + 1

    @precondition(lambda self: self.plan())
    @rule(data=st.data(), kind=st.sampled_from(KINDS), outputs=st.integers(0, 2))
    def break_a_job(self, data, kind, outputs):
        self.break_in(data.draw(st.sampled_from(self.plan())), kind, outputs)

    def break_in(self, job, kind, outputs):
        fault = {"job": job, "kind": kind, "outputs": outputs}
        (self.folder / "fault.json").write_text(json.dumps(fault))
        self.run(breaking={job}, signalled=kind != "fails")
        if kind == "SIGKILL":
            code, *_, output = start(self.folder, "--unlock")
            assert code == 0, output

    @precondition(lambda self: not self.plan())
    @rule(data=st.data(), content=st.sampled_from([b"", b"0", b"\0" * 64]))
    def damage_a_file(self, data, content):
        self.damage(data.draw(st.sampled_from(sorted(readers_of(self.config)))), content)

    def damage(self, path, content):
        writer, readers = readers_of(self.config)[path]
        (self.folder / "results" / path).write_bytes(content)
        output = self.run(newer=readers, breaking=self.first(readers))
        advice = f"--forcerun results/{path}"
        assert advice in output
        self.run(*advice.split(), newer={writer})

    def first(self, jobs):
        """Those of the jobs that read nothing of the others, directly or not."""
        behind = set()
        for job, (_, upstream) in jobs_of(self.config).items():
            if set(upstream) & (jobs | behind):
                behind.add(job)
        return jobs - behind


@pytest.mark.slow
def test_each_kind_of_step():
    """What is drawn at random need not have all of them."""
    study = AnyOrder()
    try:
        study.break_in("train adam 16", "fails", 1)
        study.run()
        study.rewrite()
        study.run()
        for kind, job, keys in (
            ("SIGKILL", "train adam 4", {"epochs": 5}),
            ("SIGTERM", "convergence", {"convergence": {"target": {"value": 0.5}}}),
            ("SIGINT", "page", {"devices": [{"price_per_hour": 1.0}], "replicates": 3}),
        ):
            study.change(**keys)
            study.break_in(job, kind, 0)
        study.edit_code("law")
        study.change(recipes=[ADAM, SGD])
        study.run()
        for path, content in (
            ("train/adam/16/history.csv", b"\0" * 64),
            ("convergence/trained.npz", b""),
            ("summary/summary.csv", b"0"),
        ):
            study.damage(path, content)
    finally:
        study.teardown()


TestAnyOrder = pytest.mark.slow(AnyOrder.TestCase)
# The orders are the same whenever the same modules are imported: Hypothesis takes constants out of
# them. A failure is told by the step, and made smaller by hand.
TestAnyOrder.settings = settings(
    max_examples=4,
    stateful_step_count=10,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
