"""Files that are whole whenever they are there."""

import contextlib
import csv
import json
import os
from pathlib import Path

from batchscope.job_facts import with_digests
from batchscope.naming import naming
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
        with naming(path):
            with aside.open(mode, encoding=None if "b" in mode else "utf-8") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
    except BaseException:
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
    """Write what a training leaves. job.json is written last, with the digests of all.

    Args:
        outputs: paths, named history, runs, job.
        history, runs: (columns, rows) of each table.
        job: the facts of job.json, but for `sha256`.
    """
    write_csv(outputs.history, *history)
    write_csv(outputs.runs, *runs)
    digests = zip(TABLES, map(file_digest, (outputs.history, outputs.runs)), strict=True)
    write_json(outputs.job, with_digests(job, dict(digests)))


def seal(path):
    """Write the digest of a file that later jobs read beside it, as `sha256sum` does."""
    write_text(_seal(path), f"{file_digest(path)}  {Path(path).name}\n")


def check_seal(path, mend=None, needed=True):
    """Refuse a file that is another than its seal is of.

    Args:
        path: of the file.
        mend: what mends it, in words; None for the option that makes it again.
        needed: whether a file without a seal is refused, too.

    Raises:
        ValueError: naming the file and what mends it.
    """
    seal, mend = _seal(path), mend or make_again(path)
    if seal.exists():
        with naming(seal):
            # One that is no text is no digest either.
            expected = seal.read_text(encoding="utf-8", errors="replace").partition(" ")[0]
        found = file_digest(path)
        if found != expected:
            raise ValueError(
                f"{path}: expected the file that its job has written, of the digest {expected}. "
                f"Received: {found}. {mend}"
            )
    elif needed:
        raise ValueError(f"{path}: expected its digest in {seal.name}. Received: none. {mend}")


def read_sealed(path):
    """Read the text of a file.

    Raises:
        ValueError: as `check_seal` does.
    """
    check_seal(path)
    with naming(path):
        return Path(path).read_text(encoding="utf-8")


def read_json(path):
    """Read a JSON file as `read_sealed` does. One that is no JSON is refused likewise."""
    check_seal(path)
    try:
        with naming(path):
            return json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path}: expected a JSON file. Received: {error}. {make_again(path)}"
        ) from None


def remove(path):
    """Remove what a killed process may have left of the next file at `path`, then `path` itself.

    What the system does not let go of stays: no job that is done fails for it.
    """
    with contextlib.suppress(OSError):
        # A kill in between leaves the file that is worth more.
        for file in (_aside(path), Path(path)):
            file.unlink(missing_ok=True)


def make_again(path):
    """The sentence with the option that makes a file again."""
    return f"Make it again: add to your snakemake command\n  --forcerun {path}"


def _seal(path):
    return Path(f"{path}.sha256")


def _aside(path):
    return Path(f"{path}.new")
