"""Every system call that writes a job's files is refused once, and is its last once.

Afterwards a file is whole or not there, and the same job again leaves the same bytes.
"""

import itertools
import shutil
from pathlib import Path

import pytest
from broken_study import CONFIG, seal_of

from batchscope.joblog import ADVICE

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")

# Every call that writes is refused in each of these ways. `unlink` removes what is no more needed.
CALLS, ERRORS = ("openat", "write", "fsync", "rename"), ("ENOSPC", "EIO", "EACCES")
FAULTS = [f"{call}:error={error}" for call in CALLS for error in ERRORS]
FAULTS += [f"{call}:signal=SIGKILL" for call in CALLS]
OF_REMOVAL = ["unlink:error=EPERM", "unlink:signal=SIGKILL"]

OTHERS = [
    "dataset",
    "import_histories",
    "probe",
    "pace",
    "measure",
    "convergence",
    "law",
    "rate_map",
    "summary",
    "learning_curves tuned",
    "law_figure tuned",
    "rate_map_figure",
    "comparison",
    "page",
    "summary_html",
    "advise",
]


def break_everywhere(study, name, fault, more=()):
    """Break a job at the n-th system call of a kind, for every n until it gets through.

    Args:
        study: a Study.
        name: of the job.
        fault: what strace injects, but for the n.
        more: further paths that the job writes.

    Yields:
        Each time that the job did not get through, once its files are as Snakemake leaves them.
    """
    outputs, job = study.outputs(name), study.jobs[name]
    whole = study.whole[name]
    written = [*outputs, *map(seal_of, outputs), *more]
    paths = [job["log"], *written, *(f"{path}.new" for path in written)]
    for number in itertools.count(1):
        study.restart(name)
        for path in more:
            path.unlink(missing_ok=True)
        study.epochs.write_text("")
        status, injected, told = study.run(job, f"{fault}:when={number}", paths)
        there = study.content(name)
        assert there == {path: whole[path] for path in there}
        if not injected:
            break
        if status == 0:
            assert there == whole
        elif status > 0:
            assert ADVICE in told
        if status:
            study.restart(name)
            yield
    assert number > 1, f"nothing was broken by {fault}"
    assert status == 0 and there == whole
    left = {path.name for path in outputs[0].parent.iterdir()}
    assert [file for file in left if file.endswith(".new")] == []


def tried(faults, quick):
    """Parameters of a test, of which those that are not quick are marked."""
    return [
        pytest.param(fault, marks=[] if fault in quick else pytest.mark.slow) for fault in faults
    ]


# These jobs remove no file that they have written.
OF_OTHERS = [(name, fault) for name in OTHERS for fault in FAULTS]
QUICK = [("dataset", "write:error=ENOSPC"), ("summary", "rename:signal=SIGKILL")]


@pytest.mark.parametrize("broken", tried(OF_OTHERS, QUICK), ids=" ".join)
def test_a_file_is_whole_or_not_there(study, broken):
    for _ in break_everywhere(study, *broken):
        pass


@pytest.mark.parametrize("fault", tried(FAULTS + OF_REMOVAL, ["write:error=ENOSPC"]))
def test_no_epoch_that_was_saved_is_trained_again(study, fault):
    name = "train tuned 4"
    folder = study.outputs(name)[0].parent
    more = [folder / "checkpoint.npz", folder / "failure.txt"]
    epochs = 2 * CONFIG["replicates"] * CONFIG["epochs"]
    with study.kept(name):
        for _ in break_everywhere(study, name, fault, more):
            status, _, told = study.run(study.jobs[name])
            assert status == 0, told
            assert study.content(name) == study.whole[name]
            # The epoch that was being saved may be lost.
            trained = len(study.epochs.read_text().splitlines())
            assert epochs <= trained <= epochs + 1
        more[0].unlink()


@pytest.mark.slow
@pytest.mark.parametrize("fault", OF_REMOVAL)
def test_a_checkpoint_that_stays_fails_no_job(study, fault):
    trainings = study.jobs["pace"]["input"]["jobs"]
    checkpoints = [Path(job).with_name("checkpoint.npz") for job in trainings]
    for _ in break_everywhere(study, "pace", fault, checkpoints):
        pass


# Of each kind of file that a job reads, one: arrays, sealed JSON, tables, facts, text, a model, all
# trainings in one.
READ = [
    ("train tuned 4", "dataset/dataset.npz"),
    ("pace", "dataset/dataset.json"),
    ("pace", "train/adam/4/job.json"),
    ("convergence", "train/adam/4/history.csv"),
    ("law", "pace/pace.csv"),
    ("law", "convergence/epochs.csv.sha256"),
    ("comparison", "summary/summary.csv"),
    ("summary_html", "summary/summary.md"),
    ("advise", "measure/device.json"),
    ("import_histories", "histories/sgd-4-1.csv"),
    ("probe", "model.py"),
    ("law", "convergence/trained.npz"),
]


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["openat:error=EACCES", "read:error=EIO"])
@pytest.mark.parametrize(("name", "file"), READ)
def test_a_file_that_cannot_be_read_is_named(study, name, file, fault):
    path = Path(study.folder, file)
    with study.kept(name):
        study.restart(name)
        status, injected, told = study.run(study.jobs[name], f"{fault}:when=1", [path])
        assert injected and status == 1 and study.content(name) == {}
    assert str(path) in told
