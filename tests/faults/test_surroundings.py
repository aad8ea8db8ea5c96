"""What surrounds a study changes none of its numbers, or ends it with a sentence."""

import json
import os
import shlex
import shutil
import subprocess
import sys

import pytest
from project import TINY, copy_project, snakemake, write_config

POINT = "results/train/adam/4"
LOG = "results/logs/train/adam/4.log"

# What the processes of the tests have of these is none of a study's business.
INHERITED = ("CUBLAS_", "CUDNN_", "DNNL_", "KERAS_", "LC_", "NVIDIA_", "ONEDNN_", "PYTHON", "TF_")
INHERITED += ("XLA_", "LANG", "TZ")

KERAS = {"floatx": "float64", "epsilon": 0.5, "image_data_format": "channels_first"}
FEW_FILES, PRIVATE = "ulimit -n 64", "umask 077"
TENSORFLOW = {
    "TF_DETERMINISTIC_OPS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --no_such_flag",
    "XLA_FLAGS": "--xla_cpu_enable_fast_math=true --no_such_flag",
}
# Name -> variables of the environment (None: unset) and a command of the shell before Snakemake.
SURROUNDINGS = {
    "ASCII": ({"LC_ALL": "C", "PYTHONUTF8": "0"}, ":"),
    "Latin-1": ({"LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"}, ":"),
    "Turkish": ({"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}, ":"),
    "time zone": ({"TZ": "Pacific/Kiritimati"}, ":"),
    "no home": ({"HOME": None}, ":"),
    # Snakemake has its cache there.
    "unwritable home": ({"HOME": "/proc", "XDG_CACHE_HOME": "{tmp}/cache"}, ":"),
    "no temporary folder": ({"TMPDIR": "/no/such/folder"}, ":"),
    "unwritable temporary folder": ({"TMPDIR": "/proc"}, ":"),
    "private files": ({}, PRIVATE),
    "few open files": ({}, FEW_FILES),
    "another backend": ({"KERAS_BACKEND": "jax", "KERAS_MAX_EPOCHS": "1"}, ":"),
    "keras.json": ({"KERAS_HOME": "{tmp}/keras"}, ":"),
    **{name: ({name: value}, ":") for name, value in TENSORFLOW.items()},
}


def study(folder, **changes):
    folder.mkdir(parents=True)
    copy_project(folder)
    write_config(folder, TINY | changes)
    return folder


def run(folder, *arguments, variables=None, command=":"):
    """Run Snakemake with these variables of the environment, after a command of the shell."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(INHERITED)}
    environment |= variables or {}
    environment = {name: value for name, value in environment.items() if value is not None}
    line = [sys.executable, "-m", "snakemake", "--cores", "2", *map(str, arguments)]
    return subprocess.run(
        ["bash", "-c", f"{command}; exec {shlex.join(line)}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )


def train(folder, **options):
    """Train one point: the bytes of its history and what job.json says."""
    done = run(folder, "--", f"{POINT}/history.csv", **options)
    assert done.returncode == 0, done.stdout + done.stderr
    job = json.loads((folder / POINT / "job.json").read_text(encoding="utf-8"))
    return (folder / POINT / "history.csv").read_bytes(), job


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return train(study(tmp_path_factory.mktemp("plain") / "study"))


def placed(variables, tmp_path):
    """Variables of an environment with the paths of this test, and the keras.json that is there."""
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras/keras.json").write_text(json.dumps(KERAS), encoding="utf-8")
    return {k: v and v.format(tmp=tmp_path) for k, v in variables.items()}


def check(plain, tmp_path, variables, command):
    """Train the point once more, in other surroundings, and compare all that does not measure."""
    variables = placed(variables, tmp_path)
    history, job = train(study(tmp_path / "study"), variables=variables, command=command)
    assert history == plain[0]
    facts = ("dataset_sha256", "versions", "environment", "trained_by", "threads")
    assert {fact: job[fact] for fact in facts} == {fact: plain[1][fact] for fact in facts}


# All of them; of those that exclude each other, the first.
AT_ONCE = {k: v for own, _ in reversed(SURROUNDINGS.values()) for k, v in own.items()}


def test_all_at_once_change_nothing(plain, tmp_path):
    check(plain, tmp_path, AT_ONCE, f"{PRIVATE}; {FEW_FILES}")
    log = (tmp_path / "study" / LOG).read_text(encoding="utf-8")
    assert "left out of the environment, where it might change numbers: ['--xla_cpu_en" in log
    assert "'TF_DETERMINISTIC_OPS=1'" in log and "KERAS_HOME=" not in log


@pytest.mark.slow
def test_a_whole_study_ends_in_all_at_once(plain, tmp_path):
    folder, variables = study(tmp_path / "study"), placed(AT_ONCE, tmp_path)
    done = run(folder, variables=variables, command=f"{PRIVATE}; {FEW_FILES}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / POINT / "history.csv").read_bytes() == plain[0]
    assert "</html>" in (folder / "results/study.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", SURROUNDINGS)
def test_each_changes_nothing(plain, tmp_path, name):
    variables, command = SURROUNDINGS[name]
    if wanted := variables.get("LC_ALL"):
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True)
        plainly = {line.lower().replace("-", "") for line in known.stdout.split()}
        if wanted.lower().replace("-", "") not in plainly:
            pytest.skip(f"the locale {wanted} is not installed")
    check(plain, tmp_path, variables, command)


@pytest.mark.slow
def test_flags_for_a_gpu_stay_and_an_unknown_one_has_a_sentence(plain, tmp_path):
    folder = study(tmp_path / "study")
    flag = "--xla_gpu_autotune_level=0"
    history, job = train(folder, variables={"XLA_FLAGS": flag, "TF_GPU_THREAD_MODE": "global"})
    assert history == plain[0]
    found = job["environment"]["variables"]
    assert flag in found["XLA_FLAGS"].split() and found["TF_GPU_THREAD_MODE"] == "global"
    done = run(folder, "--forceall", variables={"XLA_FLAGS": "--xla_gpu_no_such_flag=1"})
    assert done.returncode != 0
    said = "XLA_FLAGS has ['--xla_gpu_no_such_flag=1']. If XLA does not know a flag, it ends this"
    assert said in done.stdout + done.stderr


def refused(done, *words):
    said = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in said
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("kind", ["another checkout", "a package", "a module"])
def test_another_batchscope_is_refused(tmp_path, kind):
    folder, foreign = study(tmp_path / "study"), tmp_path / "foreign"
    foreign.mkdir()
    if kind == "another checkout":
        shutil.copytree(folder / "workflow", tmp_path / "workflow")
        foreign = tmp_path / "workflow/scripts"
    elif kind == "a package":
        (foreign / "batchscope").mkdir()
        (foreign / "batchscope/__init__.py").touch()
    else:
        (foreign / "batchscope.py").touch()
    done = run(folder, "--dry-run", variables={"PYTHONPATH": str(foreign)})
    refused(done, f"Received: {foreign}/batchscope", "Take it out of PYTHONPATH")


def test_its_own_batchscope_and_a_folder_of_that_name_are_none_others(tmp_path):
    # Whoever clones the project has such a folder.
    folder = study(tmp_path / "batchscope")
    for path in (tmp_path, folder / "workflow/scripts"):
        done = run(folder, "--dry-run", variables={"PYTHONPATH": str(path)})
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["{x}", "{"])
def test_a_checkout_whose_path_has_braces_is_refused(tmp_path, name):
    done = run(study(tmp_path / name), "--dry-run")
    refused(done, f"Received: {tmp_path}/{name}/workflow/rules", "Move or rename the folder")


# All that a shell, Python's format or Snakemake might take for something of theirs.
NASTY = "-n 'a\" \n$HOME `b` größe~ #%20; *"


@pytest.mark.slow
def test_a_whole_study_in_a_folder_of_any_other_name(plain, tmp_path):
    folder = study(tmp_path / NASTY / "~")
    snakemake(folder)
    assert (folder / POINT / "history.csv").read_bytes() == plain[0]
    # Only the checkout may have no braces.
    there = tmp_path / f"{{x}}{NASTY}"
    config = folder / "config/config.yaml"
    history = f"{POINT}/history.csv"
    snakemake(folder, "--directory", str(there), "--configfile", str(config), "--", history)
    assert (there / history).read_bytes() == plain[0]
