"""Whole studies that are killed, run out of disk or are started twice. The same command again ends
them, and their histories are those of a study to which nothing happened."""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys

import pytest
from project import TINY, append, copy_project, snakemake, write_config

pytestmark = pytest.mark.slow

# How often the study is broken by each signal, and at which of its moments at the latest.
SEED = 1
TIMES = {signal.SIGKILL: 30, signal.SIGTERM: 3, signal.SIGINT: 2}
LATEST = {signal.SIGKILL: 36, signal.SIGTERM: 12, signal.SIGINT: 12}
# Seconds after which something hangs.
ENDLESS = 600

# Each Python process of the study runs this at its start. Before one of them opens a file of the
# study to write, renames or removes one, it takes a byte from a pipe; the last byte is the signal.
# SIGKILL comes at any moment of Snakemake and its jobs, the other signals at those of one job:
# Snakemake waits for itself for ever where SIGTERM meets it while it ends a job.
WATCH = """
import os
import sys

moments = os.open(os.environ["MOMENTS"], os.O_RDONLY | os.O_NONBLOCK)


def watch(event, values):
    writes = event == "open" and values[2] & (os.O_WRONLY | os.O_RDWR)
    if not writes and event not in ("os.rename", "os.remove"):
        return
    if any(part in str(values[0]) for part in os.environ["PARTS"].split()):
        try:
            number = ord(os.read(moments, 1))
        except BlockingIOError:
            return
        if number:
            os.killpg(os.getpgrp(), number)


sys.addaudithook(watch)
"""

# The first job that imports the training waits until nobody holds a pipe any more, and kills
# itself.
KILLER = """
import os
import signal
from pathlib import Path

try:
    Path("killed").touch(exist_ok=False)
except FileExistsError:
    pass
else:
    pipe = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(pipe, True)
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGKILL)
"""


CHECKPOINTS = "results/train/*/*/checkpoint.npz"


def histories(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.glob("results/train/*/*/history.csv")
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The histories of a study to which nothing happened."""
    folder = tmp_path_factory.mktemp("undisturbed")
    copy_project(folder)
    write_config(folder, TINY)
    snakemake(folder)
    return histories(folder)


@pytest.fixture
def folder(tmp_path):
    copy_project(tmp_path)
    write_config(tmp_path, TINY)
    return tmp_path


def started(folder, cores=2, **variables):
    """Snakemake with its jobs in a process group of their own, as under a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", str(cores)],
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # What runs in the background of a shell has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@contextlib.contextmanager
def held_pipe(path):
    """A pipe that is held open, by its descriptor. Who opens it afterwards finds its end."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR)
    try:
        yield pipe
    finally:
        os.close(pipe)


def finished_in(output):
    """The histories of the trainings that Snakemake has called finished: a set of paths."""
    started = re.findall(r"output: (\S+/history\.csv),.*\n(?:.+\n)*? +jobid: (\d+)", output)
    ended = re.findall(r"Finished jobid: (\d+)", output)
    return {path for path, job in started if job in ended}


def finish(folder, undisturbed):
    done = snakemake(folder)
    assert histories(folder) == undisturbed
    assert list(folder.rglob("results/**/*.new")) == []
    assert list(folder.glob(CHECKPOINTS)) == []
    assert (folder / "results/study.html").exists()
    return done


def test_a_study_that_is_killed_again_and_again(undisturbed, folder, tmp_path_factory):
    hook = tmp_path_factory.mktemp("hook")
    (hook / "sitecustomize.py").write_text(WATCH)
    generator, finished = random.Random(SEED), set()
    signals = [number for number, times in TIMES.items() for _ in range(times)]
    generator.shuffle(signals)
    undisturbed_runs = 0
    while signals:
        number = signals[-1]
        killed = number == signal.SIGKILL
        watched = {
            "PYTHONPATH": str(hook),
            "MOMENTS": str(hook / "moments"),
            "PARTS": "results/ .snakemake/" if killed else ".new",
        }
        with held_pipe(hook / "moments") as pipe:
            os.write(pipe, bytes(generator.randrange(LATEST[number])) + bytes([number]))
            process = started(folder, 2 if killed else 1, **watched)
            output = process.communicate(timeout=ENDLESS)[0]
            os.set_blocking(pipe, False)
            with contextlib.suppress(BlockingIOError):
                # What is left: the study ended before its moment came.
                assert os.read(pipe, 1) and process.returncode == 0, output
        # What was finished is not made again.
        for path in finished:
            assert f"output: {path}" not in output
        finished |= finished_in(output)
        if process.returncode == 0:
            # On to the next study, which has all of its moments before it.
            undisturbed_runs += 1
            assert histories(folder) == undisturbed and undisturbed_runs < sum(TIMES.values())
            shutil.rmtree(folder / "results")
            finished.clear()
            continue
        signals.pop()
        # As `snakemake --unlock` does, which would take as long as all else here.
        shutil.rmtree(folder / ".snakemake/locks", ignore_errors=True)
    done = finish(folder, undisturbed)
    assert finished | finished_in(done.stdout + done.stderr) == set(map(str, undisturbed))


def test_a_killed_job_and_a_second_snakemake(undisturbed, folder):
    append(folder / "workflow/scripts/batchscope/training/__init__.py", KILLER)
    with held_pipe(folder / "pipe"):
        process = started(folder)
        for line in process.stdout:
            if "Select jobs to execute" in line:
                break
        second = snakemake(folder, check=False)
    output = process.stdout.read()
    assert process.wait() != 0 and "died" in output + line, output
    assert second.returncode != 0 and "cannot be locked" in second.stdout + second.stderr
    finish(folder, undisturbed)


@pytest.fixture(params=["results", ".snakemake"])
def small(request, folder):
    """A folder of the study as a disk of its own, too small: a function that remounts it."""
    with small_disk(folder / request.param) as mount:
        yield mount


@contextlib.contextmanager
def small_disk(disk):
    """Mount a disk of 48 KB at a new folder; what remounts it with other options."""
    disk.mkdir()

    def mount(*options):
        return subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", disk],
            capture_output=True,
            text=True,
        )

    done = mount("size=48k")
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield lambda *options: mount("remount", *options)
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_full_temporary_folder_is_not_needed(undisturbed, folder, tmp_path):
    with small_disk(tmp_path / "temporary"):
        full = tmp_path / "temporary/full"
        with pytest.raises(OSError, match="No space left"):
            full.write_bytes(bytes(2**17))
        snakemake(folder, env=os.environ | {"TMPDIR": str(full.parent)})
    assert histories(folder) == undisturbed


def test_a_full_disk_and_a_read_only_one(undisturbed, folder, small):
    """Permissions would not do: they do not count for root, whom these tests may run as."""
    full = snakemake(folder, check=False)
    assert full.returncode != 0
    output = full.stdout + full.stderr
    assert "No space left on device" in output
    small("size=64m", "ro")
    refused = snakemake(folder, check=False)
    assert refused.returncode != 0 and "Read-only file system" in refused.stdout + refused.stderr
    small("size=64m", "rw")
    finish(folder, undisturbed)
