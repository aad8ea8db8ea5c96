"""Finished points, damaged at random with digests that fit: read, or refused by file."""

import json
import random
import shutil

import pandas as pd
import pytest
from damages import damage_bytes
from saved import job, saved_point, write_facts

from batchscope.job_facts import with_digests
from batchscope.saved import points_of, read_named
from batchscope.sources import file_digest

TABLES = ("history.csv", "runs.csv")
FILES = (*TABLES, "job.json")

CELLS = ["", "nan", "inf", "-inf", "-1", "0", "1", "2", "1.5", "1e400", "9" * 30, "1_0", " 1", "x"]
CELLS += ["true", "é", '"', "1,2", "completed", "diverged", "out_of_memory", "val_loss", "0x1"]
FACTS = [None, True, -1, 0, 1.5, 10**400, float("nan"), "", "x", "4", [], [1], {}, {"a": 1}]


def write(folder, rates):
    """A finished point of two runs and three epochs, at one learning rate or at those of a grid."""
    folder.mkdir()
    history, runs = saved_point([[0.9, 0.5, 0.25], [0.8, 0.4, 0.125]])
    runs = pd.concat([runs.assign(learning_rate=rate) for rate in rates])
    if len(rates) > 1:
        history = pd.concat([history.assign(learning_rate=rate) for rate in rates])
    for file, table in zip(TABLES, (history, runs), strict=True):
        table.to_csv(folder / file, index=False)
    facts = job(4, 3)
    facts["point"]["recipe"] = "sgd"
    write_facts(folder, facts)


def damage_table(text, generator):
    """A table with another value in one place, two columns swapped, or a row twice."""
    rows = [line.split(",") for line in text.splitlines()]
    kind = generator.choice(["value", "value", "swap", "repeat"])
    if kind == "value":
        row = generator.choice(rows)
        row[generator.randrange(len(row))] = generator.choice(CELLS)
    elif kind == "swap":
        a, b = generator.sample(range(len(rows[0])), 2)
        for row in generator.choice([rows, rows[:1], rows[1:]]):
            row[a], row[b] = row[b], row[a]
    else:
        rows.insert(generator.randrange(len(rows)), generator.choice(rows))
    return "".join(",".join(row) + "\n" for row in rows)


def damage_facts(text, generator):
    """Facts of which one is another, or none."""
    facts = json.loads(text)
    level = generator.choice([facts, facts["point"]])
    key = generator.choice(list(level))
    level[key] = generator.choice(FACTS)
    if generator.random() < 0.2:
        del level[key]
    return json.dumps(facts)


def damage(folder, generator):
    """Damage one file of a point, and have job.json say the digests of what it is now."""
    file = folder / generator.choice(FILES)
    if generator.random() < 0.4:
        file.write_bytes(damage_bytes(file.read_bytes(), generator))
    else:
        change = damage_facts if file.suffix == ".json" else damage_table
        file.write_text(change(file.read_text(), generator))
    try:
        facts = json.loads((folder / "job.json").read_text())
        written = with_digests(facts, {name: file_digest(folder / name) for name in TABLES})
    except (ValueError, TypeError):
        # It says nothing any more.
        return
    (folder / "job.json").write_text(json.dumps(written))


def use(saved):
    """Take of a point what the analysis takes."""
    assert len(saved.completed) == len(saved.runs)
    assert saved.shown in saved.metrics
    assert saved.epochs is None or saved.epochs > 0
    assert saved.out_of_memory in (True, False)
    for metric in saved.metrics:
        for column in (metric.name, f"val_{metric.name}"):
            assert saved.curves(column).shape[0] == len(saved.runs)


@pytest.mark.parametrize(
    "count", [200, pytest.param(5_000, marks=pytest.mark.slow)], ids="{:,}".format
)
@pytest.mark.filterwarnings("error")
def test_a_damaged_point_is_read_or_refused_by_file(count, tmp_path):
    write(tmp_path / "number", [0.001])
    write(tmp_path / "grid", [0.001, 0.01])
    point = tmp_path / "train/sgd/4"
    read = 0
    for seed in range(count):
        # What a failure is shown with.
        print(seed, end=" ")
        generator = random.Random(seed)
        shutil.copytree(tmp_path / generator.choice(["number", "grid"]), point, dirs_exist_ok=True)
        damage(point, generator)
        try:
            saved = points_of(*read_named(tmp_path / "train", ("sgd", 4)))
        except ValueError as error:
            said = str(error)
            assert any(said.startswith(f"{point / file}: expected ") for file in FILES), said
            assert "Train the point again" in said, said
        else:
            read += 1
            for own in saved:
                use(own)
    assert 0.1 < read / count < 0.6
