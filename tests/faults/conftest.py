"""What the tests of faults share."""

import pytest


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """A finished study, to be broken. Each test leaves it as it was."""
    from broken_study import Study

    study = Study(tmp_path_factory.mktemp("study"))
    yield study
    study.end()
