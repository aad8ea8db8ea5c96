"""The state of an unfinished training job, so that nothing of it is lost when it is stopped."""

import contextlib
import hashlib
import json
import logging
import os
import signal
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

# Modules whose code decides what a state means and how it goes on.
CODE = (
    "training/learning_rate",
    "training/checkpoint",
    "training/model",
    "training/job",
    "training/runs",
    "training/seeds",
    "training/trainer",
)


@dataclass
class Progress:
    """How far a job is.

    Attributes:
        finished: (curve, seconds, resumed) of each finished run.
        curve: float32 [epochs so far, columns] of the run in progress.
        seconds: its train, wall and CPU seconds so far, float64 [3].
        state: its `Trainer.get_state`; empty unless it is being resumed.
    """

    finished: list = field(default_factory=list)
    curve: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(3))
    state: list = field(default_factory=list)

    def begin(self, columns):
        """Begin a run whose epochs have so many values."""
        self.curve, self.seconds = np.empty((0, columns), np.float32), np.zeros(3)

    def add(self, rows, seconds):
        """Add epochs to the run in progress."""
        self.curve = np.concatenate([self.curve, rows])
        self.seconds = self.seconds + seconds

    def finish(self, resumed):
        """End the run in progress."""
        self.finished.append((self.curve, self.seconds.tolist(), resumed))
        self.state = []


def fingerprint(facts):
    """Hex digest of `facts` (plain values) and of the code that a checkpoint depends on."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for module in CODE:
        digest.update((Path(__file__).parents[1] / f"{module}.py").read_bytes())
    return digest.hexdigest()


def save(path, key, progress):
    """Write a checkpoint aside, then put it in place, so that there is always a whole one.

    Args:
        path: the checkpoint's file.
        key: the job's `fingerprint`.
        progress: what to save.
    """
    header = {"key": key, "finished": [list(entry[1:]) for entry in progress.finished]}
    arrays = {f"curve_{index}": entry[0] for index, entry in enumerate(progress.finished)}
    arrays |= {f"state_{index}": value for index, value in enumerate(progress.state)}
    arrays |= {"curve": progress.curve, "seconds": progress.seconds}
    aside = f"{path}.new"
    with open(aside, "wb") as file:  # noqa: PTH123
        np.savez(file, header=json.dumps(header), **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)  # noqa: PTH105


def load(path, key):
    """Read a checkpoint.

    Returns:
        The saved Progress; a fresh one if there is none at `path`, or if it cannot be read or
        belongs to other hyperparameters, data or code, which the log says.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(file["header"].item())
            if header["key"] != key:
                log.info("checkpoint ignored: it is of other hyperparameters, data or code")
                return Progress()
            finished = [
                (file[f"curve_{index}"], seconds, resumed)
                for index, (seconds, resumed) in enumerate(header["finished"])
            ]
            states = sum(name.startswith("state_") for name in file.files)
            state = [file[f"state_{index}"] for index in range(states)]
            progress = Progress(finished, file["curve"], file["seconds"], state)
    except FileNotFoundError:
        return Progress()
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        log.info("checkpoint ignored: it cannot be read (%s)", error)
        return Progress()
    log.info("resumed after %d runs and %d epochs", len(progress.finished), len(progress.curve))
    return progress


def remove(path):
    """Remove a checkpoint, if there is one."""
    for file in (path, f"{path}.new"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(file)  # noqa: PTH107


class StopRequest:
    """Notes SIGTERM and SIGINT, while the block runs, instead of dying of them.

    Attributes:
        signal: the number of the signal that came, or None.
    """

    def __enter__(self):
        self.signal = None
        numbers = (signal.SIGTERM, signal.SIGINT)
        self._handlers = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(self, *error):
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _note(self, number, frame):
        self.signal = number
