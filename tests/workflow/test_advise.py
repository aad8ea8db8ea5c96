"""`measure` and `advise`, as a user runs them on a finished study."""

import json
import shutil

import pytest
from project import TINY, copy_project, make, planned, snakemake, write_config

STUDY = TINY | {"batch_sizes": [2, 4, 8], "epochs": 12, "convergence": {"target": {"value": 5.0}}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished study, and what was measured on a device that is this one."""
    folder = tmp_path_factory.mktemp("advise")
    copy_project(folder)
    write_config(folder, STUDY)
    snakemake(folder)
    assert planned(folder, "measure") == {"measure"}
    make(folder, "measure")
    shutil.copy(folder / "results/measure/device.json", folder / "config/other.json")
    return folder


def devices(*entries):
    return STUDY | {"devices": list(entries)}


def test_measuring_needs_no_training(tmp_path):
    copy_project(tmp_path)
    write_config(tmp_path, STUDY)
    assert planned(tmp_path, "measure") == {"dataset", "measure"}


def test_what_was_measured(finished):
    device = json.loads((finished / "config/other.json").read_text())
    assert {tuple(row[1:4]) for row in device["rounds"]} == {
        ("adam", size, turn) for size in (2, 4, 8) for turn in range(1, 8)
    }
    assert device["largest"] == {"adam": {"size": 20, "limit": "samples", "refused": None}}
    assert device["trainings"]["adam"]["2"]["samples_per_epoch"] == 20


def test_advice_is_made_of_what_is_there(finished):
    write_config(finished, devices({"price_per_hour": 1.0}, {"measured": "other.json"}))
    assert planned(finished) == set()
    assert planned(finished, "advise") == {"advise"}
    printed = make(finished, "advise", "CONFIG=config/config.yaml")
    advice = json.loads((finished / "results/advice/advice.json").read_text())
    assert [device["own"] for device in advice["devices"]] == [True, False]
    own, other = advice["recipes"]["adam"]["devices"]
    assert own["costs"][0]["value"] > 0 and other["costs"][0] is None
    assert other["largest"]["size"] == 20 and own["largest"] is None
    text = (finished / "results/advice/advice.md").read_text()
    assert text in printed
    assert "(measured here, 1 an hour)" in text and "(predicted)" in text
    # Another price advises anew; nothing else follows from it.
    write_config(finished, devices({"price_per_hour": 2.0}, {"measured": "other.json"}))
    assert planned(finished) == set()
    assert planned(finished, "advise") == {"advise"}


def test_a_device_of_another_training_is_refused(finished):
    device = json.loads((finished / "config/other.json").read_text())
    device["trainings"]["adam"]["4"]["optimizer"] = "SGD"
    (finished / "config/wrong.json").write_text(json.dumps(device))
    write_config(finished, devices({"measured": "wrong.json"}))
    failed = snakemake(finished, "advise", check=False)
    assert failed.returncode
    log = (finished / "results/logs/advise.log").read_text()
    assert "config/wrong.json: expected measurements of this study" in log
    assert "adam at batch size 4: optimizer" in log


def test_a_device_that_is_not_there_is_refused_before_any_job(finished):
    write_config(finished, devices({}, {"measured": "gone.json"}))
    failed = snakemake(finished, "--dry-run", check=False)
    assert failed.returncode
    assert "devices[1].measured: expected a file that is there" in failed.stdout + failed.stderr
