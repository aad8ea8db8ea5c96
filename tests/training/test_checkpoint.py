"""Nothing is lost inside a training: stopped or killed at any time, it ends in the same bytes."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from batchscope.data.dataset import describe, make, save
from batchscope.training import checkpoint
from batchscope.training.checkpoint import Progress

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
ARGUMENTS = {"n_samples": 800, "centers": 3, "random_state": 2}
POINT = {
    "recipe": "adam",
    "batch_size": 1,
    "epochs": 60,
    "warmup_epochs": 0,
    "replicates": 40,
    "seed": 3,
    "optimizer": "Adam",
    "arguments": {},
    "clamped": [],
    "learning_rate": 0.001,
    "model": {
        "layers": [
            {"Dropout": {"rate": 0.1}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ],
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    },
}

# Runs the training script, with checkpoints and interruptions far more often than in real use.
DRIVER = """
import json, logging, sys
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
from batchscope.training import runtime
runtime.start_keras(1)
from batchscope.training import runs
runs.CHECKPOINT_SECONDS, runs.CHUNK_SECONDS = 0.2, 0.1
import train
train.main(**json.loads(sys.argv[1]))
"""


@pytest.fixture
def progress():
    done = Progress()
    for resumed in (False, True):
        done.begin(4)
        done.add(np.float32([[0.1, 0.2, 0.3, 1 / 3]]), np.array([0.1, 0.2, 1 / 3]))
        done.finish(resumed)
    done.begin(4)
    done.add(np.float32([[1, 2, 3, 4], [5, 6, 7, np.nan]]), np.ones(3))
    done.state = [np.float32([[1, 2]]), np.array(7), np.uint32([1, 2])]
    return done


def test_checkpoint_survives_the_round_trip(tmp_path, progress):
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, "key", progress)
    loaded = checkpoint.load(path, "key")
    assert [entry[1:] for entry in loaded.finished] == [entry[1:] for entry in progress.finished]
    for (curve, *_), (expected, *_) in zip(loaded.finished, progress.finished, strict=True):
        np.testing.assert_array_equal(curve, expected)
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


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"no archive"])
def test_broken_checkpoint_is_ignored_with_a_word(tmp_path, content, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(content)
    assert checkpoint.load(path, "key").finished == []
    assert "ignored: it cannot be read" in caplog.text


def test_a_save_that_fails_leaves_the_last_checkpoint(tmp_path, progress, monkeypatch):
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, "key", progress)

    def fail(*arguments, **named):
        raise OSError("no space left")

    monkeypatch.setattr(checkpoint.np, "savez", fail)
    with pytest.raises(OSError, match="no space left"):
        checkpoint.save(path, "key", Progress())
    assert len(checkpoint.load(path, "key").finished) == 2


def test_fingerprint_sees_facts_and_code(tmp_path, monkeypatch):
    facts = {"point": POINT, "threads": 1}
    assert checkpoint.fingerprint(facts) == checkpoint.fingerprint(dict(reversed(facts.items())))
    other = {"point": POINT | {"learning_rate": 0.002}, "threads": 1}
    before = checkpoint.fingerprint(facts)
    assert checkpoint.fingerprint(other) != before
    for module in checkpoint.CODE:
        source = (Path(checkpoint.__file__).parents[1] / f"{module}.py").read_text()
        (tmp_path / module).parent.mkdir(exist_ok=True)
        (tmp_path / f"{module}.py").write_text(source)
    monkeypatch.setattr(checkpoint, "__file__", str(tmp_path / "training/checkpoint.py"))
    assert checkpoint.fingerprint(facts) == before
    (tmp_path / "training/seeds.py").write_text("changed")
    assert checkpoint.fingerprint(facts) != before


def test_stop_request_notes_signals_and_puts_handlers_back():
    before = signal.getsignal(signal.SIGTERM)
    with checkpoint.StopRequest() as stop:
        assert stop.signal is None
        signal.raise_signal(signal.SIGTERM)
        assert stop.signal == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before


def start(folder, dataset):
    folder.mkdir(exist_ok=True)
    arguments = {name: str(folder / f"{name}.csv") for name in ("history", "runs", "tuning")}
    arguments |= {"dataset": str(dataset), "job": str(folder / "job.json"), "point": POINT}
    arguments |= {"threads": 1, "gpus": 0, "attempt": 1}
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, json.dumps(arguments)],
        env={"PYTHONPATH": str(SCRIPTS), "PATH": ""},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ten_interruptions_change_no_byte(tmp_path):
    """SIGTERM and SIGKILL in turn, at seeded moments of start and training, then to the end."""
    dataset = tmp_path / "dataset.npz"
    arrays = make("make_blobs", ARGUMENTS, 400)
    save(arrays, describe("make_blobs", ARGUMENTS, arrays), dataset, tmp_path / "dataset.json")
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    process = start(undisturbed, dataset)
    _, errors = process.communicate()
    assert process.returncode == 0, errors

    moments = random.Random(5)
    resumed = 0
    for interruption in range(10):
        process = start(disturbed, dataset)
        lines = []
        if interruption % 5 == 4:
            time.sleep(moments.uniform(0, 3))
        else:
            for line in process.stderr:
                lines.append(line)
                if line.startswith("compiled"):
                    break
            time.sleep(moments.uniform(0.1, 0.7))
        number = signal.SIGTERM if interruption % 2 else signal.SIGKILL
        process.send_signal(number)
        _, errors = process.communicate()
        errors = "".join(lines) + errors
        assert process.returncode != 0, "the study is too fast to be interrupted"
        resumed += "resumed after" in errors
        if "compiled" in errors and number == signal.SIGTERM:
            assert process.returncode == 1, errors
            assert errors.splitlines()[-1].startswith("stopped by signal 15"), errors
            assert (disturbed / "checkpoint.npz").exists()
        assert not (disturbed / "history.csv").exists()
    process = start(disturbed, dataset)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert resumed >= 5

    assert (disturbed / "history.csv").read_bytes() == (undisturbed / "history.csv").read_bytes()
    runs = [pd.read_csv(folder / "runs.csv") for folder in (undisturbed, disturbed)]
    timings = ["train_seconds", "wall_seconds", "cpu_seconds", "resumed"]
    pd.testing.assert_frame_equal(*(table.drop(columns=timings) for table in runs))
    assert not runs[0]["resumed"].any() and runs[1]["resumed"].any()
    assert sorted(path.name for path in disturbed.iterdir()) == [
        "history.csv",
        "job.json",
        "runs.csv",
        "tuning.csv",
    ]
