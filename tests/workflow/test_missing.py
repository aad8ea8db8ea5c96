"""A study of which not all points are trained, answered all the same."""

import json

import pandas as pd
import pytest
from project import TINY, copy_project, make, planned, snakemake, write_config

STUDY = TINY | {"batch_sizes": [4, 8, 16]}
ALLOW = ("--config", "allow_missing=True")
AFTER_TRAIN = {"pace", "convergence", "law", "summary", "summary_html", "page", "all"}
AFTER_TRAIN |= {"learning_curves adam", "law_figure adam"}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of three batch sizes of which two are trained."""
    folder = tmp_path_factory.mktemp("missing")
    copy_project(folder)
    write_config(folder, STUDY)
    snakemake(folder, *(f"results/train/adam/{size}/history.csv" for size in (4, 16)))
    return folder


def test_nothing_is_trained_for_it(study):
    assert planned(study, *ALLOW) == AFTER_TRAIN


def test_the_answer_is_of_what_is_there_and_says_what_is_missing(study):
    snakemake(study, *ALLOW)
    assert planned(study, *ALLOW) == set()
    summary = study / "results/summary"
    assert pd.read_csv(summary / "summary.csv")["batch_size"].tolist() == [4, 16]
    answer = json.loads((summary / "recommendation.json").read_text())
    assert answer["missing"] == [{"recipe": "adam", "batch_size": 8}]
    said = "1 of 3 points is missing: batch size 8."
    assert (summary / "answer.txt").read_text().startswith(said + "\n")
    assert said in (summary / "summary.md").read_text()
    for page in ("study.html", "summary/summary.html"):
        assert said in (study / "results" / page).read_text()


def test_it_can_be_compared_and_verified(study):
    make(study, "compare", "A=results", "B=results")
    assert (study / "results/compare.html").exists()
    assert "adam/16: history.csv is byte-identical" in make(study, "verify", "POINT=adam/16")


def test_without_the_key_what_is_missing_is_trained(study):
    assert planned(study) == {"train adam 8", *AFTER_TRAIN}


def test_a_study_of_nothing_is_refused(tmp_path):
    copy_project(tmp_path)
    write_config(tmp_path, STUDY)
    done = snakemake(tmp_path, "--dry-run", *ALLOW, check=False)
    said = "allow_missing: expected a point that is trained. Received: none in results/train."
    assert done.returncode and said in done.stdout + done.stderr
