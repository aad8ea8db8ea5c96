"""`make verify`: a point of a finished study is trained again, alone, and its bytes compared."""

import os
import subprocess
import sys

import pytest
from project import TINY, append, copy_project, make, snakemake, write_config
from saved import job, out_of_memory, saved_point, write_facts

from batchscope.config.study import load_study
from batchscope.files import seal, write_json
from batchscope.sources import file_digest
from batchscope.verify import choose_point, main

SGD = {"name": "sgd", "optimizer": "SGD", "learning_rate": 0.1}
STUDY = TINY | {"recipes": [SGD, *TINY["recipes"]], "batch_sizes": [16]}
# Nothing of what it says otherwise belongs to Adam at batch size 16.
OTHER = TINY | {"batch_sizes": [8, 16, 4], "convergence": {"target": {"value": 0.5}}}
HISTORY = "results/train/adam/16/history.csv"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which two recipes were trained at once, and study.json tells of OTHER."""
    folder = tmp_path_factory.mktemp("verify")
    copy_project(folder)
    write_config(folder, STUDY)
    snakemake(folder, HISTORY, HISTORY.replace("adam", "sgd"))
    tell(folder, OTHER)
    return folder


def tell(folder, config):
    """Write what study.json says of a config."""
    path = folder / "results/study.json"
    write_json(path, {"config": load_study(config)})
    seal(path)


def files(folder):
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for name in ("results", ".snakemake")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


def verify(folder, *arguments):
    command = [sys.executable, "-m", "batchscope.verify", *arguments]
    path = {"PYTHONPATH": str(folder / "workflow/scripts")}
    return subprocess.run(
        command, cwd=folder, env=os.environ | path, capture_output=True, text=True
    )


def test_neither_cores_nor_order_nor_other_points_decide_a_history(finished, tmp_path, monkeypatch):
    """Trained alone, on one core and by another config; and nothing of the study is touched."""
    before = files(finished)
    # study.json says what is trained again, and not this file, which may have been edited.
    write_config(finished, TINY | {"seed": 2})
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    told = make(finished, "verify", "POINT=adam/16")
    assert "adam/16: history.csv is byte-identical when trained again.\n" in told
    assert file_digest(finished / HISTORY) in told and "differs" not in told
    assert files(finished) == before
    assert not list(tmp_path.glob("batchscope-*"))


def test_code_that_comes_to_other_numbers_is_named(finished):
    seeds = finished / "workflow/scripts/batchscope/training/seeds.py"
    before = seeds.read_text()
    append(seeds, "\n\ndef weights_seed(seed, replicate):\n    return seed + replicate\n")
    done = verify(finished, "results", "adam/16")
    seeds.write_text(before)
    assert done.returncode == 1, done.stderr
    assert "adam/16: history.csv is not byte-identical when trained again." in done.stdout
    _, _, differs = done.stdout.partition("This differs from what job.json records:\n")
    assert [line.split(":")[0] for line in differs.splitlines()] == ["  code"]


def write(folder, size, point, **facts):
    """Save a made-up point of SGD in the results `folder`."""
    own = folder / "train" / "sgd" / str(size)
    own.mkdir(parents=True)
    for name, table in zip(("history.csv", "runs.csv"), point, strict=True):
        table.to_csv(own / name, index=False)
    told = job(size, 2, **facts)
    told["point"]["recipe"] = "sgd"
    write_facts(own, told)


def config_of(*sizes):
    return {"recipes": [SGD], "batch_sizes": sizes}


LOSSES = [[0.9, 0.5]] * 2


def test_the_cheapest_point_is_taken_or_the_chosen_one(tmp_path):
    """By the seconds of all runs: 3 + 1, 1 + 2, 2 + 2. What did not fit took none."""
    for size, seconds in ((4, [3, 1]), (8, [1, 2]), (16, [2, 2])):
        write(tmp_path, size, saved_point(LOSSES, seconds=seconds))
    write(tmp_path, 32, out_of_memory(2))
    for chosen, expected in ((None, "sgd/8"), ("sgd/16", "sgd/16")):
        name, told = choose_point(tmp_path, config_of(4, 8, 16, 32), chosen)
        assert (name, f"sgd/{told['point']['batch_size']}") == (expected, expected)


@pytest.mark.parametrize("chosen", [None, "sgd/32"])
def test_what_did_not_fit_into_memory_cannot_be_trained_again(tmp_path, chosen):
    write(tmp_path, 32, out_of_memory(2))
    with pytest.raises(SystemExit, match=r"nothing can be trained again\. It did not fit into the"):
        choose_point(tmp_path, config_of(32), chosen)


def test_an_imported_study_cannot_be_trained_again(tmp_path):
    with pytest.raises(SystemExit, match="done elsewhere, and their histories were imported"):
        choose_point(tmp_path, config_of(32) | {"histories": {}}, None)


def test_an_unknown_point_is_refused_with_those_that_are_there(tmp_path):
    with pytest.raises(SystemExit, match=r"^sgd/5: expected .*, one of sgd/4, sgd/8\.$"):
        choose_point(tmp_path, config_of(4, 8), "sgd/5")


def test_a_history_that_was_edited_is_told_before_anything_is_trained(finished, monkeypatch):
    history = finished / HISTORY
    before = history.read_bytes()
    history.write_bytes(before.replace(b"0", b"1", 1))
    monkeypatch.setattr("sys.argv", ["verify", str(finished / "results"), "adam/16"])
    with pytest.raises(SystemExit, match="expected the file of its training"):
        main()
    history.write_bytes(before)


def test_what_cannot_be_trained_any_more_is_told(finished):
    tell(finished, OTHER | {"model": {"file": "models/gone.py"}})
    done = verify(finished, "results", "adam/16")
    tell(finished, OTHER)
    assert done.returncode == 1
    assert "model.file: expected a file that is there" in done.stderr
    assert done.stderr.rstrip().endswith("could not be made again, as said above.")
