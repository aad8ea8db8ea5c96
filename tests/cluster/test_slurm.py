"""The cluster itself: it schedules GPUs, and nothing of it outlives it."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import slurm
from slurm import Cluster, wait_until

slurm.skip_module_without_slurm()


def submit(cluster, command):
    """Submit a job on one GPU; return its id."""
    output = cluster.folder / "job-%j.txt"
    options = ["--parsable", "--gpus=1", "--mem=100", f"--output={output}", f"--wrap={command}"]
    sbatch = ["sbatch", *options]
    return subprocess.check_output(sbatch, env=cluster.environment, text=True).strip()


def get_job(cluster, job_id):
    """Return one job of the cluster."""
    return {job.id: job for job in cluster.jobs()}[job_id]


def wait_for_state(cluster, job_id, state):
    """Wait until a job is in this state."""
    wait_until(lambda: get_job(cluster, job_id).state == state)


def read_process(pid, name):
    """Return what /proc tells about a process; nothing if it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/{name}").read_text()
    return ""


def count_steps(cluster):
    """Return how many job steps run; each has a process that is no child of a daemon."""
    commands = [read_process(pid, "cmdline") for pid in cluster.processes()]
    return sum(command.startswith("slurmstepd") for command in commands)


def is_running(pid):
    """Return whether a process is there and is not just waiting to be reaped."""
    state = read_process(pid, "stat").rpartition(") ")[2]
    return state != "" and not state.startswith("Z")


def test_both_nodes_are_idle(cluster):
    assert cluster.nodes() == {"node1": "idle", "node2": "idle"}


def test_a_job_sees_its_gpu(cluster):
    job_id = submit(cluster, "srun sh -c 'echo $CUDA_VISIBLE_DEVICES'")
    wait_for_state(cluster, job_id, "COMPLETED")
    assert (cluster.folder / f"job-{job_id}.txt").read_text() == "0\n"
    assert get_job(cluster, job_id).tres == "gres:gpu:1"


def test_a_third_job_waits_for_a_gpu(cluster):
    first, second, third = (submit(cluster, "sleep infinity") for _ in range(3))
    wait_until(lambda: get_job(cluster, third).reason == "Resources")
    assert [get_job(cluster, each).state for each in (first, second)] == ["RUNNING", "RUNNING"]
    assert get_job(cluster, third).state == "PENDING"
    cluster.cancel(first)
    wait_for_state(cluster, third, "RUNNING")
    assert get_job(cluster, first).state == "CANCELLED"
    for each in (second, third):
        cluster.cancel(each)
    for each in (second, third):
        wait_for_state(cluster, each, "CANCELLED")


def test_a_node_that_goes_down_loses_its_job_to_another(cluster):
    job_id = submit(cluster, "sleep infinity")
    wait_for_state(cluster, job_id, "RUNNING")
    node = get_job(cluster, job_id).node
    cluster.node_down(node)
    wait_until(lambda: get_job(cluster, job_id).node not in ("", node))
    cluster.node_up(node)
    cluster.cancel(job_id)
    wait_until(lambda: cluster.nodes() == {"node1": "idle", "node2": "idle"})


def test_a_job_over_its_memory_is_killed(cluster):
    code = "import signal; memory = b'x' * 300_000_000; signal.pause()"
    job_id = submit(cluster, f'srun {sys.executable} -c "{code}"')
    wait_for_state(cluster, job_id, "FAILED")


def test_nothing_is_left_of_a_cluster():
    with Cluster() as cluster:
        wait_for_state(cluster, submit(cluster, "srun sleep infinity"), "RUNNING")
        wait_until(lambda: count_steps(cluster) == 2)
        pids = cluster.processes()
    assert len(pids) > 5
    assert not cluster.processes()
    assert not any(is_running(pid) for pid in pids)
    assert not cluster.folder.exists()


def test_nothing_is_left_of_a_cluster_that_does_not_start(monkeypatch):
    monkeypatch.setattr(slurm, "NODES", ["node1", "unknown"])
    cluster = Cluster()
    with pytest.raises(RuntimeError, match="unknown"), cluster:
        pass
    assert not cluster.processes()
    assert not cluster.folder.exists()
