"""Tables become arrays as one would make them by hand, from the training rows alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from batchscope.data.make import make

CLASSES, NUMBERS = "sparse_categorical_crossentropy", "mean_squared_error"
NAN = float("nan")

# The first five rows train: the last two have a larger number, another category, and gaps.
PENGUINS = """\
id,bill,island,year,species
1,10.0,Torgersen,2007,Gentoo
2,,Biscoe,2008,Adelie
3,30.0,Torgersen,2007,Gentoo
4,20.0,,2009,Adelie
5,99.5,Biscoe,2007,Chinstrap
6,1000.0,Dream,2008,Adelie
7,,,2009,Gentoo
"""


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def table(text=PENGUINS, file="penguins.csv", **keys):
    """`dataset` of a table, whose file is written."""
    with Path(file).open("w") as out:
        out.write(text)
    return study(file, **keys)


def study(file, standardize=False, train_size=5, **keys):
    settings = {"file": file, "target": "species", "missing": "impute"} | keys
    return {
        "table": settings,
        "train_size": train_size,
        "test_size": 0,
        "split": "first",
        "split_seed": 0,
        "standardize": standardize,
    }


def rows(arrays, axis="x"):
    return np.concatenate([arrays[f"{axis}_train"], arrays[f"{axis}_validation"]])


def test_columns_by_hand():
    """The median of 10, 30, 20 and 99.5 is 25; of the islands, Biscoe and Torgersen are twice each,
    of which the first is taken. Dream is none of the training's."""
    arrays, description = make(table(drop=["id"]), CLASSES)
    expected = [
        [10, 2007, 0, 1],
        [25, 2008, 1, 0],
        [30, 2007, 0, 1],
        [20, 2009, 1, 0],
        [99.5, 2007, 1, 0],
        [1000, 2008, 0, 0],
        [25, 2009, 1, 0],
    ]
    assert description["feature_names"] == ["bill", "year", "island=Biscoe", "island=Torgersen"]
    np.testing.assert_array_equal(rows(arrays), np.float32(expected))
    assert arrays["x_train"].dtype == np.float32
    assert description["class_names"] == ["Adelie", "Chinstrap", "Gentoo"]
    np.testing.assert_array_equal(rows(arrays, "y"), [2, 0, 2, 0, 1, 0, 2])
    assert description["target"] == "species" and description["missing"] == "impute"
    assert description["features"] == [4]


def test_numbers_are_standardized_by_the_training_rows_after_imputation():
    """Bills 10, 25, 30, 20, 99.5 have the mean 36.9; categories stay as they are."""
    arrays, _ = make(table(drop=["id", "year"], standardize=True), CLASSES)
    bills = np.array([10, 25, 30, 20, 99.5, 1000, 25])
    expected = (bills - 36.9) / np.sqrt(np.mean((bills[:5] - 36.9) ** 2))
    np.testing.assert_allclose(rows(arrays)[:, 0], expected, rtol=1e-6)
    assert set(np.unique(rows(arrays)[:, 1:])) == {0, 1}


def test_what_only_validates_decides_nothing():
    """Other values there change those rows and no other, in the same columns."""
    other = PENGUINS.replace("1000.0,Dream", "-5.0,Biscoe").replace("7,,,2009", "7,3.0,Dream,1")
    one, two = (
        make(table(text, drop=["id"], standardize=True), CLASSES) for text in (PENGUINS, other)
    )
    np.testing.assert_array_equal(one[0]["x_train"], two[0]["x_train"])
    assert not np.array_equal(one[0]["x_validation"], two[0]["x_validation"])
    assert one[1]["feature_names"] == two[1]["feature_names"]


def test_numbers_may_be_categories():
    arrays, description = make(table(features=["year"], categories=["year"]), CLASSES)
    assert description["feature_names"] == ["year=2007", "year=2008", "year=2009"]
    years = np.array([2007, 2008, 2007, 2009, 2007, 2008, 2009])
    expected = years[:, None] == np.array([2007, 2008, 2009])
    np.testing.assert_array_equal(rows(arrays), expected)


def test_numbers_to_predict():
    text = PENGUINS.replace("2,,", "2,7,").replace("7,,,", "7,8,,")
    arrays, description = make(table(text, target="bill", features=["year"]), NUMBERS)
    np.testing.assert_array_equal(rows(arrays, "y"), np.float32([10, 7, 30, 20, 99.5, 1000, 8]))
    assert description["target"] == "bill"


@pytest.mark.parametrize("target", ["species", "year"])
def test_parquet_holds_the_same_as_csv(target):
    from_csv = make(table(drop=["id"], target=target), CLASSES)
    frame = pd.read_csv("penguins.csv")
    frame["island"] = frame["island"].astype("category")
    frame.to_parquet("penguins.parquet")
    from_parquet = make(study("penguins.parquet", drop=["id"], target=target), CLASSES)
    assert from_csv[1]["sha256"] == from_parquet[1]["sha256"]
    assert from_csv[1]["feature_names"] == from_parquet[1]["feature_names"]


def test_types_of_parquet():
    """Whole numbers with gaps, truth values and an index with a name are columns as others."""
    frame = pd.DataFrame(
        {
            "count": pd.array([1, None, 3, 5], "Int64"),
            "flag": pd.array([True, False, None, True], "boolean"),
            "small": np.float32([0.1, 0.2, 0.3, 0.4]),
            "species": ["a", "b", "a", "b"],
        },
        index=pd.Index([4, 3, 2, 1], name="rank"),
    )
    frame.to_parquet("types.parquet")
    arrays, description = make(study("types.parquet", train_size=3), CLASSES)
    names = ["rank", "count", "small", "flag=False", "flag=True"]
    assert description["feature_names"] == names
    expected = [[4, 1, 0.1, 0, 1], [3, 2, 0.2, 1, 0], [2, 3, 0.3, 1, 0], [1, 5, 0.4, 0, 1]]
    np.testing.assert_array_equal(rows(arrays), np.float32(expected))


def test_numbers_are_read_to_the_last_digit():
    """As Python reads them, where the faster way of pandas may be off by one digit."""
    values = np.random.default_rng(3).normal(size=200) * 10.0 ** np.arange(-20, 20).repeat(5)
    lines = [f"{float(value)!r},{index % 2}" for index, value in enumerate(values)]
    data = table("\n".join(["value,species", *lines]), train_size=100)
    arrays, _ = make(data, CLASSES)
    np.testing.assert_array_equal(rows(arrays)[:, 0], values.astype(np.float32))


def test_a_file_of_a_spreadsheet_is_read():
    """A byte order mark, line ends of two characters, quotes, blank lines."""
    text = '\ufeffname,species\r\n"1",a\r\n\r\n2,b\r\n3,"a"\r\n\r\n'
    with Path("sheet.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(text)
    arrays, description = make(study("sheet.csv", train_size=2), CLASSES)
    np.testing.assert_array_equal(rows(arrays)[:, 0], [1, 2, 3])
    assert description["class_names"] == ["a", "b"]
