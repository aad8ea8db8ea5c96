"""Gives each training job on one machine a GPU of its own.

Snakemake counts GPUs but does not hand them out (snakemake/snakemake#281), and TensorFlow takes the
first one it sees.
"""

import fcntl
import os
import re
import tempfile
import time
from pathlib import Path

POLL_SECONDS = 0.5


def take(resources):
    """Take a GPU of this machine if any was granted; else leave all of them alone.

    Call it before TensorFlow is imported.

    Args:
        resources: the job's. A GPU is asked for as `gpu`, or where a cluster wants that as `gres`.
    """
    if resources.get("gpu", 0) or str(resources.get("gres", "")).startswith("gpu"):
        claim_gpu(list_gpus())
    else:
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


def list_gpus():
    """The indices of this machine's NVIDIA GPUs, as text, without asking a library."""
    files = (re.fullmatch(r"nvidia(\d+)", path.name) for path in Path("/dev").glob("nvidia*"))
    return sorted((match[1] for match in files if match), key=int)


def claim_gpu(gpus):
    """Take a free GPU by setting CUDA_VISIBLE_DEVICES; wait while all are taken.

    Nothing happens without a GPU, or where a scheduler has set CUDA_VISIBLE_DEVICES already. A lock
    file in the temporary folder is held to the end of the process, however it ends: the kernel
    lets go of it.

    Args:
        gpus: from `list_gpus`.
    """
    if not gpus or "CUDA_VISIBLE_DEVICES" in os.environ:
        return
    folder = Path(tempfile.gettempdir())
    while True:
        for gpu in gpus:
            path = folder / f"batchscope-gpu-{gpu}.lock"
            lock = _open(path)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                os.environ["CUDA_VISIBLE_DEVICES"] = gpu
                return
        time.sleep(POLL_SECONDS)


def _open(path):
    """Open a lock file, which may be another user's: it is enough to read it."""
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
