"""Files that are whole whenever they are there."""

import contextlib
import csv
import json
import os
from pathlib import Path

from batchscope.results import TABLES
from batchscope.sources import file_digest


@contextlib.contextmanager
def written_aside(path, mode="w"):
    """Open a file beside `path`, which takes the place of `path` at the end of the block.

    Whenever this process ends, `path` is what it was or is whole. An exception leaves nothing; one
    of the system names `path`.

    Args:
        path: of the file in the end.
        mode: "w" for text, "wb" for bytes.
    """
    aside = _aside(path)
    try:
        with aside.open(mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException as error:
        # A refused write does not say of which file.
        if isinstance(error, OSError) and error.errno and not error.filename:
            error.filename = str(path)
        # What cannot be written may not be removed either.
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def write_csv(path, columns, rows):
    """Write rows of plain values; floats keep every digit they need."""
    with written_aside(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_table(path, table):
    """Write a DataFrame without its index, and seal it."""
    with written_aside(path) as file:
        table.to_csv(file, index=False)
    seal(path)


def write_text(path, text):
    """Write text."""
    with written_aside(path) as file:
        file.write(text)


def write_json(path, facts):
    """Write plain values."""
    write_text(path, json.dumps(facts, indent=2) + "\n")


def write_point(outputs, history, runs, job):
    """Write what a training leaves. job.json is written last, with the digests of the others.

    Args:
        outputs: paths, named history, runs, job.
        history, runs: (columns, rows) of each table.
        job: the facts of job.json, but for `sha256`.
    """
    write_csv(outputs.history, *history)
    write_csv(outputs.runs, *runs)
    digests = zip(TABLES, map(file_digest, (outputs.history, outputs.runs)), strict=True)
    write_json(outputs.job, job | {"sha256": dict(digests)})


def seal(path):
    """Write the digest of a file that later jobs read beside it, as `sha256sum` does."""
    write_text(_seal(path), f"{file_digest(path)}  {Path(path).name}\n")


def read_sealed(path):
    """Read the text of a file. One that has no seal is taken as it is.

    Raises:
        ValueError: if it is another than its seal is of, naming it and the option that mends it.
    """
    if _seal(path).exists():
        expected, found = _seal(path).read_text(encoding="utf-8").split()[0], file_digest(path)
        if found != expected:
            raise ValueError(
                f"{path}: expected the file that its job has written, of the digest {expected}. "
                f"Received: {found}. Make it again: add to your snakemake command\n"
                f"  --forcerun {path}"
            )
    return Path(path).read_text(encoding="utf-8")


def read_json(path):
    """Read a JSON file as `read_sealed` does."""
    return json.loads(read_sealed(path))


def remove(path):
    """Remove what a killed process may have left of the next file at `path`, then `path` itself.

    What the system does not let go of stays: no job that is done fails for it.
    """
    with contextlib.suppress(OSError):
        # A kill in between leaves the file that is worth more.
        for file in (_aside(path), Path(path)):
            file.unlink(missing_ok=True)


def _seal(path):
    return Path(f"{path}.sha256")


def _aside(path):
    return Path(f"{path}.new")
