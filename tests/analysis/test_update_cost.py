"""The line of seconds per update against batch size."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from batchscope.analysis.update_cost import fit_update_cost

SIZES = np.array([4.0, 16, 64, 256])


def test_a_line_is_found():
    line = fit_update_cost(SIZES, 3e-6 + 5e-8 * SIZES)
    assert (line.alpha, line.beta) == pytest.approx((3e-6, 5e-8))
    assert line.seconds(SIZES) == pytest.approx(3e-6 + 5e-8 * SIZES)


def test_it_has_the_least_squares_of_relative_errors():
    seconds = np.array([5.1, 5.9, 8.3, 19.0])
    found = least_squares(lambda p: (p[0] + p[1] * SIZES) / seconds - 1, [1, 1], xtol=1e-15)
    line = fit_update_cost(SIZES, seconds)
    assert (line.alpha, line.beta) == pytest.approx(tuple(found.x), rel=1e-6)


def test_each_row_has_its_own_line():
    rows = np.stack([3 + 5 * SIZES, 1 + 2 * SIZES])
    line = fit_update_cost(SIZES, rows)
    assert line.alpha == pytest.approx([3, 1]) and line.beta == pytest.approx([5, 2])
    assert line.seconds(SIZES) == pytest.approx(rows)


@pytest.mark.parametrize(
    "seconds", [[8, 7, 6, 5], [1, 16, 80, 400], [5, 5, np.nan, 5]], ids=["falls", "below 0", "NaN"]
)
def test_what_does_not_rise_from_above_0_is_no_line(seconds):
    line = fit_update_cost(SIZES, np.array(seconds, float))
    assert np.isnan(line.alpha) and np.isnan(line.beta)


def test_one_size_is_no_line():
    assert np.isnan(fit_update_cost(SIZES[:1], np.array([5.0])).alpha)
