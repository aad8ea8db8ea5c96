"""Another attempt is made only where it could end otherwise."""

import pytest

from batchscope.training.retry import attempts


def fail(path, attempt, error, worth_retrying=(MemoryError,)):
    with attempts(path, attempt, worth_retrying):
        raise error


def test_an_error_that_would_come_again_is_not_tried_again(tmp_path):
    path = tmp_path / "failure.txt"
    with pytest.raises(ValueError, match="no such layer"):
        fail(path, 1, ValueError("no such layer"))
    with pytest.raises(SystemExit, match=r"not tried again.*ValueError: no such layer"):
        fail(path, 2, AssertionError("the block ran"))


def test_a_new_run_of_the_workflow_tries_again(tmp_path):
    path = tmp_path / "failure.txt"
    path.write_text("ValueError: no such layer")
    with attempts(path, 1, ()):
        pass
    assert not path.exists()


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), SystemExit(1)])
def test_lack_of_memory_and_interruptions_are_worth_another_attempt(tmp_path, error):
    path = tmp_path / "failure.txt"
    with pytest.raises(type(error)):
        fail(path, 1, error)
    with attempts(path, 2, ()):
        pass
