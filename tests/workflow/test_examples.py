"""The shipped examples, reduced: each runs to its answer."""

import json

import jsonschema
import pytest
import yaml
from project import copy_project, snakemake

# What is shown besides the loss.
EXAMPLES = {"digits": "accuracy", "table": "accuracy", "regression": "mean_absolute_error"}


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
