"""A made-up library: which files an entry uses is read off its imports, and the digest follows."""

import os
import shutil

import pytest

from batchscope import sources

FILES = {
    "draw.py": "from batchscope import log\ndef main():\n    from batchscope.figures import canvas",
    "fit.py": "import batchscope.analysis.line, json\nfrom os import path",
    "other.py": "from batchscope.figures.canvas import *",
    "batchscope/__init__.py": "",
    "batchscope/log.py": "import sys",
    "batchscope/words.py": "from batchscope.analysis.line import SLOPE",
    "batchscope/analysis/__init__.py": "",
    "batchscope/analysis/line.py": "SLOPE = 1",
    "batchscope/analysis/unused.py": "from batchscope import words",
    "batchscope/figures/__init__.py": "",
    # Each imports the other.
    "batchscope/figures/canvas.py": "if True:\n    from batchscope.figures.frame import frame",
    "batchscope/figures/frame.py": "from batchscope.figures import canvas\nframe = 1",
    "batchscope/figures/style.txt": "blue",
    "batchscope/figures/.frame.py.swp": "an editor's",
    "batchscope/figures/frame.py~": "another editor's",
    "batchscope/figures/__pycache__/frame.cpython-311.pyc": "Python's",
}
FIGURES = {
    "batchscope/__init__.py",
    "batchscope/figures/__init__.py",
    "batchscope/figures/canvas.py",
    "batchscope/figures/frame.py",
    "batchscope/figures/style.txt",
}
USED = {
    "draw.py": {"draw.py", "batchscope/log.py", *FIGURES},
    "fit.py": {
        "fit.py",
        "batchscope/__init__.py",
        "batchscope/analysis/__init__.py",
        "batchscope/analysis/line.py",
    },
    "other.py": {"other.py", *FIGURES},
}


@pytest.fixture
def scripts(tmp_path):
    folder = tmp_path / "scripts"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("entry", USED)
def test_an_entry_uses_what_it_imports_and_what_that_imports(scripts, entry):
    files = sources.library_files(scripts / entry)
    assert files == sorted(scripts / name for name in USED[entry])


@pytest.mark.parametrize("name", FILES)
def test_an_edit_changes_the_digests_of_the_entries_that_use_the_file(scripts, name):
    before = {entry: sources.digest(scripts / entry) for entry in USED}
    with (scripts / name).open("a") as file:
        file.write("\n# a thought")
    changed = {entry for entry in USED if sources.digest(scripts / entry) != before[entry]}
    assert changed == {entry for entry in USED if name in USED[entry]}


def test_a_new_import_brings_its_file_in(scripts):
    before = sources.digest(scripts / "fit.py")
    (scripts / "fit.py").write_text("import batchscope.words")
    assert scripts / "batchscope/words.py" in sources.library_files(scripts / "fit.py")
    assert sources.digest(scripts / "fit.py") != before


def test_text_that_moves_from_one_file_to_another_changes_the_digest(scripts):
    before = sources.digest(scripts / "draw.py")
    (scripts / "batchscope/figures/style.txt").rename(scripts / "batchscope/figures/blue.txt")
    renamed = sources.digest(scripts / "draw.py")
    (scripts / "batchscope/figures/blue.txt").write_text("")
    (scripts / "batchscope/__init__.py").write_text("blue")
    assert len({before, renamed, sources.digest(scripts / "draw.py")}) == 3


def test_neither_place_nor_time_changes_the_digest(scripts, tmp_path, monkeypatch):
    before = sources.digest(scripts / "draw.py")
    shutil.rmtree(scripts / "batchscope/figures/__pycache__")
    for path in scripts.rglob("*"):
        os.utime(path, (1, 1))
    moved = scripts.rename(tmp_path / "elsewhere")
    assert sources.digest(moved / "draw.py") == before
    monkeypatch.chdir(moved)
    assert sources.digest("draw.py") == before
