"""Whole studies that are killed, run out of disk or are started twice. The same command again ends
them, and their histories are those of a study to which nothing happened."""

import os
import random
import re
import signal
import subprocess
import sys

import pytest
from project import TINY, append, copy_project, snakemake, write_config

pytestmark = pytest.mark.slow

# Which lines of Snakemake's output the study is broken at.
SEED = 1
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGTERM)

# The first job that imports the training waits for a file, and kills itself.
KILLER = """
import os
import signal
import time
from pathlib import Path

try:
    Path("killed").touch(exist_ok=False)
except FileExistsError:
    pass
else:
    while not Path("go").exists():
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)
"""


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


def started(folder):
    """Snakemake with its jobs in a process group of their own, as under a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finished_in(output):
    """The histories of the trainings that Snakemake has called finished: a set of paths."""
    started = re.findall(r"output: (\S+/history\.csv),.*\n(?:.+\n)*? +jobid: (\d+)", output)
    ended = re.findall(r"Finished jobid: (\d+)", output)
    return {path for path, job in started if job in ended}


def finish(folder, undisturbed):
    done = snakemake(folder)
    assert histories(folder) == undisturbed
    assert list(folder.rglob("results/**/*.new")) == []
    assert list(folder.glob("results/train/*/*/checkpoint.npz")) == []
    assert (folder / "results/study.html").exists()
    return done


def test_a_study_that_is_killed_again_and_again(undisturbed, folder):
    generator, finished = random.Random(SEED), set()
    for number in SIGNALS:
        process = started(folder)
        lines = [process.stdout.readline() for _ in range(generator.randint(40, 140))]
        os.killpg(process.pid, number)
        lines += process.stdout
        process.wait()
        output = "".join(lines)
        # What was finished is not made again.
        for path in finished:
            assert f"output: {path}" not in output
        finished |= finished_in(output)
        if number == signal.SIGKILL:
            snakemake(folder, "--unlock")
    finish(folder, undisturbed)
    assert finished and finished <= set(map(str, undisturbed))


def test_a_killed_job_and_a_second_snakemake(undisturbed, folder):
    append(folder / "workflow/scripts/batchscope/training/__init__.py", KILLER)
    process = started(folder)
    for line in process.stdout:
        if "Select jobs to execute" in line:
            break
    second = snakemake(folder, check=False)
    (folder / "go").touch()
    output = process.stdout.read()
    assert process.wait() != 0 and "died" in output + line, output
    assert second.returncode != 0 and "cannot be locked" in second.stdout + second.stderr
    finish(folder, undisturbed)


@pytest.fixture(params=["results", ".snakemake"])
def small(request, folder):
    """A folder of the study as a disk of its own, too small: a function that remounts it."""
    disk = folder / request.param
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
    yield lambda *options: mount("remount", *options)
    subprocess.run(["umount", disk], check=True)


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
