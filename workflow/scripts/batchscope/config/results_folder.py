"""The folder that a study writes into: no other files may be lost in it, and no other study may
write into it at the same time."""

import contextlib
import fcntl
import os
import socket
from pathlib import Path, PurePath

from batchscope.config.problem import problem, refuse

KEY = "pathvars.results"
# Snakemake's default.
DEFAULT = "results"
PROJECT = Path(__file__).parents[4]

# It stays there: to remove a file that another process is about to lock would let both in. So it
# tells that a study has written into the folder; where hooks do not run, its trainings do.
LOCK = ".batchscope.lock"
TRAININGS = "train/*/*/job.json"
OF_TRAINING = '"updates_per_epoch"'

# The folders in the one of results that a study writes into.
WRITTEN = {
    *("dataset", "probe", "train", "pace", "convergence", "scaling", "rate_map", "summary"),
    *("learning_curves", "law", "comparison", "measure", "advice", "logs", "benchmarks"),
}


def results_of(study):
    """The folder that a study writes into: text."""
    return study.get("pathvars", {}).get("results", DEFAULT)


def find_folder_problems(study, folder):
    """The problem line of a folder of results that is no folder of its own.

    Args:
        study: the completed study.
        folder: that of the config file.
    """
    results = results_of(study)
    normal = os.path.normpath(results)
    if results.startswith("~"):
        yield problem(KEY, "a path that is written out", results, "Nothing fills in ~ here.")
    elif ".." in PurePath(results).parts:
        fix = "Write an absolute path."
        yield problem(
            KEY, "a folder below the working directory, or an absolute path", results, fix
        )
    elif normal != results and results != ".":
        yield problem(KEY, "the shortest path of the folder", results, f"Write {normal}.")
    elif found := _what_is_in_the_way(Path(results).resolve(), folder):
        fix = f"Write a folder that nothing else is in, such as {DEFAULT}/my_study."
        yield problem(KEY, "a folder of the study's own", f"{results}, which {found}", fix)


def hold_folder(study):
    """Keep other working directories out of the folder of results, until this process ends.

    Snakemake's own lock is of the working directory, and says nothing of a folder that two of them
    share. Studies of one directory hold the folder together: Snakemake keeps them from the same
    files. On a file system that knows no locks nobody is kept out.

    Args:
        study: the completed study.

    Returns:
        An open file. Its lock ends when it is closed, or the process ends, however it ends.

    Raises:
        ConfigError: where a study in another directory holds the folder, or nothing can be written
            into it.
    """
    results = results_of(study)
    own = f"{Path.cwd()} on {socket.gethostname()}".encode(errors="backslashreplace")
    try:
        Path(results).mkdir(parents=True, exist_ok=True)
        # Over NFS only a file that is open to write can be locked.
        file = Path(results, LOCK).open("a+b", buffering=0)  # noqa: SIM115
        if _lock(file, fcntl.LOCK_EX):
            file.truncate(0)
            file.write(own)
            os.fsync(file.fileno())
        # While somebody shares the lock, nobody writes another name.
        shared = _lock(file, fcntl.LOCK_SH)
        file.seek(0)
        holder = file.read()
    except OSError as error:
        received = f"{results}, whose {LOCK} cannot be written ({error.strerror})"
        fix = f"Mend that, or remove {LOCK} when no study runs."
        refuse([problem(KEY, "a folder to write into", received, fix)])
    if not shared or holder != own:
        file.close()
        place = holder.decode(errors="backslashreplace") if holder != own else ""
        received = f"{results}, which a study in {place or 'another directory'} writes into now"
        fix = "Wait until that has ended, or give each study a folder of its own."
        refuse([problem(KEY, "a folder of this working directory alone", received, fix)])
    return file


def _lock(file, kind):
    """Whether nobody has a lock on a file that forbids this kind of lock, which it then has, if
    its file system knows locks."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    # Some network file systems say the second.
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass
    return True


def _what_is_in_the_way(results, folder):
    """Why a folder is not a study's own, in words; empty if it is."""
    for place, name in (
        (Path.cwd(), "the working directory"),
        (PROJECT, "the workflow"),
        (Path(folder), "the config"),
        (Path(os.environ.get("HOME", "/")), "your home folder"),
    ):
        if place.resolve().is_relative_to(results):
            return f"holds {name}"
    for place in (PROJECT / "workflow", Path.cwd() / ".snakemake", PROJECT / ".git"):
        if results.is_relative_to(place.resolve()):
            return f"is in {place.name}"
    try:
        # A path that goes through a file fails here, an unknown one has nothing in it.
        entries = list(results.iterdir())
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be used ({error.strerror})"
    if Path(results, LOCK).exists() or _has_trainings(results):
        return ""
    # Folders may be those of other studies; Snakemake and file browsers hide files of their own.
    found = {e.name for e in entries if e.is_file() and not e.name.startswith(".")}
    found |= WRITTEN & {e.name for e in entries}
    return f"holds {min(found)} and no training of a study" if found else ""


def _has_trainings(results):
    for path in results.glob(TRAININGS):
        with contextlib.suppress(OSError):
            return OF_TRAINING in path.read_text(encoding="utf-8", errors="replace")
    return False
