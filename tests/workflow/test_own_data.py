"""A table beside its config, elsewhere than the project's: what reruns, and what mistakes say."""

import json
import os
import re

import pandas as pd
import pytest
import yaml
from project import append, copy_project, planned, snakemake

HEADER = "bill,island,species\n"
ROWS = [
    f"{bill},{island},{species}\n"
    for number in range(8)
    for bill, island, species in (
        (30 + number, "Biscoe", "Adelie"),
        (50 + number, "Dream", "Chinstrap"),
        ("" if number == 3 else 70 + number, "Biscoe", "Gentoo"),
    )
]
BIRDS = HEADER + "".join(ROWS)
STUDY = {
    "replicates": 2,
    "epochs": 2,
    "min_updates": 9,
    "batch_sizes": [4],
    "dataset": {
        "table": {"file": "birds.csv", "target": "species", "missing": "impute"},
        # 12 of 24 samples train: 3 updates in an epoch.
        "train_size": 0.5,
        "test_size": 6,
        "split": "stratified",
        "standardize": True,
    },
    "model": {
        "layers": [
            {"Dense": {"units": 4, "activation": "relu"}},
            {"Dense": {"units": 3, "activation": "softmax"}},
        ]
    },
    "recipes": [
        {
            "name": "sgd",
            "optimizer": "SGD",
            "learning_rate": {"rule": "linear", "value": 0.1, "reference_batch_size": 24},
        }
    ],
}
AFTER = {
    "train sgd 4",
    "pace",
    "convergence",
    "law",
    "learning_curves sgd",
    "law_figure sgd",
    "summary",
    "summary_html",
    "page",
}
EVERYTHING = {"dataset", "all", *AFTER}


class Mine:
    """A project, and beside it a folder with a config and its table."""

    def __init__(self, folder):
        self.project, self.folder = folder / "project", folder / "mine"
        self.project.mkdir()
        self.folder.mkdir()
        copy_project(self.project)
        self.restore()

    def restore(self):
        (self.folder / "birds.csv").write_text(BIRDS)
        self.write(STUDY)

    def write(self, study):
        (self.folder / "study.yaml").write_text(yaml.safe_dump(study))

    def changed(self, **dataset):
        self.write(STUDY | {"dataset": STUDY["dataset"] | dataset})

    def planned(self):
        return planned(self.project, "--configfile", "../mine/study.yaml")

    def run(self, *arguments, **options):
        return snakemake(self.project, *arguments, "--configfile", "../mine/study.yaml", **options)

    def results(self, path):
        return self.project / "results" / path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    mine = Mine(tmp_path_factory.mktemp("own"))
    mine.run()
    return mine


@pytest.fixture
def mine(finished):
    yield finished
    finished.restore()


def test_the_table_is_found_beside_its_config(finished):
    description = json.loads(finished.results("dataset/dataset.json").read_text())
    assert description["class_names"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert description["feature_names"] == ["bill", "island=Biscoe", "island=Dream"]
    assert description["sizes"] == {"train": 12, "validation": 6, "test": 6}
    assert description["class_counts"]["train"] == [4, 4, 4]


def test_a_point_is_settled_once_the_samples_are_counted(finished):
    """Nine updates are 3 epochs; 12 samples are the largest reference batch, so a third of 0.1."""
    point = json.loads(finished.results("train/sgd/4/job.json").read_text())["point"]
    assert point["epochs"] == 3 and "min_updates" not in point
    assert point["learning_rate"] == pytest.approx(0.1 / 3)
    runs = pd.read_csv(finished.results("train/sgd/4/runs.csv"))
    assert runs["epochs"].tolist() == [3, 3]


def test_the_test_samples_are_told(finished):
    runs = pd.read_csv(finished.results("train/sgd/4/runs.csv"))
    assert list(runs)[-2:] == ["test_loss", "test_accuracy"]
    shares = runs["test_accuracy"] * 6
    assert (shares - shares.round()).abs().max() < 1e-5


def test_nothing_changed_plans_nothing(mine):
    assert mine.planned() == set()


def test_a_changed_date_plans_nothing(mine):
    os.utime(mine.folder / "birds.csv")
    assert mine.planned() == set()


def test_a_changed_byte_trains_again(mine):
    append(mine.folder / "birds.csv", "40,Dream,Adelie\n")
    assert mine.planned() == EVERYTHING
    # Also one that leaves the size as it was, under the old date.
    mine.restore()
    path, before = mine.folder / "birds.csv", (mine.folder / "birds.csv").stat()
    path.write_text(BIRDS.replace("30,", "31,"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert mine.planned() == EVERYTHING


@pytest.mark.parametrize(
    "change",
    [
        {"split": "shuffled"},
        {"split_seed": 1},
        {"test_size": 0},
        {"standardize": False},
        {"class_weight": "balanced"},
        {"table": STUDY["dataset"]["table"] | {"missing": "refuse"}},
        {"table": STUDY["dataset"]["table"] | {"drop": ["island"]}},
    ],
    ids=str,
)
def test_a_changed_dataset_trains_again(mine, change):
    mine.changed(**change)
    assert mine.planned() == EVERYTHING


def test_a_hidden_layer_leaves_the_dataset(mine):
    layers = [{"Dense": {"units": 5, "activation": "relu"}}, STUDY["model"]["layers"][1]]
    mine.write(STUDY | {"model": {"layers": layers}})
    assert mine.planned() == {*AFTER, "all"}


def refused(mine, *arguments):
    """What the terminal says of a run that fails."""
    done = mine.run(*arguments, check=False)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    return output


def test_a_missing_file_is_told_at_the_dry_run(mine):
    (mine.folder / "birds.csv").unlink()
    output = refused(mine, "--dry-run")
    assert (
        "dataset.table.file: expected a file that is there. Received: ../mine/birds.csv. "
        "Correct the path; it is relative to the folder of the config file."
    ) in output
    assert "jobid" not in output


def test_wrong_data_end_the_job_with_their_place(mine):
    table = STUDY["dataset"]["table"] | {"missing": "refuse"}
    mine.write(STUDY | {"dataset": STUDY["dataset"] | {"table": table}, **elsewhere("wrong")})
    output = refused(mine)
    line = BIRDS.splitlines().index(",Biscoe,Gentoo") + 1
    assert (
        f"../mine/birds.csv, line {line}, column bill: expected a value. Received: none. "
        "Fill it in, or write missing: impute."
    ) in output
    assert "rule train" not in re.sub(r"(?s)Job stats.*?\n\n", "", output)


def elsewhere(results):
    return {"pathvars": {"results": results}}


def test_numbers_are_predicted_up_to_their_convergence(mine):
    """The metric in units of the target is recorded, tested and looked up."""
    dataset = {
        "table": {"file": "numbers.csv", "target": "bill"},
        "train_size": 0.5,
        "test_size": 0.25,
        "split": "shuffled",
    }
    model = {"layers": [{"Dense": {"units": 1}}], "loss": "mean_squared_error"}
    convergence = {"stable": {"band": 5}, "target": {"metric": "val_mean_absolute_error"}}
    study = STUDY | {"dataset": dataset, "model": model, "convergence": convergence}
    (mine.folder / "numbers.csv").write_text(BIRDS.replace("\n,", "\n73,"))
    mine.write(study | elsewhere("numbers"))
    mine.run("numbers/convergence/epochs.csv")
    point = mine.project / "numbers/train/sgd/4"
    columns = ["loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"]
    assert list(pd.read_csv(point / "history.csv"))[3:] == columns
    assert list(pd.read_csv(point / "runs.csv"))[-1] == "test_mean_absolute_error"
    epochs = pd.read_csv(mine.project / "numbers/convergence/epochs.csv")
    assert set(epochs["metric"]) == {"val_mean_absolute_error"}
