"""A study whose jobs are stand-ins, tests/stub_job.py. The workflow around them is the real one."""

import functools
import multiprocessing
import os
import signal
import sys
import tempfile
from pathlib import Path

import yaml
from project import ROOT, copy_project

# Importing Snakemake takes longer than most of these runs.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["snakemake.cli"])
# Seconds after which something hangs.
ENDLESS = 600


def run_snakemake(folder, arguments):
    """Be Snakemake, in a group of processes of its own, as under a terminal."""
    os.setsid()
    # What runs in the background of a shell has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    output = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # The tests find the library here, which a shell of the study's user does not.
    sys.path[:] = [path for path in sys.path if path != str(ROOT / "workflow" / "scripts")]
    from snakemake.cli import main

    # One after the other: what ended before a kill is known.
    main(["--cores", "1", *arguments])


def prepare(folder):
    """Copy the project, with a stand-in for every script."""
    copy_project(folder)
    stub = (Path(__file__).parent / "stub_job.py").read_text()
    for script in (folder / "workflow" / "scripts").glob("*.py"):
        script.write_text(stub)


def start(folder, *arguments):
    """Run Snakemake: (exit code, jobs that began, jobs that ended, what it printed)."""
    notes = folder / "jobs.txt"
    notes.write_text("")
    process = PROCESSES.Process(target=run_snakemake, args=(folder, arguments))
    process.start()
    process.join(ENDLESS)
    if process.exitcode is None:
        os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError(f"Snakemake hangs:\n{(folder / 'output.txt').read_text()}")
    lines = notes.read_text().splitlines()
    began, ended = (
        [line.removeprefix(word) for line in lines if line.startswith(word)]
        for word in ("begin ", "end ")
    )
    return process.exitcode, began, ended, (folder / "output.txt").read_text()


@functools.cache
def _made_at_once(text):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        prepare(folder)
        (folder / "config" / "config.yaml").write_text(text)
        code, *_, output = start(folder)
        assert code == 0, output
        return results(folder)


def made_at_once(config):
    """The results of a study to which nothing happened."""
    return _made_at_once(yaml.safe_dump(config))


def results(folder):
    """The content of all that jobs have written, by path."""
    whole, others = folder / "results", ("logs", "benchmarks", ".batchscope.lock")
    return {
        path.relative_to(whole): path.read_bytes()
        for path in whole.rglob("*")
        if path.is_file() and path.relative_to(whole).parts[0] not in others
    }
