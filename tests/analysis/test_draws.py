"""Draws are those that an array of all of them would hold, and never all of them at once."""

import numpy as np
import pytest

from batchscope.analysis.bootstrap import Bootstrap
from batchscope.analysis.draws import BLOCK, Draws

POINTS, REPLICATES = 2 * BLOCK + 3, 6


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(10, 1, (POINTS, REPLICATES))


@pytest.fixture
def asked():
    """How many points were worked out, at each time."""
    return []


@pytest.fixture
def drawn(values, asked):
    boot = Bootstrap(REPLICATES, draws=50)

    def of_block(points):
        asked.append(points.stop - points.start)
        return boot.medians(values[points])[1]

    return Draws.by_block(POINTS, of_block)


def test_rows_and_arithmetic_are_those_of_the_array(values, drawn):
    whole = Bootstrap(REPLICATES, draws=50).medians(values)[1]
    np.testing.assert_array_equal(drawn, whole)
    np.testing.assert_array_equal(drawn[[0, POINTS - 1, 5]], whole[[0, POINTS - 1, 5]])
    factor = np.arange(1, POINTS + 1)[:, None]
    derived = 2 * drawn * factor / (drawn + 1)
    np.testing.assert_array_equal(derived, 2 * whole * factor / (whole + 1))
    np.testing.assert_array_equal(derived[-1], np.asarray(derived)[POINTS - 1])


def test_no_more_than_a_block_is_worked_out_at_once(drawn, asked):
    derived = drawn / drawn
    for row in range(POINTS):
        assert (derived[row] == 1).all()
    # Each block once, although every row was asked for twice.
    assert asked == [BLOCK, BLOCK, 3]


def test_limits_are_those_of_the_array(values, drawn):
    boot = Bootstrap(REPLICATES, draws=50)
    whole = boot.medians(values)[1]
    np.testing.assert_array_equal(boot.limits(drawn), boot.limits(whole))
    unknown = np.where(np.arange(50) < 2, np.nan, whole)
    lazily = Draws(POINTS, lambda rows: unknown[rows])
    for anything in (False, True):
        np.testing.assert_array_equal(boot.limits(lazily, anything), boot.limits(unknown, anything))


def test_there_is_no_row_beyond_the_last(drawn):
    with pytest.raises(IndexError):
        drawn[POINTS]
    assert len(list(drawn)) == POINTS
