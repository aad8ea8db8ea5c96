"""Two finished studies on one page, as a user compares them."""

import json
import os
import subprocess
import sys

import pytest
import yaml
from project import TINY, copy_project, snakemake, write_config


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with two finished studies, of two learning rates."""
    folder = tmp_path_factory.mktemp("compare")
    copy_project(folder)
    write_config(folder, TINY)
    snakemake(folder)
    other = TINY["recipes"][0] | {"learning_rate": 0.1}
    study = TINY | {"recipes": [other], "batch_sizes": [4], "pathvars": {"results": "other"}}
    (folder / "config" / "other.yaml").write_text(yaml.safe_dump(study))
    snakemake(folder, "--configfile", "config/other.yaml")
    return folder


def compare(folder, *arguments, command=("-m", "batchscope.compare")):
    command = [sys.executable, *command, *arguments]
    path = {"PYTHONPATH": str(folder / "workflow" / "scripts")}
    return subprocess.run(
        command, cwd=folder, env=os.environ | path, capture_output=True, text=True
    )


def content_of(path):
    text = path.read_text().split('id="content">')[1].split("</script>")[0]
    return json.loads(text)


def test_the_page_holds_both(finished):
    done = compare(finished, "results", "other", "both.html")
    assert done.returncode == 0, done.stderr
    content = content_of(finished / "both.html")
    assert content["recipes"] == ["A: adam", "B: adam"]
    names = [(point["recipe"], point["batch_size"]) for point in content["points"]]
    assert names == [("A: adam", 4), ("A: adam", 16), ("B: adam", 4)]
    for views in content["grids"].values():
        for view in views:
            assert view["targets"]["A: adam"] == view["targets"]["B: adam"]
    text = (finished / "both.html").read_text()
    assert "<td>config.recipes[adam].learning_rate</td><td>0.01</td><td>0.1</td>" in text
    assert "There are too few replicates to tell at batch size 4." in text


def test_of_large_studies_the_page_shows_some_points_and_says_so(finished):
    few = "from batchscope import compare; compare.most_on_page = lambda _: 2; compare.main()"
    done = compare(finished, "results", "other", "few.html", command=("-c", few))
    assert done.returncode == 0, done.stderr
    content = content_of(finished / "few.html")
    names = {(point["recipe"], point["batch_size"]) for point in content["points"]}
    assert names == {("A: adam", 4), ("B: adam", 4)}
    text = (finished / "few.html").read_text()
    assert "This page shows 2 of 3 points" in text
    assert "Differences are told of all points that both have." in text


def test_a_study_beside_itself_differs_in_nothing(finished):
    done = compare(finished, "results", "results", "same.html")
    assert done.returncode == 0, done.stderr
    assert "Nothing that was recorded" in (finished / "same.html").read_text()


def test_a_folder_without_a_study_is_refused(finished):
    done = compare(finished, "results", "config", "page.html")
    assert done.returncode and not (finished / "page.html").exists()
    assert done.stderr.startswith("config: expected the results of a finished study")


def test_a_study_whose_description_is_damaged_is_refused(finished):
    path = finished / "results/study.json"
    whole = path.read_text()
    path.write_text(whole.replace('"seed": 1', '"seed": 2', 1))
    done = compare(finished, "other", "results", "page.html")
    path.write_text(whole)
    assert done.returncode and not (finished / "page.html").exists()
    assert done.stderr.startswith("results/study.json: expected the file that its job has written")
    assert done.stderr.rstrip().endswith("--forcerun results/study.json")


def test_studies_without_a_point_in_common_are_refused(finished):
    study = yaml.safe_load((finished / "config" / "other.yaml").read_text())
    study |= {"batch_sizes": [8], "pathvars": {"results": "third"}}
    (finished / "config" / "third.yaml").write_text(yaml.safe_dump(study))
    snakemake(finished, "--configfile", "config/third.yaml")
    done = compare(finished, "other", "third", "page.html")
    assert done.returncode and "expected a recipe of the same name" in done.stderr
