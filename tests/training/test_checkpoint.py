"""Checkpoints: exact, never half, and of nothing but the job that they are of."""

import shutil

import numpy as np
import pytest

from batchscope.training import checkpoint
from batchscope.training.checkpoint import Progress


@pytest.fixture
def progress():
    done = Progress()
    for updates, resumed in ((7, False), (9, True)):
        done.begin(4)
        done.add(np.float32([[0.1, 0.2, 0.3, 1 / 3]]), np.array([0.1, 0.2, 1 / 3]))
        done.finish(updates, resumed, [1 / 3, 0.5] if resumed else [])
    done.begin(4)
    done.add(np.float32([[1, 2, 3, 4], [5, 6, 7, np.nan]]), np.ones(3))
    done.state = [np.float32([[1, 2]]), np.array(7), np.uint32([1, 2])]
    return done


def test_checkpoint_survives_the_round_trip(tmp_path, progress):
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, "key", progress)
    loaded = checkpoint.load(path, "key")
    for run, expected in zip(loaded.finished, progress.finished, strict=True):
        assert run[1:] == expected[1:]
        np.testing.assert_array_equal(run.curve, expected.curve)
    np.testing.assert_array_equal(loaded.curve, progress.curve)
    np.testing.assert_array_equal(loaded.seconds, progress.seconds)
    for value, expected in zip(loaded.state, progress.state, strict=True):
        assert value.dtype == expected.dtype and value.shape == expected.shape
        np.testing.assert_array_equal(value, expected)


def test_no_checkpoint_is_a_fresh_start(tmp_path):
    assert checkpoint.load(tmp_path / "checkpoint.npz", "key").finished == []


def test_checkpoint_of_something_else_is_ignored_with_a_word(tmp_path, progress, caplog):
    caplog.set_level("INFO")
    checkpoint.save(tmp_path / "checkpoint.npz", "key", progress)
    loaded = checkpoint.load(tmp_path / "checkpoint.npz", "other")
    assert loaded.finished == [] and loaded.state == []
    assert "ignored: it is of other hyperparameters, data or code" in caplog.text


def test_no_damage_of_a_checkpoint_is_taken_for_a_state(tmp_path, progress):
    """Each seventh byte is changed in turn, and the file is cut off at many places."""
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, "key", progress)
    whole = path.read_bytes()
    damaged = [whole[:end] for end in range(0, len(whole), 41)]
    damaged += [
        whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :] for at in range(0, len(whole), 7)
    ]
    for content in damaged:
        path.write_bytes(content)
        assert checkpoint.load(path, "key").finished == []
    path.write_bytes(whole)
    assert len(checkpoint.load(path, "key").finished) == 2
    # It is still an archive of NumPy, to look into.
    with np.load(path, allow_pickle=False) as file:
        assert "header" in file.files


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"no archive"])
def test_broken_checkpoint_is_ignored_with_a_word(tmp_path, content, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(content)
    assert checkpoint.load(path, "key").finished == []
    assert "ignored: it cannot be read" in caplog.text


def test_a_checkpoint_is_saved_although_its_folder_was_removed(tmp_path, progress):
    path = tmp_path / "train/adam/4/checkpoint.npz"
    checkpoint.save(path, "key", progress)
    assert len(checkpoint.load(path, "key").finished) == 2


def test_a_save_that_fails_leaves_the_last_checkpoint(tmp_path, progress, monkeypatch):
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, "key", progress)

    def fail(*arguments, **named):
        raise OSError("no space left")

    monkeypatch.setattr(checkpoint.np, "savez", fail)
    with pytest.raises(OSError, match="no space left"):
        checkpoint.save(path, "key", Progress())
    assert len(checkpoint.load(path, "key").finished) == 2


def test_fingerprint_sees_facts():
    facts = {"point": {"learning_rate": 0.001}, "threads": 1}
    assert checkpoint.fingerprint(facts) == checkpoint.fingerprint(dict(reversed(facts.items())))
    other = {"point": {"learning_rate": 0.002}, "threads": 1}
    assert checkpoint.fingerprint(facts) != checkpoint.fingerprint(other)


@pytest.mark.parametrize(
    ("module", "used"),
    [
        ("training/trainer", True),
        ("training/runtime", True),
        ("training/seeds", True),
        ("config/recipe", True),
        ("config/study", False),
        ("analysis/law", False),
    ],
)
def test_fingerprint_sees_the_code_that_a_training_uses(tmp_path, monkeypatch, module, used):
    before = checkpoint.fingerprint({})
    scripts = tmp_path / "scripts"
    shutil.copytree(checkpoint.SCRIPT.parent, scripts)
    monkeypatch.setattr(checkpoint, "SCRIPT", scripts / "train.py")
    assert checkpoint.fingerprint({}) == before
    with (scripts / f"batchscope/{module}.py").open("a") as file:
        file.write("# changed\n")
    assert (checkpoint.fingerprint({}) != before) is used
