"""Errors of the system that say of which file they are."""

import contextlib


@contextlib.contextmanager
def naming(path):
    """Let an error of the system in the block name `path`: a refused read or write names none."""
    try:
        yield
    except OSError as error:
        if error.errno and not error.filename:
            error.filename = str(path)
        raise
