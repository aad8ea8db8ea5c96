"""Which failures of a job are worth another attempt."""

import contextlib
from pathlib import Path


@contextlib.contextmanager
def attempts(path, attempt, worth_retrying):
    """Run a block, unless an earlier attempt at the same job showed that it cannot succeed.

    A job that was killed, timed out or ran out of memory may succeed with what the next attempt
    is given. Any other error would only come again: its reason is noted, and later attempts end
    with it at once. The first attempt of each workflow run always tries.

    Args:
        path: where the reason is noted.
        attempt: Snakemake's number of the attempt, from 1.
        worth_retrying: exceptions after which another attempt makes sense, `passing_errors`.

    Raises:
        SystemExit: with the noted reason.
    """
    path = Path(path)
    if attempt > 1 and path.exists():
        raise SystemExit(
            f"not tried again, since the same would happen: {path.read_text(encoding='utf-8')}"
        )
    path.unlink(missing_ok=True)
    try:
        yield
    except worth_retrying:
        raise
    except Exception as error:
        path.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
        raise


def passing_errors():
    """Exceptions that the machine may be to blame for, not the config. Imports TensorFlow."""
    import tensorflow as tf

    return OSError, MemoryError, tf.errors.OpError
