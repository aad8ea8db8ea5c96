"""The state of an unfinished training job, so that nothing of it is lost when it is stopped."""

import hashlib
import io
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from batchscope.files import written_aside
from batchscope.sources import digest

log = logging.getLogger(__name__)

# Of its file, beside those that a training leaves.
NAME = "checkpoint.npz"
# A checkpoint ends with its digest.
DIGEST_BYTES = hashlib.sha256().digest_size

# Its code, and that of all it imports, decides what a state means and how it goes on.
SCRIPT = Path(__file__).parents[2] / "train.py"


class FinishedRun(NamedTuple):
    """A run to its end.

    Attributes:
        curve: float32 [epochs, columns of the trainer].
        seconds: its train, wall and CPU seconds.
        updates: those that its optimizer made, int.
        resumed: whether it was interrupted in between.
        test: `Trainer.test` after its last epoch; empty if it diverged.
    """

    curve: np.ndarray
    seconds: list
    updates: int
    resumed: bool
    test: list

    @property
    def diverged(self):
        """Whether its last epoch is not finite."""
        return not np.isfinite(self.curve[-1]).all()


@dataclass
class Progress:
    """How far a job is.

    Attributes:
        finished: a FinishedRun for each finished run.
        curve: float32 [epochs so far, columns] of the run in progress; empty if there is none.
        seconds: its train, wall and CPU seconds so far, float64 [3].
        state: its `Trainer.get_state`, as of the last save; empty if nothing of it was saved.
    """

    finished: list = field(default_factory=list)
    curve: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(3))
    state: list = field(default_factory=list)

    def begin(self, columns):
        """Begin a run whose epochs have so many values."""
        self.curve, self.seconds, self.state = np.empty((0, columns), np.float32), np.zeros(3), []

    def add(self, rows, seconds):
        """Add epochs to the run in progress."""
        self.curve = np.concatenate([self.curve, rows])
        self.seconds = self.seconds + seconds

    def finish(self, updates, resumed, test):
        """End the run in progress."""
        seconds = self.seconds.tolist()
        self.finished.append(FinishedRun(self.curve, seconds, updates, resumed, test))
        self.begin(self.curve.shape[1])


def fingerprint(facts):
    """Hex digest of `facts` (plain values) and of the code that a checkpoint depends on."""
    text = json.dumps(facts, sort_keys=True) + digest(SCRIPT)
    return hashlib.sha256(text.encode()).hexdigest()


def save(path, key, progress):
    """Write a checkpoint, in place of the last one.

    Args:
        path: the checkpoint's file.
        key: the job's `fingerprint`.
        progress: what to save.
    """
    header = {"key": key, "finished": [run[1:] for run in progress.finished]}
    arrays = {f"curve_{index}": run.curve for index, run in enumerate(progress.finished)}
    arrays |= {f"state_{index}": value for index, value in enumerate(progress.state)}
    arrays |= {"curve": progress.curve, "seconds": progress.seconds}
    content = io.BytesIO()
    np.savez(content, header=json.dumps(header), **arrays)
    # A Snakemake that is interrupted removes empty folders, while the jobs that it has cancelled
    # save themselves.
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with written_aside(path, "wb") as file:
        file.write(content.getbuffer())
        # Not every damage of an archive is seen by who reads it.
        file.write(hashlib.sha256(content.getbuffer()).digest())


def load(path, key):
    """Read a checkpoint.

    Returns:
        The saved Progress; a fresh one if there is none at `path`, or if it cannot be read or
        belongs to other hyperparameters, data or code, which the log says.
    """
    try:
        whole = Path(path).read_bytes()
        content, told = whole[:-DIGEST_BYTES], whole[-DIGEST_BYTES:]
        if hashlib.sha256(content).digest() != told:
            log.info("checkpoint ignored: it cannot be read (it is damaged)")
            return Progress()
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            header = json.loads(file["header"].item())
            if header["key"] != key:
                log.info("checkpoint ignored: it is of other hyperparameters, data or code")
                return Progress()
            finished = [
                FinishedRun(file[f"curve_{index}"], *facts)
                for index, facts in enumerate(header["finished"])
            ]
            states = sum(name.startswith("state_") for name in file.files)
            state = [file[f"state_{index}"] for index in range(states)]
            progress = Progress(finished, file["curve"], file["seconds"], state)
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        log.info("checkpoint ignored: it cannot be read (%s)", error)
        return Progress()
    log.info("resumed after %d runs and %d epochs", len(progress.finished), len(progress.curve))
    return progress
