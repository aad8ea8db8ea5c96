"""Each file that a job of a finished study reads is damaged: it is refused by name, never drawn."""

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


@pytest.mark.parametrize(
    ("name", "file"), [(name, file) for name, files in READ.items() for file in files]
)
def test_a_damaged_file_is_refused_by_name(study, name, file):
    path = Path(study.folder, file)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    # A digit that is another one, which no reader can see.
    place = next(i for i in range(len(whole) // 2, len(whole)) if whole[i] in b"0123456789")
    damaged[place] ^= 1
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
