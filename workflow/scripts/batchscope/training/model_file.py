"""The user's own model: loaded from the file that the config names, and from nothing else."""

import contextlib
import functools
import hashlib
import importlib.util
import inspect
import os
import sys
import traceback
from pathlib import Path

from batchscope.naming import naming

FUNCTION = "build_model"


class ModelError(SystemExit):
    """What is wrong with a user's model. Python prints it without a traceback of ours."""


@contextlib.contextmanager
def blamed_on(path):
    """Let an error in the user's file end the job with the traceback from there on alone.

    Args:
        path: of the file; None if there is none.

    Raises:
        ModelError: instead of an error whose frames are also in that file.
    """
    try:
        with _no_silent_end():
            yield
    # Whatever a user's file raises. After a `sys.exit(0)` the job would seem to have worked.
    except (Exception, SystemExit) as error:
        text = user_traceback(error, path)
        if text is None:
            raise
        raise ModelError(text) from None


@contextlib.contextmanager
def _no_silent_end():
    """Let `os._exit(0)` in this process's main thread raise SystemExit, as `sys.exit(0)` does.

    It would end the job as if it had worked, and no log would say why its files are missing.
    """
    end, process = os._exit, os.getpid()

    def refuse(status):
        # A child that was forked may end so, and what fails is looked at.
        if status or os.getpid() != process:
            end(status)
        raise SystemExit("os._exit(0): expected a process that goes on")

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = end


def user_traceback(error, path):
    """The traceback of an error from its first frame in a file on; None if it has none there."""
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename != path:
        frames = frames.tb_next
    # What cannot be compiled has no frame.
    if not frames and not (isinstance(error, SyntaxError) and error.filename == path):
        return None
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()


@functools.cache
def load_builder(path, sha256):
    """The function `build_model(input_shape, outputs)` of a file.

    Args:
        path: of the Python file.
        sha256: hex digest of its bytes, as the workflow has seen them.

    Raises:
        ModelError: if the file lacks the function or was edited in the meantime.
    """
    with naming(path):
        source = Path(path).read_bytes()
    if hashlib.sha256(source).hexdigest() != sha256:
        raise ModelError(f"{path} was edited after this run had begun. Start it again.")
    spec = importlib.util.spec_from_file_location("batchscope_model_file", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    # These bytes: the module's loader may take older ones from __pycache__.
    exec(compile(source, path, "exec"), module.__dict__)
    function = getattr(module, FUNCTION, None)
    wanted = f"{path}: expected a function {FUNCTION}(input_shape, outputs)."
    if not callable(function):
        raise ModelError(f"{wanted} Received: none of that name.")
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        raise ModelError(f"{wanted} Received: {FUNCTION}{inspect.signature(function)}.") from None
    return function
