"""A study on a real cluster with the shipped profile, and what can happen to it in a night.

The tests tell one story and run in this order. A training that an event has to meet half-way waits
for it there.
"""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from project import TINY, copy_project, snakemake, write_config
from slurm import PATIENCE, skip_module_without_slurm, wait_until

skip_module_without_slurm()

LAUNCHER = Path(__file__).with_name("launcher.py")
STUDY = TINY | {"replicates": 3, "epochs": 20, "batch_sizes": [1, 2, 4]}

# The trainings of a project get this at the end of training/runs.py. While there is a file for its
# batch size in `hold`, a training says in `held` which process it is, and goes on when that is sent
# a signal. It does so in its second replicate, after some epochs. Nothing is saved while there is a
# file `hold/save`.
HOLDING = """

import os
import signal
import time
from pathlib import Path

from batchscope import files

CHUNK_SECONDS = 0
train_chunk = Runner._train_chunk


def train_chunk_and_hold(runner, run):
    train_chunk(runner, run)
    half_way = len(runner._progress.finished) == 1 and len(runner._progress.curve) >= 5
    size = str(runner._point["batch_size"])
    if half_way and Path("hold", size).exists():
        came, comes = os.pipe()
        os.set_blocking(comes, False)
        signal.set_wakeup_fd(comes)
        with files.written_aside(Path("held", size)) as file:
            file.write(str(os.getpid()))
        os.read(came, 1)


def save_when_let(*arguments, save=checkpoint.save):
    while Path("hold/save").exists():
        time.sleep(0.05)
    save(*arguments)


Runner._train_chunk = train_chunk_and_hold
checkpoint.save = save_when_let
"""

# The first attempt at batch size 4 takes more memory than it was given, and keeps it.
LARGE = """

import signal


def take(resources, take=take):
    take(resources)
    if not Path("large").exists() and "train/adam/4" in os.readlink("/proc/self/fd/1"):
        Path("large").touch()
        memory = b"x" * 800_000_000
        signal.pause()
"""

# One batch size that no attempt can train.
BROKEN = """

build = build_optimizer


def build_optimizer(point):
    if point["batch_size"] == 8:
        raise ValueError("no such thing")
    return build(point)
"""


class Project:
    """A copy of the project whose study runs on a cluster, or on this machine.

    Its modules of the training have more at their end: `additions`, a text by a module's name.
    """

    def __init__(self, folder, cluster, config, **additions):
        self.folder, self.cluster = folder, cluster
        folder.mkdir()
        copy_project(folder)
        write_config(folder, config)
        for module, text in additions.items():
            path = folder / f"workflow/scripts/batchscope/training/{module}.py"
            path.write_text(path.read_text() + text)
        for name in ("hold", "held"):
            (folder / name).mkdir()
        self.output = folder / "snakemake.log"

    def start(self, *options):
        """Begin the study on the cluster; `end` waits for it."""
        profile = ["--workflow-profile", "profiles/slurm"]
        seconds = ["--slurm-init-seconds-before-status-checks", "1"]
        with self.output.open("w") as output:
            self.controller = subprocess.Popen(
                [sys.executable, LAUNCHER, *profile, *seconds, *options],
                cwd=self.folder,
                env=self.cluster.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A shell's background jobs, and what they start, ignore it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def end(self):
        """Wait for the study's end; returns (exit code, what Snakemake printed)."""
        code = self.controller.wait(timeout=PATIENCE)
        return code, self.output.read_text()

    def log(self, size):
        """The training's log, or nothing before there is one."""
        path = self.folder / f"results/logs/train/adam/{size}.log"
        return path.read_text() if path.exists() else ""

    def checkpoint(self, size):
        return self.folder / f"results/train/adam/{size}/checkpoint.npz"

    def history(self, size):
        return (self.folder / f"results/train/adam/{size}/history.csv").read_bytes()

    def hold(self, sizes):
        """Have the trainings of these batch sizes wait half-way from now on; of no others."""
        for path in (self.folder / "hold").iterdir():
            path.unlink()
        for size in sizes:
            (self.folder / "hold" / str(size)).touch()

    def held(self, count):
        """Wait until so many trainings wait half-way; returns {batch size: process id}."""
        folder = self.folder / "held"

        def found():
            return {int(path.name): path.read_text() for path in folder.glob("?")}

        wait_until(lambda: len(found()) == count)
        held = found()
        for size in held:
            (folder / str(size)).unlink()
        return held

    def jobs(self, rule="train"):
        """The cluster's jobs of this project's last run for a rule, oldest first."""
        run = re.search(r"SLURM run ID: (\S+)", self.output.read_text())
        mine = [job for job in self.cluster.jobs() if run and job.name == run[1]]
        return [job for job in mine if f"rule_{rule}" in job.comment]

    def job(self, size):
        """The latest job of a batch size."""
        return [job for job in self.jobs() if job.comment.endswith(f"_{size}")][-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def limited(folder, cluster):
    """A study whose training is given a minute, and held; begun first, since it is slow."""
    config = STUDY | {"batch_sizes": [2]}
    project = Project(folder / "limited", cluster, config, runs=HOLDING)
    project.hold([2])
    project.start("--set-resources", "train:gpu=0", "pace:gpu=0", "train:runtime=attempt")
    project.held(1)
    project.hold([])
    return project


@pytest.fixture(scope="module")
def unlucky(folder, cluster):
    """A study whose trainings are given too little memory, one with an error besides."""
    additions = {"devices": LARGE, "model": BROKEN}
    project = Project(folder / "unlucky", cluster, TINY | {"batch_sizes": [4, 8]}, **additions)
    project.start("--set-resources", "train:gpu=0", "pace:gpu=0", "train:mem_mb=700*attempt")
    return project


@pytest.fixture(scope="module")
def local(folder, limited, unlucky):
    """The histories of the same study, run on this machine meanwhile."""
    project = Project(folder / "local", limited.cluster, STUDY, runs=HOLDING)
    snakemake(project.folder)
    return {size: project.history(size) for size in STUDY["batch_sizes"]}


@pytest.fixture(scope="module")
def study(folder, local, cluster):
    return Project(folder / "study", cluster, STUDY, runs=HOLDING)


def test_each_training_has_a_gpu_of_its_own_and_a_third_waits(study):
    study.hold(STUDY["batch_sizes"])
    study.start()
    for pid in study.held(2).values():
        assert b"CUDA_VISIBLE_DEVICES=0" in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    wait_until(lambda: len(study.jobs()) == 3)
    jobs = study.jobs()
    assert [job.tres for job in jobs] == ["gres:gpu:1"] * 3
    assert sorted(job.state for job in jobs) == ["PENDING", "RUNNING", "RUNNING"]
    assert len({job.node for job in jobs if job.state == "RUNNING"}) == 2


def test_ctrl_c_cancels_the_jobs_and_they_save_themselves(study):
    # However long that takes: Snakemake has removed their empty folders by then.
    (study.folder / "hold/save").touch()
    study.controller.send_signal(signal.SIGINT)
    code, _ = study.end()
    assert code != 0
    (study.folder / "hold/save").unlink()
    wait_until(lambda: all(job.state == "CANCELLED" for job in study.jobs()))

    def saved():
        return [size for size in STUDY["batch_sizes"] if study.checkpoint(size).exists()]

    # A cancelled job is called so while its processes are still ending.
    wait_until(lambda: len(saved()) == 2)
    wait_until(lambda: all("the checkpoint is saved" in study.log(size) for size in saved()))


def test_cancelled_and_requeued_trainings_go_on_where_they_were(study, limited, unlucky):
    """The study is begun again; one training is cancelled, the other's node goes down."""
    # No job of another study may be on that node.
    for other in (limited, unlucky):
        other.end()
    saved = {size for size in STUDY["batch_sizes"] if study.checkpoint(size).exists()}
    study.start()
    first, second = study.held(2)
    study.hold([])
    resumed = {size for size in (first, second) if "resumed after" in study.log(size)}
    assert resumed == {first, second} & saved != set()
    cancelled, requeued = study.job(first), study.job(second)
    study.cluster.cancel(cancelled.id)
    study.cluster.node_down(requeued.node)
    wait_until(lambda: study.job(second).state == "PENDING")
    study.cluster.node_up(requeued.node)
    code, output = study.end()
    assert code == 0, output
    assert study.job(first).id != cancelled.id
    assert study.job(second).id == requeued.id
    assert {job.state for job in study.jobs()} == {"CANCELLED", "COMPLETED"}
    assert "resumed after" in study.log(first) and "resumed after" in study.log(second)
    assert len(pd.read_csv(study.folder / "results/summary/summary.csv")) == 3


def test_the_histories_are_the_local_ones_byte_for_byte(study, local):
    assert {size: study.history(size) for size in STUDY["batch_sizes"]} == local


def test_a_changed_override_submits_one_training(study):
    write_config(study.folder, STUDY | {"overrides": {4: {"epochs": 10}}})
    study.start()
    code, output = study.end()
    assert code == 0, output
    assert [job.comment for job in study.jobs()] == ["rule_train_wildcards_adam_4"]
    # The pace is measured, and the light jobs after it are one submission.
    run = study.jobs()[0].name
    assert len([job for job in study.cluster.jobs() if job.name == run]) == 3


def test_a_training_that_needs_more_time_gets_it_and_goes_on(limited, local):
    code, output = limited.end()
    assert code == 0, output
    # A minute may be too little to get half-way, where it waits for the end of its time.
    *earlier, last = [job.state for job in limited.jobs()]
    assert set(earlier) == {"TIMEOUT"} and last == "COMPLETED"
    assert "resumed after" in limited.log(2)
    assert limited.history(2) == local[2]


def test_a_training_that_needs_more_memory_gets_it(unlucky):
    unlucky.end()
    jobs = [job for job in unlucky.jobs() if job.comment.endswith("_4")]
    assert [(job.state, job.memory) for job in jobs] == [("FAILED", "700M"), ("COMPLETED", "1400M")]


def test_one_failing_point_stops_no_other_and_is_named(unlucky):
    code, output = unlucky.end()
    assert code != 0
    assert (unlucky.folder / "results/train/adam/4/history.csv").exists()
    assert "results/logs/train/adam/8.log" in output
    assert "not tried again" in unlucky.log(8) and "ValueError: no such thing" in unlucky.log(8)
