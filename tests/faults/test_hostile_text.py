"""Text in a config that a shell, Snakemake or a browser could take for its own stays text."""

import copy
import html.parser
import os
import subprocess
import sys
from pathlib import Path

import pytest
from configs import change, problems, small
from histories import write_csv
from project import copy_project, snakemake, write_config

from batchscope.config.study import load_study

TEXTS = ["$(touch x)", "a; touch x", "`touch x`", "{input}", "<script>alert(1)</script>", "a\nb"]
TEXTS += ['" onload="alert(1)']
TABLE = {"dataset": {"table": {"file": "my.csv", "target": "y"}, "train_size": 10}}
ARRAYS = {"dataset": {"arrays": {"x": "x.npy", "y": "y.npy"}, "train_size": 10}}
SHOWN = "<script>alert(1)</script>"
# Files and columns as nobody names them.
FOLDER = "runs $(touch x); touch x; `touch x` 'a' &amp;"
COLUMN = f'$(touch x); {{input}} " onload="{SHOWN}'
IMPORTED = {
    "batch_sizes": [4, 8],
    "recipes": [{"name": "sgd"}],
    "histories": {
        "files": FOLDER + "/{recipe}/{batch_size}/{replicate}.csv",
        "train_samples": 10,
        "counts_from": 0,
        "columns": {"epoch": "epoch", "val_loss": COLUMN},
    },
    "convergence": {
        "target": {"value": 0.5, "hold": 1},
        "stable": {"metric": "val_loss", "band": 0.1},
    },
}

# Every key that holds text of the user's own, in a config that has it, and the end it has to have.
# A name of a column is any text.
FIELDS = [
    ("pathvars.results", {}, ""),
    ("model.file", {"model": {}}, ".py"),
    ("dataset.table.file", TABLE, ".csv"),
    ("dataset.table.target", TABLE, None),
    ("dataset.table.features", TABLE, None),
    ("dataset.table.drop", TABLE, None),
    ("dataset.table.categories", TABLE, None),
    ("dataset.arrays.x", ARRAYS, ".npy"),
    ("dataset.arrays.y", ARRAYS, ".npy"),
    ("dataset.arrays.file", {"dataset": {"arrays": {}, "train_size": 10}}, ".npz"),
    ("devices[0].measured", {"devices": [{}]}, ".json"),
    ("recipes[0].name", {}, ""),
    ("recipes[0].optimizer", {}, ""),
]
# What Snakemake would fill in, and what no line holds.
FILLED_IN = ["{input}", "<script>alert(1)</script>", "a\nb"]
REFUSED = {
    "pathvars.results": FILLED_IN,
    "model.file": FILLED_IN,
    "dataset.table.file": FILLED_IN,
    "dataset.arrays.x": FILLED_IN,
    "dataset.arrays.y": FILLED_IN,
    "dataset.arrays.file": FILLED_IN,
    "devices[0].measured": FILLED_IN,
    "recipes[0].name": TEXTS,
    "recipes[0].optimizer": TEXTS,
}


def texts_in(value):
    """All texts in nested dicts and lists."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("key", "config", "end"), FIELDS)
def test_a_text_is_taken_as_it_is_or_refused_by_its_key(key, config, end, text):
    listed = key.endswith(("features", "drop", "categories"))
    config = copy.deepcopy(small() | config)
    change(config, key, [text] if listed else text + (end or ""))
    if text in REFUSED.get(key, []):
        assert any(line.startswith(key) for line in problems(config))
    else:
        assert any(text in value for value in texts_in(load_study(config)))


FILES = "/{recipe}/{batch_size}/{replicate}.csv"


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_the_paths_of_trainings_is_taken_as_it_is_or_refused(tmp_path, monkeypatch, text):
    config = IMPORTED | {"histories": IMPORTED["histories"] | {"files": text + FILES}}
    monkeypatch.chdir(tmp_path)
    for size in IMPORTED["batch_sizes"]:
        path = Path(text, f"sgd/{size}/1.csv")
        path.parent.mkdir(parents=True)
        path.touch()
    if text in FILLED_IN:
        assert any(line.startswith("histories.files") for line in problems(config))
    else:
        assert load_study(config)["histories"]["files"] == text + FILES


@pytest.mark.parametrize("text", TEXTS)
def test_an_optimizer_of_imported_trainings_is_the_name_of_a_class(text):
    config = IMPORTED | {"recipes": [{"name": "sgd", "optimizer": text}]}
    assert any(line.startswith("recipes[0].optimizer") for line in problems(config))


class Page(html.parser.HTMLParser):
    """The scripts of a page, as a browser finds them."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self._within = [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self._within = tag == "script"
        if self._within:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self._within = False

    def handle_data(self, data):
        if self._within:
            self.scripts[-1] += data


@pytest.mark.slow
def test_a_study_of_hostile_names_runs_and_shows_them_as_text(tmp_path):
    copy_project(tmp_path)
    results = "$(touch x); `touch x`"
    write_config(tmp_path, IMPORTED | {"pathvars": {"results": results}})
    for size in (4, 8):
        for replicate in (1, 2, 3):
            path = tmp_path / "config" / FOLDER / f"sgd/{size}/{replicate}.csv"
            rows = [(epoch, replicate / (epoch + 1)) for epoch in range(30)]
            write_csv(path, ["epoch", COLUMN], rows)
    snakemake(tmp_path)
    command = [sys.executable, "-m", "batchscope.compare", results, results, "compare.html"]
    path = {"PYTHONPATH": str(tmp_path / "workflow/scripts")}
    subprocess.run(command, cwd=tmp_path, env=os.environ | path, check=True)
    assert list(tmp_path.rglob("x")) == []
    pages = ("compare.html", f"{results}/study.html", f"{results}/summary/summary.html")
    texts = [(tmp_path / page).read_text() for page in pages]
    # The summary names no column.
    assert ["alert(1)" in text for text in texts] == [True, True, False]
    for text in texts:
        assert [script for script in Page(text).scripts if script.startswith("alert")] == []
