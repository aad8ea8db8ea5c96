"""Each file that a job of a finished study reads is damaged: it is refused by name, never drawn."""

from pathlib import Path

import pytest

# Which sealed files each job reads.
MEASURED = ("pace/pace.csv", "convergence/epochs.csv")
LAWS = ("scaling/adam.csv", "scaling/tuned.csv")
MAP, ANSWER = "rate_map/tuned.csv", "summary/recommendation.json"
READ = {
    "train adam 4": ["dataset/dataset.npz", "dataset/dataset.json"],
    "convergence": ["pace/pace.csv", "dataset/dataset.json"],
    "law": MEASURED,
    "rate_map": MEASURED,
    "summary": [*MEASURED, "convergence/sensitivity.csv", *LAWS, MAP],
    "learning_curves tuned": ["convergence/epochs.csv"],
    "law_figure tuned": ["scaling/tuned.csv"],
    "rate_map_figure": [MAP],
    "comparison": ["summary/summary.csv"],
    "page": [*MEASURED, *LAWS, MAP, ANSWER, "dataset/dataset.json"],
    "summary_html": [ANSWER, "dataset/dataset.json"],
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
