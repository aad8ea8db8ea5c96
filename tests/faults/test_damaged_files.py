"""Each file that a job of a finished study reads is damaged: it is refused by name, never drawn."""

import re
from pathlib import Path

import pytest
from broken_study import seal_of

# Which sealed files each job reads.
TRAINED = "convergence/trained.npz"
MEASURED = (TRAINED, "pace/pace.csv", "convergence/epochs.csv")
LAWS = ("scaling/adam.csv", "scaling/tuned.csv")
MAP, ANSWER = "rate_map/tuned.csv", "summary/recommendation.json"
SHOWN = (
    "summary/summary.md",
    "learning_curves/adam.png",
    "law/tuned.png",
    "rate_map/tuned.png",
    "comparison/recipes.png",
)
READ = {
    "train adam 4": ["dataset/dataset.npz", "dataset/dataset.json"],
    "convergence": ["pace/pace.csv", "dataset/dataset.json"],
    "law": MEASURED,
    "rate_map": MEASURED,
    "summary": [*MEASURED, "convergence/sensitivity.csv", *LAWS, MAP],
    "learning_curves tuned": [TRAINED, "convergence/epochs.csv"],
    "law_figure tuned": ["scaling/tuned.csv"],
    "rate_map_figure": [MAP],
    "comparison": ["summary/summary.csv"],
    "page": [*MEASURED, *LAWS, MAP, ANSWER, "dataset/dataset.json"],
    "summary_html": [TRAINED, ANSWER, "dataset/dataset.json", *SHOWN],
    "pace": ["dataset/dataset.npz", "dataset/dataset.json"],
    "measure": ["dataset/dataset.npz", "dataset/dataset.json"],
    "advise": MEASURED,
}


def change_digit(whole):
    """Another digit for one in the second half, which no reader can see."""
    half = len(whole) // 2
    end = re.sub(rb"\d", lambda digit: bytes([digit[0][0] ^ 1]), whole[half:], count=1)
    return whole[:half] + end


# What becomes of the bytes of a file.
DAMAGES = {
    "one digit": change_digit,
    "empty": lambda whole: b"",
    "one line": lambda whole: whole.splitlines(keepends=True)[0],
    "half of it": lambda whole: whole[: len(whole) // 2],
    "garbled": lambda whole: whole[:20] + bytes(range(256)) + whole[20:],
    "NaN for a number": lambda whole: re.sub(rb"\d+", b"nan", whole, count=1),
    "columns the other way round": lambda whole: b"\n".join(
        b",".join(line.split(b",")[::-1]) for line in whole.split(b"\n")
    ),
    "lines the other way round": lambda whole: b"\n".join(whole.split(b"\n")[::-1]),
    "CRLF": lambda whole: whole.replace(b"\n", b"\r\n"),
    "BOM": lambda whole: b"\xef\xbb\xbf" + whole,
    "Latin-1": lambda whole: whole[:9] + b"\xe4" + whole[9:],
}


@pytest.mark.parametrize(
    "damage",
    [pytest.param(kind, marks=[] if kind == "one digit" else pytest.mark.slow) for kind in DAMAGES],
)
@pytest.mark.parametrize(
    ("name", "file"), [(name, file) for name, files in READ.items() for file in files]
)
def test_a_damaged_file_is_refused_by_name(study, name, file, damage):
    path = Path(study.folder, file)
    whole = path.read_bytes()
    damaged = DAMAGES[damage](whole)
    assert damaged != whole
    path.write_bytes(damaged)
    with study.kept(name):
        study.restart(name)
        status, _, told = study.run(study.jobs[name])
        path.write_bytes(whole)
        assert status == 1 and study.content(name) == {}
    assert f"{path}: expected " in told and f"--forcerun {path}" in told


def test_measurements_that_are_damaged_or_of_another_copy_are_refused(study):
    """They come from another machine, with their seal or without."""
    path = Path(study.folder, "measure/device.json")
    whole, seal = path.read_bytes(), seal_of(path).read_bytes()
    path.write_bytes(whole.replace(b"0.0", b"0.1", 1))
    with study.kept("advise"):
        study.restart("advise")
        status, _, told = study.run(study.jobs["advise"])
        assert status == 1 and study.content("advise") == {}
        assert f"{path}: expected " in told and "--forcerun measure" in told
        path.write_bytes(whole)
        seal_of(path).unlink()
        status, _, told = study.run(study.jobs["advise"])
        seal_of(path).write_bytes(seal)
        assert status == 0 and study.content("advise") == study.whole["advise"], told
