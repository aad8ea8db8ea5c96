"""A finished point, damaged on purpose: every damage is refused, by name, with the way out."""

import json
import shutil

import pandas as pd
import pytest
from saved import job, saved_point, write_facts

from batchscope.integrity import read_tables
from batchscope.job_facts import TOLD, read_job, with_digests
from batchscope.saved import points_of, read_named

LOSSES = [[0.9, 0.5, 0.25], [0.8, 0.4, 0.125]]
FILES = ("history.csv", "runs.csv", "job.json")


def write(folder, losses=LOSSES, size=4, edit=lambda history, runs: (history, runs)):
    """A finished point, whose tables were written as `edit` leaves them."""
    folder.mkdir(parents=True)
    for file, table in zip(FILES, edit(*saved_point(losses)), strict=False):
        table.to_csv(folder / file, index=False)
    facts = job(size, max(map(len, losses)))
    facts["point"]["recipe"] = "sgd"
    write_facts(folder, facts)
    return folder


@pytest.fixture
def point(tmp_path):
    write(tmp_path / "sgd/8", [[0.9, 0.6, 0.3, 0.2]] * 2, size=8)
    return write(tmp_path / "sgd/4")


def read(point):
    return points_of(*read_named(point.parents[1], ("sgd", int(point.name))))


def refused(point, file):
    with pytest.raises(ValueError, match="Train the point again") as error:
        read(point)
    assert str(error.value).startswith(f"{point / file}: expected ")
    assert str(error.value).endswith(f"--forcerun {point / 'history.csv'}")


def test_a_whole_point_is_read(point):
    [saved] = read(point)
    assert saved.curves("val_loss").tolist() == LOSSES


def edited(change):
    def damage(path):
        path.write_bytes(change(path.read_bytes()))

    return damage


DAMAGES = {
    "removed": lambda path: path.unlink(),
    "empty": edited(lambda content: b""),
    "header only": edited(lambda content: content.splitlines(keepends=True)[0]),
    "last line missing": edited(lambda content: b"".join(content.splitlines(keepends=True)[:-1])),
    "cut within a line": edited(lambda content: content[:-4]),
    "one digit": edited(lambda content: content.replace(b"0", b"1", 1)),
    "blocks of zeros, as after a power cut": edited(lambda content: content[:64] + bytes(512)),
    "no text": edited(lambda content: b"\xff\xfe" + content),
    "lines in another order": edited(lambda c: b"\n".join(c.splitlines()[::-1])),
    "of another batch size": lambda path: shutil.copy(path.parents[1] / "8" / path.name, path),
    "one more line": edited(lambda content: content + content.splitlines(keepends=True)[-1]),
    "other line ends": edited(lambda content: content.replace(b"\n", b"\r\n")),
}


@pytest.mark.parametrize("file", FILES[:2])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_table_is_the_one_of_its_training_or_refused(point, file, damage):
    DAMAGES[damage](point / file)
    refused(point, file)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"point": {}}', '{"point": 1, "sha256": {}}', '{"sha256": {}}'],
)
def test_facts_that_lack_something_are_refused(point, content):
    (point / "job.json").write_text(content)
    refused(point, "job.json")


@pytest.mark.parametrize("fact", dict.fromkeys([*job(4, 3), *TOLD]))
def test_a_fact_that_is_another_or_missing_is_refused(point, fact):
    written = json.loads((point / "job.json").read_text())
    missing = {key: value for key, value in written.items() if key != fact}
    for facts in (written | {fact: 3}, missing):
        (point / "job.json").write_text(json.dumps(facts))
        refused(point, "job.json")
    # One that was not written has the right digest.
    write_facts(point, dict.fromkeys(TOLD) | written)
    read(point)
    digests = {file: digest for file, digest in written["sha256"].items() if file in FILES[:2]}
    (point / "job.json").write_text(json.dumps(with_digests(missing, digests)))
    refused(point, "job.json")


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        *((fact, value) for fact in TOLD for value in ({"a": 1}, [1], True)),
        *(("parameters", value) for value in (-1, 1.5, 10**20)),
        *(("seconds_per_epoch", value) for value in (0, -1.0, "x", 10**400)),
        *(("peak_memory_mib", value) for value in (0, -5, "x")),
        ("device", 3),
        ("learning_rate", 0),
    ],
)
def test_a_fact_of_another_type_is_refused_with_the_right_digest(point, fact, value):
    written = json.loads((point / "job.json").read_text())
    del written["sha256"]
    write_facts(point, written | {fact: value})
    refused(point, "job.json")


def test_facts_that_are_no_text_are_refused(point):
    (point / "job.json").write_bytes(b"\xff\xfe")
    refused(point, "job.json")


def test_the_folder_of_another_point_is_refused(point):
    shutil.rmtree(point)
    shutil.copytree(point.with_name("8"), point)
    refused(point, "job.json")


WRITTEN_WRONG = {
    "history.csv": {
        "an epoch twice": lambda h, r: (h.assign(epoch=[1, 2, 2, 1, 2, 3]), r),
        "an epoch missing": lambda h, r: (h.drop(index=1), r),
        "from another epoch on": lambda h, r: (h.assign(epoch=h["epoch"] + 1), r),
        "one epoch more than the run has": lambda h, r: (h, r.assign(epochs=2)),
        "a replicate missing": lambda h, r: (h[h["replicate"] == 1], r),
        "an unknown replicate": lambda h, r: (h.assign(replicate=h["replicate"] + 1), r),
        "a share above 1": lambda h, r: (h.assign(val_accuracy=1.5), r),
        "a share below 0": lambda h, r: (h.assign(accuracy=-0.1), r),
        "text for numbers": lambda h, r: (h.assign(val_loss="low"), r),
        "a column missing": lambda h, r: (h.drop(columns="updates"), r),
        "a loss missing": lambda h, r: (h.assign(loss=[None, 1, 1, 1, 1, 1]), r),
        "more updates than its epochs have": lambda h, r: (h.assign(updates=7 * h["updates"]), r),
    },
    "runs.csv": {
        "a status that is none": lambda h, r: (h, r.assign(status="done")),
        "no status": lambda h, r: (h, r.assign(status=None)),
        "a replicate twice": lambda h, r: (h, r.assign(replicate=1)),
        "a column missing": lambda h, r: (h, r.drop(columns="train_seconds")),
        "no seconds at all": lambda h, r: (h, r.assign(train_seconds=0.0)),
        "seconds below 0": lambda h, r: (h, r.assign(wall_seconds=-1.0)),
        "seconds without an end": lambda h, r: (h, r.assign(cpu_seconds=float("inf"))),
        "seconds of many years": lambda h, r: (h, r.assign(train_seconds=1e300)),
        "a part of a seed": lambda h, r: (h, r.assign(seed=1.5)),
        "text for yes and no": lambda h, r: (h, r.assign(resumed="x")),
        "diverged runs with all numbers": lambda h, r: (h, r.assign(status="diverged")),
        "another learning rate": lambda h, r: (h, r.assign(learning_rate=0.9)),
        "fewer updates than its epochs have": lambda h, r: (h, r.assign(updates=1)),
        "replicates with a gap": lambda h, r: (
            h.assign(replicate=2 * h["replicate"]),
            r.assign(replicate=2 * r["replicate"]),
        ),
        "fewer epochs than the point has": lambda h, r: (
            h[h["epoch"] < 3],
            r.assign(epochs=2, updates=4),
        ),
        "more epochs than the point has": lambda h, r: (
            pd.concat([h, h[h["epoch"] == 3].assign(epoch=4, updates=8)]),
            r.assign(epochs=4, updates=8, status="diverged"),
        ),
    },
}


@pytest.mark.parametrize(
    ("file", "mistake"), [(file, name) for file, own in WRITTEN_WRONG.items() for name in own]
)
def test_a_file_that_was_written_wrong_has_the_right_digest_and_is_refused(tmp_path, file, mistake):
    point = write(tmp_path / "sgd/4", edit=WRITTEN_WRONG[file][mistake])
    refused(point, file)


def test_a_diverged_run_and_one_without_memory_are_no_damage(tmp_path):
    nan = float("nan")
    point = write(tmp_path / "sgd/4", [[0.9, nan], [0.8, 0.7, 0.6]])
    assert read(point)[0].completed.tolist() == [False, True]
    empty = write(
        tmp_path / "sgd/16",
        size=16,
        edit=lambda h, r: (h[:0], r.assign(status="out_of_memory", epochs=0, updates=0)),
    )
    assert read(empty)[0].out_of_memory


def test_no_whole_second_of_the_wall_clock_is_no_damage(tmp_path):
    """As an import has it, of a log without fractions."""
    point = write(tmp_path / "sgd/4", edit=lambda h, r: (h, r.assign(wall_seconds=0)))
    assert read(point)[0].completed.all()


def test_tables_are_read_with_what_their_facts_say(point):
    history, runs = read_tables(point, read_job(point / "job.json"))
    assert len(history) == 6 and len(runs) == 2
