"""What is said of two made-up trainings of a point."""

import copy

import pytest

from batchscope.report.verification import verification_text

JOB = {
    "point": {"batch_size": 4, "model": {"file": "mine.py", "sha256": "e5"}},
    "device": "CPU: small",
    "threads": 1,
    "versions": {"keras": "3.15.1", "numpy": "2.4.6"},
    "environment": {"floatx": "float32", "variables": {"XLA_FLAGS": "--one"}},
    "compile_seconds": 2.5,
    "sha256": {"history.csv": "aa", "runs.csv": "bb"},
}


def trained(**changes):
    job = copy.deepcopy(JOB)
    for path, value in changes.items():
        *parents, name = path.split("__")
        level = job
        for parent in parents:
            level = level[parent]
        level[name] = value
    return job


# Another time, another digest of the times, and the same model from another folder.
SAME = {"compile_seconds": 3.5, "sha256": {"history.csv": "aa", "runs.csv": "cc"}}
SAME["point__model__file"] = "../mine.py"
OTHER = {"sha256": {"history.csv": "dd", "runs.csv": "bb"}}


def test_the_same_bytes_from_the_same_causes():
    assert verification_text("sgd/4", JOB, trained(**SAME)) == (
        "sgd/4: history.csv is byte-identical when trained again.\n  sha256: aa"
    )


def test_the_same_bytes_although_something_differs():
    text = verification_text("sgd/4", JOB, trained(versions__numpy="2.5.0"))
    assert text.startswith("sgd/4: history.csv is byte-identical when trained again.\n")
    assert text.endswith(
        "This differs from what job.json records, but changes nothing:\n"
        "  versions.numpy: 2.4.6 in the study, 2.5.0 now"
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"versions__keras": "3.16.0"}, "versions.keras: 3.15.1 in the study, 3.16.0 now"),
        ({"device": "GPU: large"}, "device: CPU: small in the study, GPU: large now"),
        ({"threads": 2}, "threads: 1 in the study, 2 now"),
        ({"point__batch_size": 8}, "point.batch_size: 4 in the study, 8 now"),
        ({"point__model__sha256": "f6"}, "point.model.sha256: e5 in the study, f6 now"),
        (
            {"environment__variables__XLA_FLAGS": "--two"},
            "environment.variables.XLA_FLAGS: --one in the study, --two now",
        ),
        ({"code": "07"}, "code: nothing in the study, 07 now"),
    ],
)
def test_what_differs_where_the_bytes_do(change, line):
    text = verification_text("sgd/4", JOB, trained(**change, **OTHER))
    assert text == (
        "sgd/4: history.csv is not byte-identical when trained again.\n"
        "  sha256: aa in the study, dd now\n"
        f"This differs from what job.json records:\n  {line}"
    )


def test_other_bytes_from_the_same_causes():
    text = verification_text("sgd/4", JOB, trained(**OTHER))
    assert "Nothing differs from what job.json records" in text
    assert text.endswith("such as the instructions of the processor.")
