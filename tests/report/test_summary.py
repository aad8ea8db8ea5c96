"""summary.md of made-up studies, as a person has read and approved it."""

import os
import re

import jsonschema
import pytest
from answers import APPROVED, HOW_TO_APPROVE, SCHEMA, STUDIES, read_answer

from batchscope.report.summary import summary_markdown


@pytest.mark.parametrize("study", STUDIES)
def test_the_text_is_the_approved_one(study):
    answer, approved = read_answer(study), APPROVED / f"{study}.md"
    jsonschema.validate(answer, SCHEMA)
    text = summary_markdown(answer)
    if os.environ.get("APPROVE"):
        approved.write_text(text)
    assert text == approved.read_text(), HOW_TO_APPROVE


@pytest.mark.parametrize("study", STUDIES)
def test_no_template_and_no_missing_value_is_left(study):
    text = summary_markdown(read_answer(study))
    assert not re.search(r"[{}]|\b(None|nan|inf|null)\b|  - ", text)


@pytest.mark.parametrize("study", STUDIES)
def test_every_figure_is_shown(study):
    answer = read_answer(study)
    shown = re.findall(r"!\[.+\]\(\.\./(.+)\.png\)", summary_markdown(answer))
    names = list(answer["recipes"])
    if len(names) > 1:
        assert shown.pop(0) == "comparison/recipes"
    maps = [f"rate_map/{name}" for name, own in answer["recipes"].items() if own["rate_map"]]
    assert [figure for figure in shown if figure.startswith("rate_map")] == maps
    shown = [figure for figure in shown if figure not in maps]
    assert shown[::2] == [f"law/{name}" for name in names]
    assert shown[1::2] == [f"learning_curves/{name}" for name in names]
