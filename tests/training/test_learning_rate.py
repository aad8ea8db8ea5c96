"""Learning rates of a warm-up, by hand."""

import pytest

from batchscope.training.learning_rate import schedule


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
