"""The methods section of made-up studies, and the file that shows it with the summary."""

import base64
import re

import pytest
from answers import STUDIES, read_answer
from configs import FULL, small

from batchscope.config.study import load_study
from batchscope.report.headline import headlines
from batchscope.report.methods.citations import CITATIONS
from batchscope.report.methods.section import methods_section
from batchscope.report.rendered import MARK, summary_html
from batchscope.report.summary import summary_markdown

DATASET = {
    "sizes": {"train": 10, "validation": 8, "test": 2},
    "split": "stratified",
    "split_seed": 3,
    "features": [8, 8],
    "class_names": ["a", "b", "c"],
    "missing": None,
    "standardized": True,
    "class_weights": [1.0, 2.0, 0.5],
}
VERSIONS = {"keras": "3.15.1", "tensorflow": "2.21.0"}
JOBS = [
    {"parameters": 303, "versions": VERSIONS, "device": "CPU: made up"},
    # Of a point that did not fit into memory.
    {"parameters": None, "versions": None, "device": None},
]
HISTORIES = {
    "batch_sizes": [4, 8],
    "histories": {"files": "{recipe}/{batch_size}.csv", "train_samples": 100},
    "recipes": [{"name": "known", "optimizer": "Lion", "learning_rate": 0.1}, {"name": "unknown"}],
}


def section(config, answer="one_recipe", dataset=DATASET):
    answer = read_answer(answer) if isinstance(answer, str) else answer
    return "\n".join(methods_section(load_study(config), dataset, JOBS, answer))


@pytest.mark.parametrize("study", STUDIES)
def test_no_template_and_no_missing_value_is_left(study):
    assert not re.search(r"[{}]|\b(None|nan|inf|null)\b|  | [,.;]", section(FULL, study))


def test_the_data_and_the_model_are_named():
    text = section(small())
    assert "`make_blobs(n_samples=20, " in text
    assert "A sample has 8 × 8 values; its target is one of 3 classes." in text
    assert "10 training, 8 validation and 2 test samples, drawn at random within each class" in text
    assert "`Dense(units=5, activation=relu)` and `Dense(units=3" in text
    assert "303 parameters" in text and "Keras 3.15.1" in text


def test_own_data_and_an_own_model_are_named_by_their_files():
    table = {"table": {"file": "my/birds`.csv", "target": "<b>_x_"}, "train_size": 0.5}
    config = small({"dataset": table, "model": {"file": "my/net.py"}})
    text = section(config, dataset=DATASET | {"missing": "impute", "class_names": None})
    assert "the table `birds .csv`; `<b>_x_` is predicted. A sample" in text
    assert "its target is a number" in text and "A missing number" in text
    assert "`build_model` in `net.py` returns" in text
    arrays = {"arrays": {"x": "a/x.npy", "y": "a/y.npy"}, "train_size": 10}
    assert "the arrays of `x.npy` and `y.npy`." in section(small({"dataset": arrays}))


def test_every_kind_of_recipe_is_told():
    text = section(FULL)
    assert "`adam`: `Adam(beta_1=0.8, global_clipnorm=1)` with the learning rate 0.001." in text
    assert "`rmsprop`: RMSprop with a learning rate in proportion to the square root" in text
    assert "0.001 at batch size 32, which rises over 2 epochs of warm-up." in text
    assert "`sgd`: SGD with a learning rate of the grid 0.01 and 0.1. Every" in text
    assert "or for more until it had made 25 updates" in text
    assert "Batch size 8 is an exception, with 7 epochs and a learning rate of 0.01." in text
    assert "of a grid" not in section(small())


def test_the_rule_of_convergence_is_the_config_s():
    target = {"metric": "val_accuracy", "tolerance": 0.025, "hold": 1, "reference_batch_size": 6}
    answer = read_answer("one_recipe")
    answer["recipes"]["adam"]["target"] = {"metric": "val_accuracy", "value": 0.9}
    text = section(small({"convergence.target": target}), answer)
    assert "at which it had a validation accuracy of at least 0.9000. The target is 2.5%" in text
    # There is no batch size of 6.
    assert "best validation accuracy at batch size 4," in text
    text = section(small({"convergence.target": {"value": 0.43}}))
    assert "for 3 epochs in a row. By a second definition" in text


def test_one_replicate_has_neither_pairs_nor_intervals():
    text = section(small({"replicates": 1}), "much_missing")
    assert "trained once for" in text and "There is one replicate, so there are no" in text
    assert (
        "paired" not in text and "Efron" not in text and "replicates" not in text.split("Seco")[0]
    )


def test_histories_have_neither_data_nor_seconds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for recipe in ("known", "unknown"):
        for size in (4, 8):
            path = tmp_path / recipe / f"{size}.csv"
            path.parent.mkdir(exist_ok=True)
            path.touch()
    answer = read_answer("one_recipe") | {"imported": True}
    answer["recipes"]["adam"]["recommendation"]["seconds_device"] = None
    text = section(HISTORIES, answer, dataset=None)
    assert "done elsewhere, at batch sizes 4 and 8, with 100 training samples" in text
    assert "`known`: Lion with the learning rate 0.1.\n" in text
    for word in ("unknown", "Data", "Model", "econds", "initial weights", "Keras"):
        assert word not in text


def test_what_is_cited_is_listed_and_nothing_else():
    text = section(FULL, "common_target")
    body, _, works = text.partition("**References**")
    cited = set(re.findall(r"[A-Z][A-Za-z]+(?: et al\.)? \d{4}", body))
    assert cited == {line[2:].split(",")[0] for line in works.strip().splitlines()}
    assert cited <= set(CITATIONS) and {"Stone 1974", "Malladi et al. 2022"} <= cited


@pytest.mark.parametrize("study", STUDIES)
def test_the_summary_is_one_file(study, tmp_path):
    answer = read_answer(study)
    text, folder = summary_markdown(answer), tmp_path / "summary"
    figures = re.findall(r"\]\((.+?)\)", text)
    for figure in figures:
        path = folder / figure
        path.parent.mkdir(parents=True, exist_ok=True)
        path.resolve().parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"picture {figure}".encode())
    html = summary_html(
        text, ["**Data.** `<b>`"], answer, lambda name: (folder / name).read_bytes()
    )
    shown = re.findall(r'src="data:image/png;base64,(.+?)"', html)
    assert [base64.b64decode(data).decode() for data in shown] == [f"picture {f}" for f in figures]
    assert html.count("<img") == len(figures) == html.count("src=")
    # Of the first page: the answer, and the methods.
    _, first, rest, methods, _ = html.split(MARK)
    assert first.count("<p>") == len(headlines(answer)) and "<h2>How to read" in rest
    assert "<strong>Data.</strong> <code>&lt;b&gt;</code>" in methods


def test_the_answer_is_over_all_recipes_where_they_compare():
    [answer] = headlines(read_answer("common_target"))
    assert "at batch size" in answer
    assert [text.split(":")[0] for text in headlines(read_answer("much_missing"))] == [
        "`fast`",
        "`slow`",
        "`broken`",
    ]
