"""Fixtures of the tests on a real SLURM cluster."""

import pytest
from slurm import Cluster, missing


@pytest.fixture(scope="session")
def slurm_installed():
    """Skip where SLURM is not installed."""
    if missing():
        pytest.skip(f"SLURM is not installed: no {', '.join(missing())}")


@pytest.fixture(scope="module")
def cluster(slurm_installed):
    """A running cluster of two nodes with a GPU each."""
    with Cluster() as running:
        yield running
