"""The folder of results: one that others use is refused before any job, by what is in it or by who
holds it."""

import errno
import fcntl
import json
import os
import re
import socket
import subprocess
import sys

import pytest
from configs import SMALL, small
from project import ROOT, TINY, append, copy_project, planned, snakemake, write_config
from saved import job

from batchscope.config import results_folder
from batchscope.config.problem import ConfigError
from batchscope.config.results_folder import LOCK, hold_folder
from batchscope.config.study import check_folders, load_study


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A checkout in a home folder; the working directory is the checkout."""
    project = tmp_path / "home/project"
    for folder in ("workflow/report", "config", ".git", ".snakemake/log", "results/other/logs"):
        (project / folder).mkdir(parents=True)
    (project / "results/other" / LOCK).touch()
    (project / "config/config.yaml").write_text(SMALL)
    (project / "workflow/Snakefile").touch()
    monkeypatch.setattr(results_folder, "PROJECT", project)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(project)
    return project


def check(results, folder="config"):
    check_folders(load_study(small({"pathvars": {"results": results}})), folder)


def hold(results):
    """Hold a folder of results, as a study in the working directory does."""
    return hold_folder(load_study(small({"pathvars": {"results": str(results)}})))


def train_a_point(results):
    point = results / "train/adam/4"
    point.mkdir(parents=True)
    (point / "job.json").write_text(json.dumps(job(4, 3)))


def refused(*arguments, by=check):
    with pytest.raises(ConfigError) as raised:
        by(*arguments)
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


FOREIGN = ["notes.txt", "dataset/dataset.npz", "train/cat/1.jpg", "train/a/1/job.json"]
FOREIGN += ["logs/my.log", "summary/paper.tex", "study.html", "law/figure.png", "pace/pace.csv"]


@pytest.mark.parametrize("entry", FOREIGN)
def test_a_folder_with_files_of_others_is_refused(project, entry):
    file = project / "mine" / entry
    file.parent.mkdir(parents=True)
    file.write_text("precious")
    assert refused("mine") == f"mine, which holds {entry.split('/')[0]} and no training of a study"


@pytest.mark.parametrize("made", [lambda results: hold(results).close(), train_a_point])
def test_beside_a_study_files_are_the_users_own_notes(project, made):
    (project / "mine").mkdir()
    (project / "mine/notes.txt").touch()
    made(project / "mine")
    check("mine")


def test_every_folder_that_a_study_writes_into_is_known():
    rules = [*(ROOT / "workflow/rules").glob("*.smk"), ROOT / "workflow/Snakefile"]
    named = {name for rule in rules for name in re.findall(r"<results>/(\w+)", rule.read_text())}
    assert named - {"study"} == results_folder.WRITTEN


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


@pytest.fixture
def first(tmp_path, monkeypatch):
    """A working directory, whose study holds the folder `shared`. The present one is another."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "first")
    with hold(tmp_path / "shared") as lock:
        monkeypatch.chdir(tmp_path / "second")
        yield lock


def test_one_working_directory_at_a_time_holds_a_folder(first, tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    assert refused(shared, by=hold) == (
        f"{shared}, which a study in {tmp_path / 'first'} on {socket.gethostname()} writes into now"
    )
    # A study below it has other files.
    hold(shared / "below").close()
    # Studies of one directory hold it together, until the last one ends.
    monkeypatch.chdir(tmp_path / "first")
    with hold(shared):
        hold(shared).close()
        first.close()
        monkeypatch.chdir(tmp_path / "second")
        assert f"in {tmp_path / 'first'} on" in refused(shared, by=hold)
    with hold(shared):
        monkeypatch.chdir(tmp_path / "first")
        assert f"in {tmp_path / 'second'} on" in refused(shared, by=hold)


def test_a_folder_is_held_by_one_that_could_not_say_its_name(first, tmp_path):
    shared = tmp_path / "shared"
    os.truncate(shared / LOCK, 0)
    assert (
        refused(shared, by=hold) == f"{shared}, which a study in another directory writes into now"
    )


def test_a_killed_study_holds_nothing(tmp_path):
    holds = (
        "from batchscope.config.results_folder import LOCK, hold_folder; import sys; "
        "lock = hold_folder({'pathvars': {'results': sys.argv[1]}}); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, tmp_path / "shared"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "workflow/scripts")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
    ) as process:
        assert process.stdout.readline() == b"\n"
        assert "in / on" in refused(tmp_path / "shared", by=hold)
        process.kill()
    hold(tmp_path / "shared").close()


def locks_fail_with(monkeypatch, number):
    def flock(file, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)


def test_a_file_system_without_locks_keeps_nobody_out(first, tmp_path, monkeypatch):
    locks_fail_with(monkeypatch, errno.ENOLCK)
    hold(tmp_path / "shared").close()


def test_a_lock_that_is_not_permitted_is_anothers(first, tmp_path, monkeypatch):
    locks_fail_with(monkeypatch, errno.EACCES)
    assert f"in {tmp_path / 'first'} on" in refused(tmp_path / "shared", by=hold)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    results = tmp_path / "file/results"
    assert refused(results, by=hold).startswith(
        f"{results}, whose {LOCK} cannot be written (Not a dir"
    )


def test_the_workflow_refuses_what_another_directory_holds(first, tmp_path, monkeypatch):
    shared = tmp_path / "shared"
    copy_project(tmp_path / "second")
    write_config(tmp_path / "second", TINY | {"pathvars": {"results": str(shared)}})
    done = snakemake(tmp_path / "second", check=False)
    assert f"which a study in {tmp_path / 'first'} on" in done.stderr
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert [path.name for path in shared.iterdir()] == [LOCK]
    # What writes nothing there is not kept out.
    assert "train adam 4" in planned(tmp_path / "second")
    first.close()
    # The workflow holds it until its last job has ended.
    append(tmp_path / "second/workflow/scripts/dataset.py", HELD)
    snakemake(tmp_path / "second", f"{shared}/dataset/dataset.npz")
    assert (shared / "seen").read_text() == f"{tmp_path / 'second'} on {socket.gethostname()}"


# A job that looks whether its study holds the folder.
HELD = """
import fcntl
import json

with open("../shared/.batchscope.lock") as file, open("../shared/seen", "w") as seen:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        seen.write(file.read())
"""
