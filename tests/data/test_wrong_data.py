"""What wrong data are told: the file, the line and the column, and the likely fix."""

import errno
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from batchscope.data import memory
from batchscope.data.make import make
from batchscope.data.samples import DataError
from batchscope.data.table_files import read_table_file

WRONG = yaml.safe_load(Path(__file__).with_name("wrong_data.yaml").read_text())
LOSS = "sparse_categorical_crossentropy"
DATASET = {
    "train_size": 2,
    "test_size": 0,
    "split": "first",
    "split_seed": 0,
    "standardize": False,
}


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def study(case):
    """The case's `dataset`, whose file is written."""
    dataset = DATASET | case.get("dataset", {})
    if "csv" in case:
        text = case["csv"]
        Path("table.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        settings = {"file": "table.csv", "target": "y", "missing": "refuse"}
        return dataset | {"table": settings | case.get("table", {})}
    np.savez("arrays.npz", **{name: np.array(value) for name, value in case["arrays"].items()})
    return dataset | {"arrays": {"file": "arrays.npz"}}


def problems(case):
    """The problem lines of a case."""
    with pytest.raises(DataError) as raised:
        make(study(case), case.get("loss", LOSS), case.get("units"))
    return str(raised.value).splitlines()


def name(case):
    return repr({key: value for key, value in case.items() if key != "message"})[:70]


@pytest.mark.parametrize("case", WRONG, ids=name)
def test_wrong_data_are_named_with_their_place(case):
    assert problems(case) == case["message"].splitlines()


def test_problems_of_several_columns_are_listed_at_once():
    lines = problems({"csv": "a,b,y\n1,2,u\nx,4,v\n5,,\n"})
    assert [line.split(": ")[0] for line in lines] == [
        "table.csv, line 3, column a",
        "table.csv, line 4, column b",
        "table.csv, line 4, column y",
    ]


class Evil:
    def __reduce__(self):
        return os.mkdir, ("executed",)


@pytest.mark.parametrize("file", ["x.npy", "arrays.npz"])
def test_python_objects_are_never_loaded(file):
    x = np.array([[Evil()], [Evil()]], object)
    np.save("x.npy", x, allow_pickle=True)
    np.save("y.npy", [0, 1])
    np.savez("arrays.npz", x=x, y=[0, 1], allow_pickle=True)
    arrays = {"x": "x.npy", "y": "y.npy"} if file == "x.npy" else {"file": "arrays.npz"}
    with pytest.raises(DataError, match=rf"^{file}: .* Received: Python objects"):
        make(DATASET | {"arrays": arrays}, LOSS)
    assert not Path("executed").exists()


@pytest.mark.parametrize("file", ["x.npy", "arrays.npz", "table.parquet"])
@pytest.mark.parametrize("content", [b"", b"no such file", b"PK\x03\x04 half a file"])
def test_files_of_another_kind_are_refused(file, content):
    np.save("y.npy", [0, 1])
    Path(file).write_bytes(content)
    sources = {
        "x.npy": {"arrays": {"x": file, "y": "y.npy"}},
        "arrays.npz": {"arrays": {"file": file}},
        "table.parquet": {"table": {"file": file, "target": "y", "missing": "refuse"}},
    }
    with pytest.raises(DataError, match=rf"^{file}: expected a file "):
        make(DATASET | sources[file], LOSS)


def test_rows_of_parquet_are_counted():
    pd.DataFrame({"a": [1.0, None, 3.0], "y": list("uvu")}).to_parquet("table.parquet")
    dataset = DATASET | {"table": {"file": "table.parquet", "target": "y", "missing": "refuse"}}
    with pytest.raises(DataError, match=r"^table\.parquet, row 2, column a: expected a value"):
        make(dataset, LOSS)


def test_dates_of_parquet_are_refused():
    days = pd.date_range("2020-01-01", periods=3)
    pd.DataFrame({"a": [1.0, 2.0, 3.0], "day": days, "y": list("uvu")}).to_parquet("table.parquet")
    table = {"file": "table.parquet", "target": "y", "missing": "refuse"}
    with pytest.raises(DataError, match=r"^table\.parquet, column day: expected numbers or text\."):
        make(DATASET | {"table": table}, LOSS)
    # A column that is left out may hold anything.
    make(DATASET | {"table": table | {"drop": ["day"]}}, LOSS)


@pytest.mark.parametrize("file", ["table.csv", "table.parquet", "arrays.npz", "x.npy"])
def test_what_memory_does_not_hold_is_not_read(file, monkeypatch):
    frame = pd.DataFrame({"a": np.arange(50_000.0), "y": ["u", "v"] * 25_000})
    frame.to_csv("table.csv", index=False)
    frame.to_parquet("table.parquet")
    np.save("x.npy", frame[["a"]].to_numpy())
    np.save("y.npy", [0, 1] * 25_000)
    np.savez_compressed("arrays.npz", x=frame[["a"]].to_numpy(), y=[0, 1] * 25_000)
    arrays = {"x": file, "y": "y.npy"} if file == "x.npy" else {"file": file}
    table = {"file": file, "target": "y", "missing": "refuse"}
    source = {"table": table} if file.startswith("table") else {"arrays": arrays}
    make(DATASET | source, LOSS)

    def refuse(*arguments, **options):
        raise AssertionError("the file is read")

    monkeypatch.setattr(memory, "available", lambda: 100_000)
    for reader in ("pandas.read_csv", "pandas.read_parquet", "numpy.load"):
        monkeypatch.setattr(reader, refuse)
    with pytest.raises(DataError, match=rf"^{file}: expected data that take at most the 0 MiB"):
        make(DATASET | source, LOSS)


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_a_disk_that_fails_is_told_with_the_file(tmp_path, monkeypatch, name):
    def fail(*_, **__):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "open", fail)
    monkeypatch.setattr("pyarrow.parquet.read_metadata", fail)
    with pytest.raises(OSError, match="Input/output error") as error:
        read_table_file(tmp_path / name)
    assert error.value.filename == str(tmp_path / name)
