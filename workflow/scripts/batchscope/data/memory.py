"""Whether data fit into memory, told before they are read."""

from pathlib import Path

from batchscope.data.samples import refuse

MIB = 2**20


def check_fits(where, size):
    """Refuse data that take more memory than there is.

    Args:
        where: the file, for the message.
        size: bytes that are needed at once, estimated.

    Raises:
        DataError: if they are not there. Where nothing tells how many are, nothing is refused.
    """
    free = available()
    if free is not None and size > free:
        refuse(
            where,
            f"data that take at most the {free // MIB:.0f} MiB of memory that are free",
            f"about {size // MIB:.0f} MiB, by the size of the file",
            "Keep fewer samples or columns, or give the job dataset more memory (mem_mb).",
        )


def available(root="/"):
    """Bytes of memory that are free on this machine and to this process's control group.

    Args:
        root: folder that holds `proc` and `sys`.

    Returns:
        int, or None where Linux does not tell.
    """
    limits = []
    try:
        lines = Path(root, "proc/meminfo").read_text(encoding="utf-8").splitlines()
        [kib] = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
        limits.append(int(kib) * 1024)
        # Version 2 of control groups; a job of SLURM is in one.
        lines = Path(root, "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
        group = lines[-1].split("::")[-1]
        folder = Path(root, "sys/fs/cgroup", group.strip("/"))
        limit = (folder / "memory.max").read_text(encoding="utf-8").strip()
        if limit != "max":
            limits.append(int(limit) - int((folder / "memory.current").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        # Other systems, and other versions, have other files.
        pass
    return min(limits, default=None)
