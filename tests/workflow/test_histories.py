"""The shipped study of histories: what it leaves behind, and which jobs a change reruns."""

import json
import re
import shutil

import jsonschema
import pandas as pd
import pytest
import yaml
from project import append, copy_project, planned, snakemake
from reports import Report

CONFIG = "config/histories.yaml"
SIZES = (16, 32, 64, 128, 256)
FIGURES = {"learning_curves sgd", "law_figure sgd"}
DOWNSTREAM = {"convergence", "law", "summary", "summary_html", "page", "all", *FIGURES}
IMPORTS = {f"import_histories sgd {size}" for size in SIZES}
RESULTS = "results/histories"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the study has been run."""
    folder = tmp_path_factory.mktemp("study")
    copy_project(folder)
    snakemake(folder, "--configfile", CONFIG)
    return folder


@pytest.fixture
def study(finished):
    """The finished folder, with its files as they were put back after the test."""
    yield finished
    for part in ("workflow", "config"):
        shutil.rmtree(finished / part)
    copy = finished / "copy"
    copy.mkdir()
    copy_project(copy)
    for part in ("workflow", "config"):
        shutil.move(copy / part, finished / part)
    shutil.rmtree(copy)


def jobs(folder):
    return planned(folder, "--configfile", CONFIG)


def write(folder, **changes):
    """The study's config with other top-level keys."""
    config = yaml.safe_load((folder / CONFIG).read_text()) | changes
    (folder / CONFIG).write_text(yaml.safe_dump(config))


def test_it_is_answered_as_others_are(finished):
    results = finished / RESULTS
    answer = json.loads(
        (results / "summary/recommendation.json").read_text(), parse_constant=pytest.fail
    )
    schema = finished / "workflow/schemas/recommendation.schema.yaml"
    jsonschema.validate(answer, yaml.safe_load(schema.read_text()))
    assert answer["imported"]
    recommended = answer["recipes"]["sgd"]["recommendation"]
    assert [point["batch_size"] for point in recommended["cheapest"]["points"]] == [32]
    assert recommended["soonest"] is None
    text = (results / "summary/summary.md").read_text()
    assert "These trainings were done elsewhere" in text and "Trained on" not in text
    figures = re.findall(r"\]\((.+?)\)", text)
    assert len(figures) == 2
    for figure in figures:
        path = (results / "summary" / figure).resolve()
        assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 20_000
    assert len(pd.read_csv(results / "scaling/sgd.csv")) == len(SIZES)
    assert not (results / "dataset").exists()
    report = Report(finished, "--configfile", CONFIG)
    assert "trainings were done elsewhere" in report.first_page
    assert "econds" not in report.first_page and "initial weights" not in report.first_page
    assert "Seconds of an epoch" not in report.labels("Tables")
    page = (results / "study.html").read_text()
    assert "trained elsewhere" in page
    # The files that it was made from.
    sha256 = json.loads((results / "train/sgd/16/job.json").read_text())["histories"][0]["sha256"]
    assert sha256 in page


def test_every_file_is_in_the_history_of_its_point(finished):
    for size in SIZES:
        history = pd.read_csv(finished / RESULTS / f"train/sgd/{size}/history.csv")
        for replicate, own in history.groupby("replicate"):
            file = pd.read_csv(finished / f"config/histories/sgd/{size}/{replicate}.csv")
            for column in ("loss", "accuracy", "val_loss", "val_accuracy"):
                assert own[column].tolist() == file[column].tolist()
            assert own["epoch"].tolist() == (file["epoch"] + 1).tolist()


def test_nothing_changed_plans_nothing(study):
    assert jobs(study) == set()


def test_a_date_plans_nothing(study):
    for path in (study / "config").rglob("*"):
        path.touch()
    assert jobs(study) == set()


def test_moved_study_plans_nothing(study):
    moved = study.rename(study.with_name("moved"))
    found = jobs(moved)
    moved.rename(study)
    assert found == set()


def test_a_byte_imports_its_point_alone(study):
    append(study / "config/histories/sgd/64/3.csv", "\n")
    assert jobs(study) == {"import_histories sgd 64", *DOWNSTREAM}


def test_a_removed_size_imports_nothing(study):
    write(study, batch_sizes=[16, 32, 64])
    assert jobs(study) == DOWNSTREAM


def test_a_convergence_setting_imports_nothing(study):
    write(study, convergence={"target": {"value": 0.3}})
    assert jobs(study) == DOWNSTREAM


def test_other_samples_import_everything(study):
    config = yaml.safe_load((study / CONFIG).read_text())
    write(study, histories=config["histories"] | {"train_samples": 1001})
    assert jobs(study) == {*IMPORTS, *DOWNSTREAM}


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("data/history", {*IMPORTS, *DOWNSTREAM}),
        ("training/trainer", set()),
        ("data/dataset", set()),
    ],
)
def test_edited_code_imports_where_it_is_used(study, module, expected):
    append(study / f"workflow/scripts/batchscope/{module}.py", "\n# better\n")
    assert jobs(study) == expected


def test_a_file_that_is_not_there_stops_before_any_job(study):
    (study / "config/histories/sgd/64/3.csv").unlink()
    done = snakemake(study, "--configfile", CONFIG, check=False)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "histories.files: expected 6 files of sgd at batch size 64" in output
    assert "Traceback" not in output and "jobid" not in output


def test_a_wrong_file_is_named_and_stops_its_point_alone(study):
    path = study / "config/histories/sgd/64/3.csv"
    path.write_text(path.read_text().replace("val_loss", "validation loss"))
    write(study, pathvars={"results": "results/wrong"})
    done = snakemake(study, "--configfile", CONFIG, check=False)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    log = (study / "results/wrong/logs/import_histories/sgd/64.log").read_text()
    assert log == (
        "these histories cannot be imported:\n"
        "config/histories/sgd/64/3.csv: expected one column val_loss. Received: epoch, accuracy, "
        "loss, val_accuracy, validation loss. Name the columns in histories.columns.\n"
    )
    assert log.splitlines()[1] in output
    written = {path.parent.name for path in (study / "results/wrong/train/sgd").glob("*/job.json")}
    assert written == {"16", "32", "128", "256"}


def test_results_of_other_settings_are_refused(study):
    """Snakemake's records are lost with a killed controller; the results speak for themselves."""
    shutil.copytree(study / ".snakemake", study / "records")
    shutil.rmtree(study / ".snakemake/metadata")
    write(study, recipes=[{"name": "sgd", "learning_rate": 0.7}])
    done = snakemake(study, "--configfile", CONFIG, "--forcerun", "convergence", check=False)
    shutil.rmtree(study / ".snakemake")
    (study / "records").rename(study / ".snakemake")
    assert done.returncode != 0
    assert "learning_rate 0.3, now 0.7" in done.stdout + done.stderr
    write(study, recipes=[{"name": "sgd", "optimizer": "SGD", "learning_rate": 0.3}])
    snakemake(study, "--configfile", CONFIG)


def test_histories_of_a_validation_loss_alone_are_answered(study):
    config = yaml.safe_load((study / CONFIG).read_text())
    columns = {"epoch": "epoch", "val_loss": "val_loss"}
    write(
        study,
        pathvars={"results": "results/loss"},
        histories=config["histories"] | {"columns": columns},
        convergence={"stable": {"metric": "val_loss", "band": 0.02}},
    )
    snakemake(study, "--configfile", CONFIG)
    summary = study / "results/loss/summary"
    answer = json.loads((summary / "recommendation.json").read_text())
    told = json.loads((study / RESULTS / "summary/recommendation.json").read_text())
    # The loss decides, so the answer is that of the whole files.
    for key in ("cheapest", "excluded"):
        assert (
            answer["recipes"]["sgd"]["recommendation"][key]
            == told["recipes"]["sgd"]["recommendation"][key]
        )
    text = (summary / "summary.md").read_text()
    assert "accuracy" not in text and "best validation loss" in text
    assert "validation accuracy" not in (study / "results/loss/study.html").read_text()
    panels = study / "results/loss/learning_curves/sgd.svg"
    assert panels.stat().st_size > 20_000
