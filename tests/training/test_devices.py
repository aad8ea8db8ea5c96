"""A GPU for each job: two fake devices, six jobs."""

import os
import signal
import subprocess
import sys
import time

from batchscope.training.devices import claim_gpu

# Claims a device, notes beginning and end, and holds it between them.
JOB = """
import os, sys, time
from batchscope.training import devices
devices.POLL_SECONDS = 0.01
devices.claim_gpu(["0", "1"], sys.argv[1])
gpu = os.environ["CUDA_VISIBLE_DEVICES"]
with open(f"{sys.argv[1]}/used", "a") as file:
    file.write(f"begin {gpu}\\n")
print(gpu, flush=True)
time.sleep(float(sys.argv[2]))
with open(f"{sys.argv[1]}/used", "a") as file:
    file.write(f"end {gpu}\\n")
"""


def start(folder, seconds):
    environment = {name: value for name, value in os.environ.items() if "CUDA" not in name}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", JOB, str(folder), str(seconds)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_six_jobs_never_share_one_of_two_devices(tmp_path):
    jobs = [start(tmp_path, 0.3) for _ in range(6)]
    for job in jobs:
        job.communicate()
        assert job.returncode == 0
    busy, used = set(), []
    for line in (tmp_path / "used").read_text().splitlines():
        event, gpu = line.split()
        if event == "begin":
            assert gpu not in busy, line
            busy.add(gpu)
            used.append(gpu)
        else:
            busy.remove(gpu)
    assert len(used) == 6 and set(used) == {"0", "1"}


def test_a_killed_job_lets_go_of_its_device(tmp_path):
    holders = [start(tmp_path, 600) for _ in range(2)]
    held = [job.stdout.readline().strip() for job in holders]
    assert sorted(held) == ["0", "1"]
    waiting = start(tmp_path, 0)
    time.sleep(0.5)
    assert waiting.poll() is None
    holders[1].send_signal(signal.SIGKILL)
    output, _ = waiting.communicate()
    assert output.strip() == held[1]
    holders[0].kill()
    for job in holders:
        job.communicate()


def test_a_schedulers_own_setting_is_respected(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    claim_gpu(["0", "1"], tmp_path)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "7"
    assert list(tmp_path.iterdir()) == []


def test_without_a_gpu_nothing_happens(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    claim_gpu([], tmp_path)
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    assert list(tmp_path.iterdir()) == []
