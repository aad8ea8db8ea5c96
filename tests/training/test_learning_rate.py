"""Learning rates of a warm-up, and the choice among those that were tried: by hand."""

import math

import pytest

from batchscope.training.learning_rate import choose, edge, schedule


def test_schedule_by_hand():
    assert schedule(0.8, 3, 1, 6) == [0.2, 0.4, pytest.approx(0.6), 0.8, 0.8, 0.8]
    assert schedule(0.5, 1, 1, 3) == [0.25, 0.5, 0.5]


def test_without_warmup_the_learning_rate_is_constant():
    assert schedule(0.3, 0, 1, 4) == [0.3] * 4
    assert schedule(0.3, 0, 57, 57) == [0.3]


@pytest.mark.parametrize("cut", range(1, 10))
def test_a_schedule_in_pieces_is_the_whole(cut):
    whole = schedule(0.1, 4, 1, 10)
    assert schedule(0.1, 4, 1, cut) + schedule(0.1, 4, cut + 1, 10) == whole
    assert len(set(whole)) == 5


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        # The median decides: not the best trial, not the mean.
        ({0.01: [0.1, 0.5, 0.6], 0.1: [0.4, 0.4, 9.0]}, 0.1),
        ({0.01: [0.1, 0.9, 0.2], 0.1: [0.5, 0.5, 0.5]}, 0.01),
        # Of an even number it is the mean of the two in the middle, not the one or the other.
        ({0.01: [0.1, 0.2, 0.6, 0.9], 0.1: [0.1, 0.3, 0.4, 0.9]}, 0.1),
        ({0.01: [0.2, 0.4], 0.1: [0.3, 0.32]}, 0.01),
        ({0.01: [0.5], 0.1: [0.4], 1: [0.6]}, 0.1),
        # A diverged trial is the worst; half of them take the median along.
        ({0.01: [0.5, 0.5, 0.5], 0.1: [0.1, 0.1, math.inf]}, 0.1),
        ({0.01: [0.5, 0.5, 0.5], 0.1: [0.1, math.inf, math.inf]}, 0.01),
        ({0.01: [0.5, 0.5], 0.1: [0.1, math.inf]}, 0.01),
        ({0.1: [math.inf] * 2, 0.01: [math.inf] * 2, 1: [math.inf] * 2}, 0.01),
        # Of equal ones the smallest, in whichever order they come.
        ({0.1: [0.3, 0.2], 0.01: [0.25, 0.25], 0.001: [0.4, 0.4]}, 0.01),
        ({0.01: [0.25, 0.25], 0.1: [0.25, 0.25]}, 0.01),
    ],
)
def test_choose(losses, expected):
    before = {rate: list(values) for rate, values in losses.items()}
    assert choose(losses) == expected
    assert losses == before


def test_edge():
    grid = [0.01, 0.001, 0.1]
    assert edge(0.001, grid) == "lowest"
    assert edge(0.01, grid) is None
    assert edge(0.1, grid) == "highest"
    # As the trials are kept: by learning rate.
    assert edge(0.1, {0.1: [0.3], 0.01: [0.4]}) == "highest"
