"""How numbers, intervals and lists are written."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from batchscope.report.wording import (
    count,
    enumerate_some,
    enumerate_words,
    interval,
    number,
    of_draws,
    percent,
    setting,
    sizes_text,
    target_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0551, "0.0551"),
        (0.99996, "1.00"),
        (0.9994, "0.999"),
        (0.0999996, "0.100"),
        (9.996, "10.0"),
        (99.96, "100"),
        (99.94, "99.9"),
        (123.4, "123"),
        (999.6, "1,000"),
        (12345.6, "12,346"),
        (-0.99996, "-1.00"),
        (-99.96, "-100"),
        (0, "0"),
        (-0.0, "0"),
        (0.000012, "0.0000120"),
        (1e22, "10,000,000,000,000,000,000,000"),
        (None, "–"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def rounded(value, digits):
    """A number by exact decimal arithmetic."""
    with localcontext(prec=digits):
        leading = +Decimal(value)
    with localcontext(prec=2000):
        places = max(0, digits - 1 - leading.adjusted())
        return f"{Decimal(value).quantize(Decimal(1).scaleb(-places)):,f}"


@pytest.mark.parametrize("digits", [1, 2, 3, 4])
def test_numbers_are_those_of_decimal_arithmetic(digits):
    random = np.random.default_rng(0)
    values = random.choice([-1, 1], 4000) * 10 ** random.uniform(-12, 12, 4000)
    # What rounding lifts to the next power of ten, or nearly so.
    edges = [10.0**e * (1 - f * 10.0**-digits) for e in range(-9, 10) for f in (0.4, 0.5, 0.6)]
    extremes = [5e-324, 1e-300, 1e300, 1.7976931348623157e308, 0.5, 1.5, 2.5, 0.25]
    for value in [*values.tolist(), *edges, *extremes]:
        assert number(value, digits) == rounded(value, digits)


def test_counts_and_settings():
    assert [count(value) for value in (27.0, 27.5, 2437.5, 12500)] == [
        "27",
        "27.5",
        "2,437.5",
        "12,500",
    ]
    rates = (0.001, 0.1, 10.0, 100, 0.00035355339, 0.0125)
    assert [setting(rate) for rate in rates] == ["0.001", "0.1", "10", "100", "0.000354", "0.0125"]


def item(value=None, low=None, high=None, above=(), below=(), later_than=None):
    """An interval of recommendation.json."""
    return {
        "value": value,
        "low": low,
        "high": high,
        "above": list(above),
        "below": list(below),
        "later_than": later_than,
    }


ALL = ["low", "value", "high"]


@pytest.mark.parametrize(
    ("interval_item", "text"),
    [
        (item(27.0, 25.0, 30.0), "27 (25–30)"),
        (item(27.0), "27"),
        (item(), "–"),
        (None, "–"),
        (item(above=ALL, later_than=98.0), "> 98"),
        (item(80.0, 70.0, above=["high"], later_than=98.0), "80 (70 to > 98)"),
        (item(low=78.0, above=["value", "high"], later_than=81.0), "> 81 (78 to > 81)"),
        # All runs diverged: never, rather than late.
        (item(above=ALL), "–"),
        # Nothing says how far it may go.
        (item(2.0, 1.0, above=["high"]), "2 (1 or more)"),
        (item(2.0, high=3.0, below=["low"]), "2 (3 or less)"),
        (item(2.0, above=["high"], below=["low"]), "2 (no limits)"),
        (item(2.0, -1.0, 3.0), "2 (-1 to 3)"),
    ],
)
def test_intervals(interval_item, text):
    assert interval(interval_item, count) == text


@pytest.mark.parametrize(
    ("interval_item", "text"),
    [
        (item(6.5, 6.0, 7.0), "6.5 (6–7)"),
        (item(below=ALL), "below 4"),
        (item(above=ALL), "above 512"),
        (item(5.0, high=6.0, below=["low"]), "5 (below 4 to 6)"),
        (item(300.0, 200.0, above=["high"]), "300 (200 to above 512)"),
        (item(low=200.0, above=["value", "high"]), "above 512 (200 to above 512)"),
        (item(high=9.0, below=["low", "value"]), "below 4 (below 4 to 9)"),
        (item(9.0, above=["high"], below=["low"]), "9 (below 4 to above 512)"),
    ],
)
def test_intervals_that_leave_what_was_seen(interval_item, text):
    assert interval(interval_item, count, seen=(4, 512)) == text


def test_shares():
    shares = (0, 0.001, 0.25, 0.996, 1)
    assert [percent(share) for share in shares] == ["0%", "under 1%", "25%", "over 99%", "100%"]
    assert [percent(share) for share in (-0.06, 1.5)] == ["-6%", "150%"]
    assert of_draws(1.0) == "all of the draws" and of_draws(0.9995) == "over 99% of the draws"


def test_lists():
    assert [enumerate_words(words) for words in (["4"], ["4", "8"], ["4", "8", "16"])] == [
        "4",
        "4 and 8",
        "4, 8 and 16",
    ]
    most = [str(size) for size in range(1, 22)]
    assert enumerate_some(most) == enumerate_words(most)
    assert enumerate_some([*most, "22"]) == f"{', '.join(most[:20])} and 2 more"
    assert sizes_text(range(1, 3001)).endswith("19, 20 and 2,980 more")
    assert sizes_text([4]) == "batch size 4" and sizes_text([4, 8]) == "batch sizes 4 and 8"


def test_a_target_names_its_better_side():
    loss = {"metric": "val_loss", "value": 0.4428275}
    assert target_text(loss) == "a validation loss of at most 0.4428"
    accuracy = {"metric": "val_accuracy", "value": 0.85}
    assert target_text(accuracy) == "a validation accuracy of at least 0.8500"
