"""The folder of results: one that others use is refused before any job, by what is in it."""

import pytest
from configs import SMALL, small
from project import ROOT, TINY, copy_project, snakemake, write_config

from batchscope.config import results_folder
from batchscope.config.problem import ConfigError
from batchscope.config.study import check_folders, load_study


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A checkout in a home folder; the working directory is the checkout."""
    project = tmp_path / "home/project"
    for folder in ("workflow/report", "config", ".git", ".snakemake/log", "results/other/logs"):
        (project / folder).mkdir(parents=True)
    (project / "config/config.yaml").write_text(SMALL)
    (project / "workflow/Snakefile").touch()
    monkeypatch.setattr(results_folder, "PROJECT", project)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(project)
    return project


def check(results, folder="config"):
    check_folders(load_study(small({"pathvars": {"results": results}})), folder)


def refused(results, folder="config"):
    with pytest.raises(ConfigError) as raised:
        check(results, folder)
    line = str(raised.value).splitlines()[1]
    assert line.startswith("  pathvars.results: expected ")
    return line.split("Received: ")[1].partition(". ")[0]


@pytest.mark.parametrize(
    ("results", "received"),
    [
        (".", "., which holds the working directory"),
        ("config", "config, which holds the config"),
        ("workflow", "workflow, which is in workflow"),
        ("workflow/report/new", "workflow/report/new, which is in workflow"),
        (".snakemake", ".snakemake, which is in .snakemake"),
        (".git/new", ".git/new, which is in .git"),
        ("..", ".."),
        ("../../escape", "../../escape"),
        ("results/../../x", "results/../../x"),
        ("~", "~"),
        ("~/scratch", "~/scratch"),
        ("./results", "./results"),
        ("results//x", "results//x"),
        ("config/config.yaml", "config/config.yaml, which cannot be used (Not a directory)"),
        ("config/config.yaml/x", "config/config.yaml/x, which cannot be used (Not a directory)"),
        ("é" * 150, f"{'é' * 150}, which cannot be used (File name too long)"),
    ],
)
def test_a_folder_of_others_is_refused(project, results, received):
    assert refused(results) == received


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_no_absolute_path_takes_what_holds_the_project(project, steps):
    place = [project, *project.parents][steps]
    assert refused(str(place)).startswith(f"{place}, which holds the working directory")


def test_neither_the_home_folder_nor_that_of_the_config_is_taken(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    assert refused(str(project.parent)).endswith("holds the workflow")
    assert refused("elsewhere", "elsewhere") == "elsewhere, which holds the config"
    monkeypatch.setenv("HOME", str(tmp_path / "elsewhere/me"))
    assert refused("elsewhere/me") == "elsewhere/me, which holds your home folder"


@pytest.mark.parametrize("entry", ["notes.txt", "dataset/dataset.npz", "train/cat/1.jpg"])
def test_a_folder_with_files_of_others_is_refused(project, entry):
    file = project / "mine" / entry
    file.parent.mkdir(parents=True)
    file.touch()
    assert refused("mine") == f"mine, which has no results but {entry.split('/')[0]}"
    # Beside results they are the user's own notes.
    (project / "mine/logs").mkdir()
    check("mine")


def test_new_empty_and_absolute_folders_pass(project, tmp_path):
    for results in ("results", "results/new", "results/other", ".hidden", "$(touch x); 'y'"):
        check(results)
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch/.keep").touch()
    check(str(tmp_path / "scratch"))
    check(str(tmp_path / "scratch/study"))
    (project / "linked").symlink_to(tmp_path / "scratch")
    check("linked")


def test_a_link_is_where_it_leads(project):
    (project / "linked").symlink_to(project.parent)
    assert refused("linked") == "linked, which holds the working directory"


def test_braces_in_the_path_of_the_workflow_are_refused(project, monkeypatch):
    monkeypatch.setattr("batchscope.config.study.PROJECT", ROOT / "{x}")
    with pytest.raises(ConfigError, match="the folder of the workflow: expected a path "):
        check("results")


def test_braces_in_the_path_of_the_config_are_refused_where_a_file_is_read():
    table = {"table": {"file": "my.csv", "target": "y"}, "train_size": 10}
    with pytest.raises(ConfigError) as raised:
        load_study(small({"dataset": table}), "my {x}")
    assert str(raised.value).splitlines()[1:] == [
        "  dataset.table.file: expected a path without any of {}<>. Received: my {x}/my.csv. "
        "Snakemake fills them in. Rename the folder or the file."
    ]
    load_study(small(), "my {x}")


def test_the_workflow_refuses_it_before_any_job(tmp_path):
    copy_project(tmp_path)
    write_config(tmp_path, TINY | {"pathvars": {"results": "workflow"}})
    done = snakemake(tmp_path, check=False)
    assert "workflow, which is in workflow" in done.stderr
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert {path.name for path in (tmp_path / "workflow").iterdir()} == {
        path.name for path in (ROOT / "workflow").iterdir()
    }
