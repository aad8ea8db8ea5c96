"""Sends everything a job prints to its log file."""

import logging
import os
import sys


def redirect(path):
    """Point this process's standard output and error at `path`, which is emptied first.

    The descriptors themselves are replaced: C++ libraries write to them without asking Python.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
