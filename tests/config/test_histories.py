"""A study of histories finds its files, and says which are not there before any job starts."""

import copy
from pathlib import Path

import pytest
import yaml
from configs import change, problems

from batchscope.config.history_files import find_files
from batchscope.config.study import ConfigError, load_study, resolve_point

WRONG = yaml.safe_load(Path(__file__).with_name("wrong_histories.yaml").read_text())
STUDY = {
    "batch_sizes": [8, 128],
    "histories": {
        "files": "runs/{recipe}/{batch_size}/{replicate}.csv",
        "train_samples": 100,
    },
    "recipes": [{"name": "sgd"}, {"name": "sgd_tuned", "optimizer": "LAMB", "learning_rate": 0.1}],
}
FILES = [
    f"runs/{recipe}/{size}/{replicate}.csv"
    for recipe in ("sgd", "sgd_tuned")
    for size in (8, 128)
    for replicate in (1, 2)
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with a file for every point and replicate."""
    monkeypatch.chdir(tmp_path)
    touch(tmp_path, FILES)
    return tmp_path


def touch(folder, paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def changed(changes):
    config = copy.deepcopy(STUDY)
    for path, value in changes.items():
        change(config, path, value)
    return config


def test_it_has_nothing_of_a_training(folder):
    study = load_study(STUDY)
    assert set(study) == {"batch_sizes", "histories", "recipes", "allow_missing", "convergence"}
    assert load_study(study) == study
    assert resolve_point(study, "sgd_tuned", 128) == {
        "recipe": "sgd_tuned",
        "batch_size": 128,
        "epochs": None,
        "replicates": 2,
        "optimizer": "LAMB",
        "clamped": [],
        "learning_rate": 0.1,
        "train_samples": 100,
        "validation_samples": None,
        "counts_from": 0,
        "columns": {
            name: name for name in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
        },
    }


def test_defaults_written_out_are_no_change(folder):
    study = load_study(STUDY)
    settings = dict(reversed(study["histories"].items()))
    settings["columns"] = dict(reversed(settings["columns"].items()))
    again = load_study(STUDY | {"histories": settings})
    assert repr(resolve_point(again, "sgd", 8)) == repr(resolve_point(study, "sgd", 8))


def test_json_has_the_columns_of_a_trainer(folder):
    touch(folder, [path.replace(".csv", ".json") for path in FILES])
    files = STUDY["histories"]["files"].replace(".csv", ".json")
    settings = load_study(changed({"histories.files": files}))["histories"]
    assert settings["counts_from"] == 1
    assert settings["columns"]["val_loss"] == "eval_loss"


def test_path_is_relative_to_the_config(folder, monkeypatch):
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    study = load_study(STUDY, folder)
    assert study["histories"]["files"] == "../runs/{recipe}/{batch_size}/{replicate}.csv"
    assert find_files(study["histories"]["files"], "sgd", 8) == {
        "1": ["../runs/sgd/8/1.csv"],
        "2": ["../runs/sgd/8/2.csv"],
    }


@pytest.mark.parametrize(
    ("pattern", "paths", "expected"),
    [
        # Numbers in the order of numbers, whatever is around them.
        ("{batch_size}/s{replicate}", ["8/s10", "8/s2", "8/s1a"], ["8/s1a", "8/s2", "8/s10"]),
        # No batch size is a part of another.
        (
            "bs{batch_size}-{replicate}",
            ["bs8-1", "bs08-2", "bs18-1", "bs80-1"],
            ["bs8-1", "bs08-2"],
        ),
        ("{batch_size}{replicate}", ["8a", "81", "18"], ["8a"]),
        ("{replicate}/*_{batch_size}.csv", ["a/x_8.csv", "b/_8.csv", "c/8.csv"], [0, 1]),
        ("{batch_size}/{replicate}/{replicate}.csv", ["8/1/1.csv", "8/1/2.csv"], [0]),
        ("{recipe}/{recipe}_{batch_size}", ["sgd/sgd_8", "sgd/adam_8", "adam/sgd_8"], [0]),
        # Signs that mean something elsewhere.
        ("[a].{batch_size}(+)?.csv", ["[a].8(+)?.csv", "a.8(+)?.csv"], [0]),
        ("{batch_size}/{replicate}.csv", ["8/._1.csv", "8/1.csv", "8/a/1.csv"], ["8/1.csv"]),
        ("{batch_size}.csv", ["8.csv", "80.csv"], [0]),
    ],
)
def test_files_of_a_point(tmp_path, monkeypatch, pattern, paths, expected):
    monkeypatch.chdir(tmp_path)
    touch(tmp_path, paths)
    found = [path for [path] in find_files(pattern, "sgd", 8).values()]
    assert found == [paths[name] if isinstance(name, int) else name for name in expected]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: f"{case['path']}={case['value']!r:.40}")
def test_wrong_value_is_named_with_its_fix(folder, case):
    assert problems(changed({case["path"]: case["value"]})) == case["message"].splitlines()


def test_a_replicate_that_lacks_somewhere_is_named(folder):
    (folder / "runs/sgd_tuned/8/2.csv").unlink()
    assert problems(STUDY) == [
        "histories.files: expected 2 files of sgd_tuned at batch size 8, as of sgd at batch size "
        "8. Received: 1. Every point needs the same number of replicates."
    ]


def test_a_file_that_two_recipes_claim_is_named(folder):
    """In one that begins as another does."""
    for recipe in ("sgd", "sgd_tuned"):
        touch(folder, [f"all/{recipe}_{size}_1.csv" for size in (8, 128)])
    found = problems(changed({"histories.files": "all/{recipe}*_{batch_size}_{replicate}.csv"}))
    assert (
        "histories.files: expected one owner of all/sgd_tuned_8_1.csv. Received: sgd at batch "
        "size 8 and sgd_tuned at batch size 8. Write the path so that it tells them apart."
    ) in found


def test_absolute_path_stays(folder, monkeypatch):
    monkeypatch.chdir("/")
    pattern = str(folder / STUDY["histories"]["files"])
    study = load_study(changed({"histories.files": pattern}), "/somewhere")
    assert study["histories"]["files"] == pattern
    found = find_files(pattern, "sgd", 8)
    assert found == {name: [str(folder / f"runs/sgd/8/{name}.csv")] for name in ("1", "2")}


def test_numbers_have_a_band_in_their_own_units(folder):
    columns = {"epoch": "epoch", "val_loss": "mse", "val_mean_absolute_error": "mae"}
    stable = {"metric": "val_mean_absolute_error", "band": 3}
    changes = {"histories.columns": columns, "convergence.stable": stable}
    assert load_study(changed(changes))["histories"]["columns"] == columns
    del stable["band"]
    assert problems(changed(changes)) == [
        "convergence.stable.band: expected a number above 0, in the units of "
        "val_mean_absolute_error. Received: nothing. Add it; the default, 0.02, is for an accuracy."
    ]


def test_loss_alone_is_enough(folder):
    columns = {"epoch": "epoch", "val_loss": "loss"}
    stable = {"metric": "val_loss", "band": 0.1}
    study = load_study(changed({"histories.columns": columns, "convergence.stable": stable}))
    assert study["histories"]["columns"] == columns


@pytest.mark.parametrize(
    "junk",
    [None, True, -1, 1.5, "x", "", "{", "{x}", "*", "\0", "/", "..", [], [None], {}, {"x": 1}],
)
def test_no_value_breaks_the_check_itself(folder, junk):
    completed = load_study(STUDY)
    paths = ["histories", "recipes[0]", "convergence", "batch_sizes"]
    paths += [f"histories.{key}" for key in completed["histories"]]
    paths += [f"histories.columns.{key}" for key in completed["histories"]["columns"]]
    for path in paths:
        config = copy.deepcopy(completed)
        change(config, path, junk)
        try:
            load_study(config)
        except ConfigError as error:
            assert ": expected " in str(error), path
