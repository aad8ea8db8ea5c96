"""Other ways to use a cluster that docs/cluster.md tells of."""

import shlex
import subprocess
import sys

import pytest
from project import TINY
from slurm import skip_module_without_slurm, wait_until
from test_study import BROKEN, Project

skip_module_without_slurm()

# A model of a user's own that never comes to an end, at one batch size.
HANGING = """
import signal
from pathlib import Path

import keras
from keras import layers


class Hanging(layers.Layer):
    def call(self, x):
        while x.shape[0] == 8:
            Path("hanging").touch()
            signal.pause()
        return x


def build_model(input_shape, outputs):
    return keras.Sequential(
        [keras.Input(input_shape), Hanging(), layers.Dense(outputs, activation="softmax")]
    )
"""


def test_a_site_that_wants_gres(tmp_path, cluster):
    additions = {"runs": "\nprint('visible:', __import__('os').environ['CUDA_VISIBLE_DEVICES'])\n"}
    project = Project(tmp_path / "gres", cluster, TINY | {"batch_sizes": [4]}, **additions)
    rules = ("train", "pace")
    values = [f"{rule}:{value}" for rule in rules for value in ("gpu=0", "gres=gpu:fake:1")]
    project.start("--set-resources", *values)
    code, output = project.end()
    assert code == 0, output
    assert {job.state for job in project.jobs()} == {"COMPLETED"}
    assert "visible: 0" in project.log(4)


def test_many_trainings_in_one_allocation(tmp_path, cluster):
    """One of them fails, and none of the others is stopped or removed."""
    sizes = [2, 4, 8, 16]
    project = Project(tmp_path / "one", cluster, TINY | {"batch_sizes": sizes}, model=BROKEN)
    study = shlex.join([sys.executable, "-m", "snakemake", "--cores", "2", "--keep-going"])
    sbatch = ["sbatch", "--parsable", "--gpus=1", "--mem=6000", f"--output={project.output}"]
    sbatch += [f"--wrap={study}"]
    options = {"cwd": project.folder, "env": cluster.environment, "text": True}
    job_id = subprocess.check_output(sbatch, **options).strip()

    def ended():
        [job] = [job for job in cluster.jobs() if job.id == job_id]
        return job.state not in ("PENDING", "RUNNING", "COMPLETING") and job

    assert wait_until(ended).state == "FAILED"
    trained = (project.folder / "results/train/adam").glob("*/job.json")
    assert {int(path.parent.name) for path in trained} == {2, 4, 16}


@pytest.mark.slow
def test_a_model_that_hangs_is_ended_by_its_runtime_alone(tmp_path, cluster):
    config = TINY | {"batch_sizes": [4, 8], "model": {"file": "hanging.py"}}
    project = Project(tmp_path / "hanging", cluster, config)
    (project.folder / "config/hanging.py").write_text(HANGING)
    without = [f"{rule}:gpu=0" for rule in ("train", "pace", "probe")]
    project.start("--retries", "0", "--set-resources", *without)
    # However long it takes to get there: only then is its time a minute.
    wait_until((project.folder / "hanging").exists)
    assert project.job(8).limit == "1:00:00"
    cluster.shorten(project.job(8).id)
    code, output = project.end()
    assert code != 0 and "results/logs/train/adam/8.log" in output
    assert {job.comment[-1]: job.state for job in project.jobs()} == {
        "4": "COMPLETED",
        "8": "TIMEOUT",
    }
    trained = (project.folder / "results/train/adam").glob("*/job.json")
    assert [path.parent.name for path in trained] == ["4"]
