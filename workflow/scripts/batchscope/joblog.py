"""Sends everything a job prints to its log file."""

import logging
import os
import sys
import traceback

ADVICE = (
    "A file could not be read or written. What is finished is kept. Is the disk full, or a folder "
    "read-only? Mend it, and run the same command again."
)


def redirect(path):
    """Point this process's standard output and error at `path`, which is emptied first.

    The descriptors themselves are replaced: C++ libraries write to them without asking Python. An
    error that ends the process is told there, or where the error output went before if `path`
    cannot be written either.
    """
    before = os.dup(2)
    sys.excepthook = lambda kind, error, trace: _tell(error, before)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    # A locale that lacks a character shall not end a job that prints it.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)


def _tell(error, before):
    text = "".join(traceback.format_exception(error))
    if isinstance(error, OSError):
        text += f"{ADVICE}\n"
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        os.write(before, text.encode())
