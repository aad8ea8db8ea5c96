"""Free memory, as Linux tells it."""

import pytest

from batchscope.data.memory import available


@pytest.fixture
def root(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    5000 kB\n")
    return tmp_path


def group(root, limit, used=0):
    folder = root / "sys/fs/cgroup/slurm/job_7"
    folder.mkdir(parents=True)
    (root / "proc/self/cgroup").write_text("0::/slurm/job_7\n")
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")


def test_what_the_machine_has(root):
    assert available(root) == 5000 * 1024


def test_a_job_has_what_its_group_may_take(root):
    group(root, 3_000_000, 1_000_000)
    assert available(root) == 2_000_000


@pytest.mark.parametrize("limit", ["max", 10**12])
def test_a_group_without_a_limit_that_counts(root, limit):
    group(root, limit)
    assert available(root) == 5000 * 1024


def test_where_nothing_is_told_nothing_is_known(tmp_path):
    assert available(tmp_path) is None


def test_this_machine_has_some():
    free = available()
    assert free is None or free > 2**20
