"""Fixtures of the tests on a real SLURM cluster."""

import pytest
from slurm import Cluster


@pytest.fixture(scope="module")
def cluster():
    """A running cluster of two nodes with a GPU each."""
    with Cluster() as running:
        yield running
