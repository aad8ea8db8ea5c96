"""The shipped examples, reduced: each runs to its answer."""

import json
import shutil

import jsonschema
import pytest
import yaml
from project import ROOT, copy_project, planned, snakemake
from reports import Report

# What is shown besides the loss.
EXAMPLES = {"digits": "accuracy", "table": "accuracy", "regression": "mean_absolute_error"}

# Of the methods in the report.
METHODS = {
    "digits": ("at least 0.95", "<code>digits_cnn.py</code>", "its target is one of 10 classes"),
    "table": ("<code>penguins.csv</code>", "A missing number is the median"),
    "regression": ("load_diabetes", "its target is a number", "stays within 2 of its mean"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_answered(tmp_path, name):
    copy_project(tmp_path)
    path = tmp_path / "config" / f"{name}.yaml"
    config = yaml.safe_load(path.read_text())
    reduced = {"replicates": 2, "epochs": 5, "batch_sizes": config["batch_sizes"][-2:]}
    path.write_text(yaml.safe_dump(config | reduced))
    snakemake(tmp_path, "--configfile", f"config/{name}.yaml")

    results = tmp_path / config["pathvars"]["results"]
    answer = json.loads((results / "summary/recommendation.json").read_text())
    schema = tmp_path / "workflow/schemas/recommendation.schema.yaml"
    jsonschema.validate(answer, yaml.safe_load(schema.read_text()))
    measures = answer["points"][0]["measures"]
    assert {f"final_val_{EXAMPLES[name]}", f"final_test_{EXAMPLES[name]}"} <= measures.keys()
    for figure in ("learning_curves", "law"):
        assert (results / figure / "adam.png").stat().st_size
    assert f'"val_{EXAMPLES[name]}"' in (results / "study.html").read_text()
    report = Report(tmp_path, "--configfile", f"config/{name}.yaml")
    for part in METHODS[name]:
        assert part in report.first_page
    curves = report.caption("learning_curves/adam.png")
    assert f"mean validation {EXAMPLES[name].replace('_', ' ')} of 5 epochs stays" in curves


def test_no_rate_that_the_study_of_recipes_takes_is_at_an_edge_of_its_grid(tmp_path):
    """At the ends of its batch sizes, where the best rates are the furthest apart."""
    copy_project(tmp_path)
    path = tmp_path / "config" / "recipes.yaml"
    config = yaml.safe_load(path.read_text())
    tuned = [r for r in config["recipes"] if "grid" in str(r["learning_rate"])]
    sizes = [config["batch_sizes"][0], config["batch_sizes"][-1]]
    reduced = {"recipes": tuned, "batch_sizes": sizes, "replicates": 6}
    path.write_text(yaml.safe_dump(config | reduced))
    snakemake(tmp_path, "--configfile", "config/recipes.yaml")

    results = tmp_path / config["pathvars"]["results"]
    answer = json.loads((results / "summary/recommendation.json").read_text())
    assert [point["recipe"] for point in answer["points"]] == ["adam_tuned"] * 2 + ["sgd_tuned"] * 2
    for point in answer["points"]:
        assert point["learning_rate_edge"] is None and point["target_reached"] == 6


@pytest.mark.parametrize("name", ["config", "recipes", "digits", "histories"])
def test_it_can_be_planned_with_the_groups_of_the_slurm_profile(tmp_path, name):
    """A job outside of a group may not stand between two within it."""
    copy_project(tmp_path)
    profile = yaml.safe_load((tmp_path / "profiles/slurm/config.yaml").read_text())
    config = f"config/{name}.yaml"
    snakemake(tmp_path, "--dry-run", "--configfile", config, "--groups", *profile["groups"])


def test_the_workflow_can_be_tried_in_a_folder_of_its_own(tmp_path):
    copy_project(tmp_path)
    shutil.copytree(ROOT / ".test" / "config", tmp_path / ".test" / "config")
    assert {"dataset", "train adam 4", "train adam 16", "page"} <= planned(
        tmp_path, "--directory", ".test"
    )


def test_the_quick_study_can_be_planned(tmp_path):
    copy_project(tmp_path)
    sizes = yaml.safe_load((ROOT / "config" / "quick.yaml").read_text())["batch_sizes"]
    jobs = planned(tmp_path, "--configfile", "config/config.yaml", "config/quick.yaml")
    assert {job for job in jobs if job.startswith("train ")} == {f"train adam {s}" for s in sizes}
