"""Jobs whose system calls are refused, or kill them, by strace.

Each job is a rule's script, run in a child of one process that has imported all it needs. The loop
that a training compiles is a stand-in here: its scripts, checkpoints and files are the real ones.
"""

import ctypes
import importlib
import itertools
import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

SCRIPTS = Path(__file__).parents[1] / "workflow" / "scripts"
SYSTEM_CALLS = ("openat", "write", "fsync", "rename", "unlink")
# Lets any process of this user trace this one (prctl(2)).
PR_SET_PTRACER, ANY = 0x59616D61, ctypes.c_ulong(-1)


class Jobs:
    """The process that runs jobs, which are dict: rule; log, a path; input, output, params."""

    def __init__(self, folder):
        """Start it; what goes to its terminal goes to a file in `folder`."""
        self._trace, self._terminal = folder / "trace.txt", folder / "terminal.txt"
        with self._terminal.open("w") as terminal:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=terminal,
                text=True,
            )

    def run(self, job, fault=None, paths=()):
        """Run a job.

        Args:
            job: the job.
            fault: what strace injects, into system calls that have to do with `paths`; None for
                nothing.
            paths: absolute paths.

        Returns:
            (exit status, negative for a signal; whether something was injected; what was told).
        """
        self._terminal.write_text("")
        child = self._ask(json.dumps(job))
        tracer = self._attach(child, fault, paths) if fault else None
        status = int(self._ask(""))
        injected = False
        if tracer:
            tracer.communicate()
            trace = self._trace.read_text()
            injected = "INJECTED" in trace or status == -signal.SIGKILL
        log = Path(job["log"])
        told = log.read_text() if log.exists() else ""
        return status, injected, told + self._terminal.read_text()

    def end(self):
        """End the process."""
        self._process.communicate()

    def _ask(self, line):
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def _attach(self, child, fault, paths):
        chosen = [f"--trace-path={path}" for path in paths]
        # The other calls are looked at to no effect.
        calls = {*SYSTEM_CALLS, fault.partition(":")[0]}
        arguments = ["-f", "-e", f"trace={','.join(calls)}", "-e", f"inject={fault}"]
        arguments += ["-e", "signal=none", "-o", self._trace, "-p", child.strip()]
        tracer = subprocess.Popen(
            ["strace", *chosen, *arguments], stderr=subprocess.PIPE, text=True
        )
        said = tracer.stderr.readline()
        assert "attached" in said, said
        return tracer


class Named(list):
    """Files as a rule's script has them: by position and by name."""

    def __init__(self, files):
        if isinstance(files, dict):
            self.__dict__.update(files)
            files = files.values()
        super().__init__(files)


class Resources(dict):
    attempt = 1


LOOKS = itertools.count()


def tick():
    """Stands in for the clock of a training: it goes on by the same steps in each process."""
    look = next(LOOKS)
    return (10 * look + look * look % 7) / 1000


class Loop:
    """Stands in for a compiled training: a value that falls from epoch to epoch."""

    random_layers = ()

    def __init__(self, point, arrays, told):
        self.columns = ["loss", "accuracy", "val_loss", "val_accuracy"]
        self.n, self.capacity = len(arrays["x_train"]), point["epochs"]
        self.updates, self._value, self._told = 0, 1.0, told

    def reset(self, weights):
        # Of a model, any number of its weights.
        self._value, self.updates = float(np.ravel(weights[0])[0]), 0

    def run(self, orders, rates):
        rows = []
        for order in orders:
            # A measurement of the pace learns nothing.
            if np.any(rates):
                self._value *= 0.7 + 0.01 * order[0] / len(order)
                self.updates += 1
                os.write(self._told, b"epoch\n")
            rows.append([self._value, 0.5, self._value, 0.5])
        return np.array(rows, np.float32)

    def test(self):
        return []

    def get_state(self):
        return [self._value, self.updates]

    def set_state(self, state):
        self._value, self.updates = float(state[0]), int(state[1])


def serve():
    """Run the jobs that are asked for on standard input."""
    import_all()
    gate = os.pipe()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANY)
            os.write(1, f"{os.getpid()}\n".encode())
            os.read(gate[0], 1)
            run_script(json.loads(line))
        sys.stdin.readline()
        os.write(gate[1], b"\n")
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def import_all():
    """Import what the scripts import while they run, and put the stand-in in its place."""
    from batchscope.sources import library_files
    from batchscope.training import runtime

    runtime.start_keras(1)
    runtime.start_keras = lambda threads: None
    # Before any module takes these by their names.
    from batchscope.training import timer, ways

    def compile_trainer(point, arrays, way):
        loop = Loop(point, arrays, os.open(os.environ["EPOCHS"], os.O_WRONLY | os.O_APPEND))
        return loop, {"parameters": 1, "compile_seconds": 0.0, "random_layers": []}

    ways.compile_trainer, timer.choose_clock = compile_trainer, lambda kind, threads: tick
    for script in SCRIPTS.glob("*.py"):
        for path in library_files(script):
            parts = path.relative_to(SCRIPTS).with_suffix("").parts
            if path.suffix == ".py" and len(parts) > 1:
                importlib.import_module(".".join(parts).removesuffix(".__init__"))
    import sklearn.datasets  # noqa: F401

    from batchscope.training import runs

    def begin(runner, run):
        runner._trainer.reset([run.replicate + 1000 * run.learning_rate])
        runner._progress.begin(len(runner._trainer.columns))

    runs.Runner._begin = begin
    # Each epoch is handed over, looked at and saved by itself.
    runs.CHUNK_SECONDS, runs.CHECKPOINT_SECONDS, timer.MEASURED_SECONDS = 0, -1, 0


def run_script(job):
    """End this process as Python would at the end of a script."""
    script = SCRIPTS / f"{job['rule']}.py"
    rule = SimpleNamespace(
        log=[job["log"]],
        input=Named(job["input"]),
        output=Named(job["output"]),
        params=SimpleNamespace(**job["params"]),
        threads=1,
        resources=Resources(),
    )
    status = 0
    try:
        runpy.run_path(str(script), init_globals={"snakemake": rule})
    except SystemExit as end:
        status = 1
        print(end, file=sys.stderr)
    except BaseException as error:
        status = 1
        sys.excepthook(type(error), error, error.__traceback__)
    os._exit(status)


if __name__ == "__main__":
    serve()
