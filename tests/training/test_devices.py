"""A GPU for each job: two fake devices, which more jobs want."""

import os
import select
import subprocess
import sys
import tempfile

import pytest

from batchscope.training import devices

# Says "waits" whenever it found no free device, and the device once it has one; after each word it
# waits for a line. The locks are in its temporary folder.
JOB = """
import os, sys, time
from batchscope.training import devices


def say(word):
    print(word, flush=True)
    sys.stdin.readline()


time.sleep = lambda seconds: say("waits")
devices.claim_gpu(["0", "1"])
say(os.environ["CUDA_VISIBLE_DEVICES"])
"""


# Seconds after which a process that does not answer is taken for hanging.
PATIENCE = 600


class Job:
    def __init__(self, folder):
        environment = {name: value for name, value in os.environ.items() if "CUDA" not in name}
        environment |= {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(folder)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen([sys.executable, "-c", JOB], env=environment, **pipes)

    def word(self):
        """Its next word. It says no other before it goes on, so that none waits in a buffer."""
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            self._process.kill()
            pytest.fail("the job says nothing")
        return self._process.stdout.readline().strip()

    def go_on(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self, kill=False):
        if kill:
            self._process.kill()
        self._process.communicate("\n")


def test_six_jobs_never_share_one_of_two_devices(tmp_path):
    """Of those that wait, another one has the device of each that ends."""
    waiting = [Job(tmp_path) for _ in range(6)]
    holders, order = {}, []
    while waiting or holders:
        still_waiting = []
        for job in waiting:
            word = job.word()
            if word == "waits":
                still_waiting.append(job)
            else:
                assert word in ("0", "1") and word not in holders
                holders[word] = job
                order.append(word)
        assert len(holders) == min(2, len(holders) + len(still_waiting))
        gpu = min(holders, key=order.count)
        holders.pop(gpu).end()
        waiting = still_waiting
        for job in waiting:
            job.go_on()
    assert sorted(order) == ["0"] * 3 + ["1"] * 3


def test_a_killed_job_lets_go_of_its_device(tmp_path):
    first, second, third = (Job(tmp_path) for _ in range(3))
    words = [job.word() for job in (first, second, third)]
    assert sorted(words) == ["0", "1", "waits"]
    jobs = dict(zip(words, (first, second, third), strict=True))
    jobs["1"].end(kill=True)
    jobs["waits"].go_on()
    assert jobs["waits"].word() == "1"
    for word in ("0", "waits"):
        jobs[word].end()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The temporary folder of this process, in which no device has been chosen."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # Set first, so that it is put back even where it was not there.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    return tmp_path


def test_a_schedulers_own_setting_is_respected(folder, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    devices.claim_gpu(["0", "1"])
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "7"
    assert list(folder.iterdir()) == []


def test_without_a_gpu_nothing_happens(folder):
    devices.claim_gpu([])
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    assert list(folder.iterdir()) == []


def test_a_job_without_a_granted_gpu_leaves_those_of_the_machine_alone(folder, monkeypatch):
    monkeypatch.setattr(devices, "list_gpus", lambda: ["0"])
    for resources in ({}, {"gpu": 0}, {"gpu": 0, "gres": "license:1"}):
        devices.take(resources)
        assert os.environ.pop("CUDA_VISIBLE_DEVICES") == "-1"


@pytest.mark.parametrize("resources", [{"gpu": 1}, {"gpu": 0, "gres": "gpu:a100:1"}])
def test_a_gpu_is_granted_in_either_way(resources, folder, monkeypatch):
    monkeypatch.setattr(devices, "list_gpus", lambda: ["0"])
    devices.take(resources)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"
