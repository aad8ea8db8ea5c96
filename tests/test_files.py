"""Files are whole or not there."""

import errno
import hashlib
import json
import os

import pytest

from batchscope import files


def test_a_file_takes_its_place_at_the_end(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("the last one")
    with files.written_aside(path) as file:
        file.write("the next one")
        file.flush()
        assert path.read_text() == "the last one"
    assert path.read_text() == "the next one"
    assert list(tmp_path.iterdir()) == [path]


def test_an_exception_leaves_the_last_file_and_nothing_of_the_next(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("the last one")
    with pytest.raises(KeyboardInterrupt), files.written_aside(path) as file:
        file.write("half")
        raise KeyboardInterrupt
    assert path.read_text() == "the last one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_written_over(tmp_path):
    path = tmp_path / "history.csv"
    (tmp_path / "history.csv.new").write_text("half of a longer file")
    files.write_csv(path, ["a", "b"], [(1, 1 / 3), (None, "x,y")])
    assert path.read_text() == 'a,b\n1,0.3333333333333333\n,"x,y"\n'
    assert list(tmp_path.iterdir()) == [path]


def test_a_refused_write_names_its_file(tmp_path):
    path = tmp_path / "history.csv"
    with pytest.raises(OSError, match=r"No space left.*history\.csv'$"), files.written_aside(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_json_survives_the_round_trip(tmp_path):
    facts = {"rate": 1 / 3, "edge": None, "name": "größer"}
    files.write_json(tmp_path / "job.json", facts)
    assert json.loads((tmp_path / "job.json").read_text()) == facts


def test_removed_files_leave_nothing(tmp_path):
    for name in ("checkpoint.npz", "checkpoint.npz.new"):
        (tmp_path / name).touch()
    for _ in range(2):
        files.remove(tmp_path / "checkpoint.npz")
        assert list(tmp_path.iterdir()) == []


WRITTEN = "replicate,loss\n1,0.25\n2,0.5\n"
DAMAGES = {
    "empty": "",
    "a line less": "replicate,loss\n1,0.25\n",
    "cut within a line": WRITTEN[:-3],
    "another digit": WRITTEN.replace("25", "26"),
    "zeros, as after a power cut": WRITTEN[:-9] + "\0" * 9,
    "other columns": WRITTEN.replace("loss", "los"),
    "no number": WRITTEN.replace("0.25", "NaN"),
    "line ends of Windows": WRITTEN.replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + WRITTEN,
    "exchanged replicates": "replicate,loss\n2,0.25\n1,0.5\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_sealed_file_is_the_one_that_was_written_or_refused(tmp_path, damage):
    path = tmp_path / "epochs.csv"
    files.write_text(path, WRITTEN)
    files.seal(path)
    assert files.read_sealed(path) == WRITTEN
    path.write_bytes(DAMAGES[damage].encode())
    with pytest.raises(ValueError, match="expected the file that its job has written") as error:
        files.read_sealed(path)
    assert str(error.value).endswith(f"--forcerun {path}")


def test_a_file_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "way.json"
    path.write_text("{")
    files.seal(path)
    with pytest.raises(ValueError, match=r"way\.json: expected a JSON file.*") as error:
        files.read_json(path)
    assert str(error.value).endswith(f"--forcerun {path}")


@pytest.mark.parametrize("seal", [None, b"", b"\xff\xfe", b"0" * 64])
def test_a_seal_that_is_missing_or_no_digest_is_refused(tmp_path, seal):
    path, beside = tmp_path / "way.json", tmp_path / "way.json.sha256"
    path.write_text("{}")
    if seal is not None:
        beside.write_bytes(seal)
    expected = "its digest in" if seal is None else "the file that its job has written, of the"
    with pytest.raises(ValueError, match=f"{path.name}: expected {expected}") as error:
        files.read_json(path)
    assert str(error.value).endswith(f"--forcerun {path}")
    # A file that was copied here may have come without its seal.
    if seal is None:
        files.check_seal(path, needed=False)


def test_a_seal_is_what_sha256sum_writes(tmp_path):
    path = tmp_path / "epochs.csv"
    files.write_text(path, WRITTEN)
    files.seal(path)
    digest = hashlib.sha256(WRITTEN.encode()).hexdigest()
    assert (tmp_path / "epochs.csv.sha256").read_text() == f"{digest}  epochs.csv\n"
