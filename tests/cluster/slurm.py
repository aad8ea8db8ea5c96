"""A SLURM cluster of two nodes on this machine, for tests: real daemons, fake GPUs."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

DAEMONS = ["munged", "slurmctld", "slurmd"]
CLIENTS = ["sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun"]
SEARCH_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
SETTINGS = ("SLURM", "SBATCH", "SRUN", "SQUEUE", "SINFO")  # how SLURM's variables begin
NODES = ["node1", "node2"]
PATIENCE = 600  # seconds after which something is taken for hanging
STOP_PATIENCE = 5  # seconds from SIGTERM to SIGKILL; a slurmd that ends a job is slow to stop
GRES_CONF = "NodeName=node[1-2] Name=gpu Type=fake File={folder}/gpu0\n"
# The executor plugin strips SLURM_CONF from the environment of the srun inside a job.
SRUN = '#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {srun} "$@"\n'

FIELDS = ["JobID", "Name", "Comment", "State", "Reason", "NodeList", "tres-per-job", "MinMemory"]
FIELDS += ["TimeLimit"]
FIELD_WIDTH = 300


class Job(NamedTuple):
    """A job as squeue shows it: its FIELDS."""

    id: str
    name: str
    comment: str
    state: str
    reason: str
    node: str
    tres: str
    memory: str
    limit: str


def skip_module_without_slurm():
    """Skip the module that calls this at its top where SLURM is not installed."""
    if not all(shutil.which(name, path=SEARCH_PATH) for name in DAEMONS + CLIENTS):
        # Raised here for all of them, so that pytest says it once.
        pytest.skip(
            "SLURM is not installed: the tests on a cluster were left out "
            "(on Debian: apt-get install slurmd slurmctld slurm-client munge)",
            allow_module_level=True,
        )


def wait_until(condition, seconds=PATIENCE):
    """Return `condition()` as soon as it is true; raise TimeoutError after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"{condition.__qualname__} was false for {seconds} s")
        time.sleep(0.1)
    return value


def get_free_ports(count):
    """Return TCP ports that nobody listens on."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


class Cluster:
    """A context manager: the cluster runs inside it, and nothing of it is left afterwards.

    Attributes:
        folder: holds all that the cluster writes.
        environment: for every process that is to use the cluster. What still runs with it at the
            end is killed.
        daemons: the processes of the daemons by name.
    """

    def __enter__(self):
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
            stack.callback(shutil.rmtree, self.folder)
            self.environment = {k: v for k, v in os.environ.items() if not k.startswith(SETTINGS)}
            self.environment["PATH"] = f"{self.folder}/bin:{SEARCH_PATH}"
            self.environment["SLURM_CONF"] = f"{self.folder}/slurm.conf"
            self.daemons = {}
            self._configure()
            stack.callback(self._stop)
            self._start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        self._stack.close()

    def nodes(self):
        """Return each node's state by its name; nothing while the controller does not answer."""
        command = ["sinfo", "--noheader", "--Node", "--format=%N %T"]
        return dict(line.split() for line in self._call(command, check=False).splitlines())

    def jobs(self):
        """Return every `Job` there has been, oldest first, whatever its state."""
        fields = ",".join(f"{field}:{FIELD_WIDTH}" for field in FIELDS)
        command = ["squeue", "--states=all", "--noheader", "--sort=i", f"--Format={fields}"]
        starts = range(0, FIELD_WIDTH * len(FIELDS), FIELD_WIDTH)
        return [
            Job(*(line[start : start + FIELD_WIDTH].strip() for start in starts))
            for line in self._call(command).splitlines()
        ]

    def cancel(self, job_id):
        """Cancel a job."""
        self._call(["scancel", str(job_id)])

    def shorten(self, job_id):
        """Give a job a minute in all, in place of the time that it asked for."""
        self._call(["scontrol", "update", f"jobid={job_id}", "timelimit=1"])

    def node_down(self, node):
        """Take a node away; its jobs are ended and wait for another start under their ids."""
        self._call(["scontrol", "update", f"nodename={node}", "state=down", "reason=test"])

    def node_up(self, node):
        """Give a node back."""
        self._call(["scontrol", "update", f"nodename={node}", "state=resume"])

    def processes(self):
        """Return the ids of the cluster's processes, its jobs' and its users', not this one's."""
        mark = os.fsencode(self.folder)
        pids = []
        for process in Path("/proc").glob("[0-9]*"):
            # A process may end while it is looked at; that of another user shows nothing.
            with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                # slurmstepd clears its environment, but it holds the log of its node open.
                files = [os.fsencode(file.readlink()) for file in (process / "fd").iterdir()]
                if mark in b"\n".join([(process / "environ").read_bytes(), *files]):
                    pids.append(int(process.name))
        return [pid for pid in pids if pid != os.getpid()]

    def _call(self, command, check=True):
        errors = None if check else subprocess.DEVNULL
        options = {"stdout": subprocess.PIPE, "stderr": errors, "text": True, "check": check}
        return subprocess.run(command, env=self.environment, timeout=PATIENCE, **options).stdout

    def _configure(self):
        folder = self.folder
        folder.chmod(0o755)  # munged refuses a socket that others cannot reach
        for name in ["bin", "log", "state", *NODES]:
            (folder / name).mkdir()
        values = {"folder": folder, "user": getpass.getuser(), "ports": get_free_ports(3)}
        template = Path(__file__).with_name("slurm.conf").read_text()
        (folder / "slurm.conf").write_text(template.format_map(values))
        (folder / "gres.conf").write_text(GRES_CONF.format(folder=folder))
        (folder / "gpu0").symlink_to("/dev/null")  # to SLURM a GPU is a character device
        (folder / "munge.key").touch(mode=0o600)
        (folder / "munge.key").write_bytes(os.urandom(128))
        wrapper = folder / "bin/srun"
        wrapper.write_text(SRUN.format(folder=folder, srun=shutil.which("srun", path=SEARCH_PATH)))
        wrapper.chmod(0o755)

    def _start(self):
        files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munged.pid"}
        files |= {"log-file": "log/munged.log", "seed-file": "munge.seed"}
        options = [f"--{option}={self.folder / file}" for option, file in files.items()]
        try:
            self._start_daemon("munged", ["munged", "--foreground", *options])
            wait_until((self.folder / "munge.socket").exists)
            self._start_daemon("slurmctld", ["slurmctld", "-D"])
            for node in NODES:
                self._start_daemon(node, ["slurmd", "-D", "-N", node])
            wait_until(self._is_idle)
        except (RuntimeError, TimeoutError) as error:
            for log in sorted((self.folder / "log").iterdir()):
                error.add_note(f"{log.name}:\n{log.read_text()[-2000:]}")
            raise

    def _start_daemon(self, name, command):
        with (self.folder / f"log/{name}.out").open("w") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            # In a session of its own, Ctrl-C does not reach it.
            self.daemons[name] = subprocess.Popen(
                command, env=self.environment, start_new_session=True, **streams
            )

    def _is_idle(self):
        ended = [name for name, daemon in self.daemons.items() if daemon.poll() is not None]
        if ended:
            raise RuntimeError(f"ended at once: {', '.join(ended)}")
        return self.nodes() == dict.fromkeys(NODES, "idle")

    def _stop(self):
        for daemon in self.daemons.values():
            daemon.terminate()
        with suppress(TimeoutError):
            wait_until(self._is_stopped, STOP_PATIENCE)
        wait_until(self._is_gone)

    def _is_stopped(self):
        return None not in [daemon.poll() for daemon in self.daemons.values()]

    def _is_gone(self):
        pids = self.processes()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return self._is_stopped() and not pids
