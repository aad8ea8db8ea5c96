"""A study whose model is in a file: probed, trained, and rerun when the file's bytes change."""

import json
import os
import shutil

import pandas as pd
import pytest
from project import TINY, append, copy_project, planned, snakemake, write_config

TRAINED = {"train adam 4", "train adam 16"}
FIGURES = {"learning_curves adam", "law_figure adam"}
AFTER = {"pace", "convergence", "law", "summary", "summary_html", "page", "all", *FIGURES}
MODEL = """
import keras
from keras import layers


def build_model(input_shape, outputs):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dropout(0.1),
            layers.Dense(outputs, activation="softmax"),
        ]
    )
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which a study of config/models/mine.py has been run."""
    folder = tmp_path_factory.mktemp("study")
    copy_project(folder)
    (folder / "config/models").mkdir(exist_ok=True)
    (folder / "config/models/mine.py").write_text(MODEL)
    write_config(folder, TINY | {"model": {"file": "models/mine.py"}})
    snakemake(folder)
    return folder


@pytest.fixture
def study(finished):
    yield finished
    (finished / "config/models/mine.py").write_text(MODEL)


def test_the_file_is_probed_and_trained(finished):
    way = json.loads((finished / "results/probe/way.json").read_text())
    found = json.loads((finished / "results/probe/probe.json").read_text())
    assert found["parameters"] == 2 * 3 + 3
    assert found["ways"][way["trained_by"]]["equals_fit"] is True
    for size in (4, 16):
        point = finished / f"results/train/adam/{size}"
        job = json.loads((point / "job.json").read_text())
        assert job["trained_by"] == way["trained_by"]
        assert job["random_layers"] == ["Dropout"]
        assert job["point"]["model"]["file"] == "config/models/mine.py"
        assert len(pd.read_csv(point / "history.csv")) == 2 * 4
    assert (finished / "results/summary/summary.md").exists()
    assert planned(finished) == set()


def test_a_new_date_reruns_nothing(study):
    os.utime(study / "config/models/mine.py")
    assert planned(study) == set()


def test_an_edit_probes_and_trains_everything(study):
    append(study / "config/models/mine.py", "# a thought\n")
    assert planned(study) == {"probe", *TRAINED, *AFTER}


def test_a_probe_that_finds_the_same_trains_nothing(study):
    snakemake(study, "--forcerun", "probe", "--until", "probe")
    assert planned(study) == set()


def test_another_way_trains_everything(study):
    path = study / "results/probe/way.json"
    before = path.read_text()
    path.write_text(json.dumps({"trained_by": "fit"}))
    assert planned(study) == {*TRAINED, *AFTER}
    path.write_text(before)
    assert planned(study) == set()


def test_a_mistake_stops_the_study_with_the_users_own_traceback(study):
    (study / "config/models/mine.py").write_text(MODEL.replace("outputs, act", "units, act"))
    done = snakemake(study, check=False)
    assert done.returncode != 0
    log = (study / "results/logs/probe.log").read_text()
    told = log[log.index("Traceback") :]
    assert told.startswith(
        'Traceback (most recent call last):\n  File "config/models/mine.py", line'
    )
    assert told.rstrip().endswith("NameError: name 'units' is not defined")
    assert "batchscope" not in told
    # Jobs that depend on it were not begun.
    assert "rule train" not in done.stdout + done.stderr
    assert (study / "results/train/adam/4/history.csv").exists()


# What no probe can know: it takes another batch size.
PICKY = MODEL.replace(
    "def build",
    """class Picky(layers.Layer):
    def call(self, x):
        if x.shape[0] == 16:
            raise ValueError("sixteen are too many")
        return x


def build""",
).replace("layers.Dropout(0.1)", "Picky()")


def test_a_point_whose_model_fails_fails_alone(study):
    (study / "config/models/mine.py").write_text(PICKY)
    done = snakemake(study, check=False)
    assert done.returncode != 0
    log = (study / "results/logs/train/adam/16.log").read_text()
    told = log[log.index("Traceback") :]
    assert told.splitlines()[1].startswith('  File "config/models/mine.py", line')
    assert "sixteen are too many" in told and "batchscope" not in told
    # The other one is trained.
    assert planned(study) & TRAINED == {"train adam 16"}


def test_a_missing_file_is_said_before_any_job(study):
    shutil.move(study / "config/models/mine.py", study / "elsewhere.py")
    done = snakemake(study, "--dry-run", check=False)
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert "model.file: expected a file that is there. Received: config/models/mine.py." in text
    assert "Traceback" not in text
