"""A job that is stopped or killed at any point of its way loses nothing that was worth keeping.

Each attempt runs the rule's script under a shell, as Snakemake does, and waits at a named place
until it has been sent a signal.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from batchscope.data.dataset import save
from batchscope.data.make import make

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
# Seconds after which a process that does not answer is taken for hanging.
PATIENCE = 600
OUTPUTS = {"history": "history.csv", "runs": "runs.csv", "job": "job.json"}
FILES = set(OUTPUTS.values())
CHECKPOINT = "checkpoint.npz"
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
DATASET = {
    "source": "make_blobs",
    "arguments": {"n_samples": 80, "centers": 3, "random_state": 2},
    "train_size": 40,
    "test_size": 10,
    "split": "first",
    "standardize": False,
}
# Two replicates at two learning rates, of three epochs each.
POINT = {
    "recipe": "adam",
    "batch_size": 8,
    "epochs": 3,
    "warmup_epochs": 0,
    "replicates": 2,
    "seed": 3,
    "optimizer": "Adam",
    "arguments": {},
    "clamped": [],
    "learning_rate": {"grid": [0.001, 0.01]},
    "model": {
        "layers": [
            {"Dropout": {"rate": 0.1}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ],
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    },
}

# A shell that stays between Snakemake and the job, since it has something to do after it.
SHELL = ["bash", "-c", '"$0" "$@"; exit $?']
# Runs the script with a pause before the n-th call of a function, or in the middle of an import.
# At a pause it tells its own and its parent's process id, and waits for a line.
DRIVER = """
import functools, importlib, json, os, runpy, sys
from types import SimpleNamespace

script, places, told, job = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), sys.argv[4]


def pause():
    os.write(told, f"{os.getpid()} {os.getppid()}\\n".encode())
    os.read(0, 1)


class PauseInImport:
    def find_spec(self, name, path, target=None):
        if [name] in places:
            pause()


def pause_before(owner, name, number):
    function, calls = getattr(owner, name), []

    @functools.wraps(function)
    def pausing(*arguments, **named):
        calls.append(name)
        if len(calls) == number:
            pause()
        return function(*arguments, **named)

    setattr(owner, name, pausing)


sys.meta_path.insert(0, PauseInImport())
called = [place for place in places if len(place) == 3]
if called:
    from batchscope.training import runtime

    runtime.start_keras(1)
    runtime.start_keras = lambda threads: None
    from batchscope.training import runs, timer

    # Each epoch is handed over, looked at and saved by itself.
    runs.CHUNK_SECONDS, runs.CHECKPOINT_SECONDS = 0, -1
    # So the pace takes five epochs.
    timer.MEASURED_SECONDS = 0
for module, path, number in called:
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    pause_before(owner, name, number)


class Resources(dict):
    attempt = 1


job = json.loads(job, object_hook=lambda values: SimpleNamespace(**values))
job.params.point = json.loads(sys.argv[5])
job.resources = Resources()
runpy.run_path(script, init_globals={"snakemake": job})
"""


def call(module, function, number=1):
    """The place before the n-th call of a function of the library."""
    return [f"batchscope.{module}", function, number]


# The place behind the last save.
TRAINED = call("training.tables", "history_table")


def epoch(number):
    """The place before an attempt's n-th epoch: it has compiled, and measured seven before."""
    return call("training.trainer", "Trainer.run", 8 + number)


def ignore_nothing():
    """Under nohup or in the background the tests themselves may ignore some signals."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)


class Attempt:
    """One attempt at the job in `folder`, which pauses at `places`."""

    def __init__(self, folder, *places):
        self.log = folder / "log.txt"
        self._told, told = os.pipe()
        job = {
            "log": [str(self.log)],
            "input": {
                "dataset": str(folder.parent / "dataset.npz"),
                "description": str(folder.parent / "dataset.json"),
                "way": [],
            },
            "output": {name: str(folder / file) for name, file in OUTPUTS.items()},
            "params": {},
            "threads": 1,
        }
        arguments = [SCRIPTS / "train.py", json.dumps(places), str(told), json.dumps(job)]
        self._process = subprocess.Popen(
            [*SHELL, sys.executable, "-c", DRIVER, *arguments, json.dumps(POINT)],
            env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
            stdin=subprocess.PIPE,
            bufsize=0,
            pass_fds=[told],
            preexec_fn=ignore_nothing,
        )
        os.close(told)

    def send(self, *signals, to="job"):
        """Wait for the next pause, send signals to the job or to its shell, and let it go on."""
        message = self._read()
        assert message, self.log.read_text()
        process = dict(zip(("job", "shell"), map(int, message.split()), strict=True))[to]
        for number in signals:
            os.kill(process, number)
        if to == "shell":
            self._process.wait(PATIENCE)
        # Whoever has ended of it reads no more.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(b"\n")
        return self

    def end(self):
        """Wait for the end of the job, which may be without its shell; returns the shell's code."""
        assert self._read() == ""
        os.close(self._told)
        self._process.stdin.close()
        return self._process.wait(PATIENCE)

    def _read(self):
        ready, _, _ = select.select([self._told], [], [], PATIENCE)
        assert ready, f"no word for {PATIENCE} s\n{self.log.read_text()}"
        return os.read(self._told, 1000).decode()


def files(folder):
    return {path.name for path in folder.iterdir()} - {"log.txt"}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The folder of a job that nothing happened to; the dataset is beside it."""
    folder = tmp_path_factory.mktemp("jobs") / "undisturbed"
    folder.mkdir()
    arrays, description = make(DATASET, POINT["model"]["loss"])
    save(arrays, description, folder.parent / "dataset.npz", folder.parent / "dataset.json")
    attempt = Attempt(folder)
    assert attempt.end() == 0, attempt.log.read_text()
    assert files(folder) == FILES | {CHECKPOINT}
    return folder


@pytest.fixture
def folder(undisturbed):
    """The folder of a job that everything happens to."""
    folder = undisturbed.parent / "disturbed"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


# Where an attempt is sent what, and how many runs and epochs the next one goes on with. Each goes
# on where the one before it was stopped.
STOPS = {
    "imports": (["keras.src.models"], signal.SIGTERM, None),
    "compilation": (call("training.trainer", "Trainer.compile"), signal.SIGINT, None),
    "middle of a run": (epoch(2), signal.SIGHUP, (0, 2)),
    "middle of a run, killed": (epoch(2), signal.SIGKILL, (1, 0)),
    "end of a learning rate": (epoch(4), signal.SIGINT, (2, 1)),
    "middle of the next": (epoch(1), signal.SIGTERM, (2, 2)),
    "middle of a run, shell killed": (epoch(1), "the shell's end", (3, 0)),
    "last save, killed": (call("training.checkpoint", "save", 4), signal.SIGKILL, (3, 2)),
    "after the last save, killed": (TRAINED, signal.SIGKILL, (4, 0)),
}


def test_a_job_stopped_anywhere_goes_on_and_ends_in_the_same_bytes(undisturbed, folder):
    resumed = None
    for name, (place, number, saved) in STOPS.items():
        attempt = Attempt(folder, place)
        if number == "the shell's end":
            assert attempt.send(signal.SIGKILL, to="shell").end() == -signal.SIGKILL, name
        else:
            assert attempt.send(number).end() == (137 if number == signal.SIGKILL else 1), name
        log = attempt.log.read_text()
        if resumed:
            runs, epochs = resumed
            assert f"resumed after {runs} runs and {epochs} epochs" in log, name
        last = log.splitlines()[-1]
        if number == "the shell's end":
            assert last == "stopped by the end of its parent process; the checkpoint is saved"
        elif saved is None:
            assert last == f"stopped by signal {number}; nothing was to be saved"
        elif number != signal.SIGKILL:
            assert last == f"stopped by signal {number}; the checkpoint is saved"
        left = files(folder) - {f"{CHECKPOINT}.new"}
        assert left == ({CHECKPOINT} if saved else set()), name
        resumed = saved

    attempt = Attempt(folder)
    assert attempt.end() == 0, attempt.log.read_text()
    log = attempt.log.read_text()
    assert "resumed after 4 runs and 0 epochs" in log and "training" not in log
    assert files(folder) == FILES | {CHECKPOINT}
    assert_same(folder, undisturbed, resumed=[True, False, True, True])


def assert_same(folder, undisturbed, resumed):
    """The same trainings, whatever they took."""
    history = (undisturbed / "history.csv").read_bytes()
    assert (folder / "history.csv").read_bytes() == history
    seconds = ["train_seconds", "wall_seconds", "cpu_seconds"]
    tables = [
        pd.read_csv(path / "runs.csv").drop(columns=seconds) for path in (undisturbed, folder)
    ]
    assert [table.pop("resumed").tolist() for table in tables] == [[False] * 4, resumed]
    pd.testing.assert_frame_equal(*tables)


@pytest.fixture
def trained(folder):
    """The folder of a job whose trainings are done and saved, with none of its files."""
    attempt = Attempt(folder, TRAINED)
    attempt.send(signal.SIGKILL).end()
    assert files(folder) == {CHECKPOINT}
    return folder


def test_a_finished_training_is_never_lost(undisturbed, trained):
    """Whatever comes while its files are written, and after that."""
    writing, between = call("files", "os.fsync"), call("files", "write_csv", 2)

    # Its shell was killed: nobody waits for its files.
    attempt = Attempt(trained, TRAINED)
    assert attempt.send(signal.SIGKILL, to="shell").end() == -signal.SIGKILL
    last = attempt.log.read_text().splitlines()[-1]
    assert last == "stopped by the end of its parent process; no file is written"
    assert files(trained) == {CHECKPOINT}

    assert Attempt(trained, writing).send(signal.SIGKILL).end() == 137
    assert files(trained) == {CHECKPOINT, "history.csv.new"}
    assert Attempt(trained, between).send(signal.SIGKILL).end() == 137
    assert files(trained) == {CHECKPOINT, "history.csv"}

    # Snakemake may have asked for its end to cancel it, and delete the files of a cancelled job.
    attempt = Attempt(trained, writing, between)
    assert attempt.send(signal.SIGTERM).send(signal.SIGINT).end() == 0, attempt.log.read_text()
    assert "stopped too late by signal 2: all files are written" in attempt.log.read_text()
    assert files(trained) == FILES | {CHECKPOINT}
    assert_same(trained, undisturbed, resumed=[False] * 4)
    before = {file: (trained / file).read_bytes() for file in FILES}

    # It is killed at its very end, or asked to stop there.
    for numbers, code in (([signal.SIGKILL], 137), (STOPPING, 0)):
        for file in FILES:
            (trained / file).unlink()
        attempt = Attempt(trained, call("training.stopping", "os._exit"))
        assert attempt.send(*numbers).end() == code, attempt.log.read_text()
        assert "training" not in attempt.log.read_text()
        assert files(trained) == FILES | {CHECKPOINT}
    for file in FILES - {"job.json"}:
        assert (trained / file).read_bytes() == before[file]
