"""advice.md of a made-up study on two devices, as a person has read and approved it."""

import copy
import functools
import os
import re

import pytest
from answers import APPROVED, HOW_TO_APPROVE
from devices import elsewhere, study, told

from batchscope.report.advice import advice_markdown


@functools.cache
def _advice():
    made = study()
    other = elsewhere(made, line=(3.2e-4, 1e-7))
    largest = {"adam": {"size": 128, "limit": "memory", "refused": 200}}
    return told((made.measurements, 0.1, True, {}), (other, 2.5, False, largest))


def advice(**changes):
    """The advice, with changes of what is told of the other device."""
    found = copy.deepcopy(_advice())
    found["recipes"]["adam"]["devices"][1] |= changes
    return found


def test_the_text_is_the_approved_one():
    text, approved = advice_markdown(advice()), APPROVED / "advice.md"
    if os.environ.get("APPROVE"):
        approved.write_text(text)
    assert text == approved.read_text(), HOW_TO_APPROVE


def test_every_reason_to_tell_no_best_size_has_its_own_words():
    nothing = dict.fromkeys(("optimum", "optimum_seconds"))
    texts = {
        status: advice_markdown(advice(status=status, **nothing))
        for status in ("too_few_sizes", "no_line", "no_law")
    }
    assert len(set(texts.values())) == 3
    for text in texts.values():
        assert "**Best batch size by law and line:** not told. " in text


@pytest.mark.parametrize(
    ("limit", "size", "refused", "words"),
    [
        ("samples", 200, None, "Batch size 200, all training samples, fits into memory."),
        ("memory", 64, 128, "The largest batch size that fits into memory is between 64 and 128."),
        ("estimate", 64, 128, "By estimate 128 does not; it was not tried."),
        ("nothing", None, 1, "Not even batch size 1 fits into memory."),
    ],
)
def test_the_largest_size_is_told(limit, size, refused, words):
    largest = {"size": size, "limit": limit, "refused": refused}
    assert words in advice_markdown(advice(largest=largest))


def test_a_best_size_beyond_those_trained_is_no_number():
    outside = {"value": None, "low": 20.0, "high": None, "later_than": None, "below": []}
    outside["above"] = ["value", "high"]
    text = advice_markdown(advice(optimum=outside, optimum_seconds=None))
    assert "sqrt(alpha B_crit / beta) is above 64 (20.0 to above 64). This is a prediction" in text


def test_without_a_target_nothing_is_advised():
    found = advice()
    found["recipes"]["adam"]["target"]["value"] = None
    text = advice_markdown(found)
    assert "No target could be set" in text and "###" not in text


def test_no_template_and_no_missing_value_is_left():
    assert not re.search(r"[{}]|\b(None|nan|inf|null)\b|  - ", advice_markdown(advice()))
