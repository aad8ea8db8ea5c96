"""What a wrong config is told: the key, what was expected, what was received, the likely fix."""

from pathlib import Path

import pytest
import yaml
from configs import ABSENT, problems, small

WRONG = yaml.safe_load(Path(__file__).with_name("wrong_configs.yaml").read_text())


@pytest.mark.parametrize(
    "case", WRONG, ids=lambda case: f"{case['path']}={case.get('value', 'absent')!r:.40}"
)
def test_wrong_value_is_named_with_its_fix(case):
    config = small({case["path"]: case.get("value", ABSENT)})
    assert problems(config) == case["message"].splitlines()


def test_empty_config_is_told_what_it_needs():
    assert problems({}) == [
        "the top level: expected the keys batch_sizes, recipes. Received: no key. Add batch_sizes, "
        "recipes.",
        "the top level: expected the keys dataset, model. Received: no key. Add dataset, model.",
    ]


def test_all_problems_are_listed_at_once():
    config = small(
        {
            "epoch": 10,
            "replicates": 0,
            "recipes[0].optimizer": "adam",
            "model.layers[0].Dense.units": 2.5,
            "overrides": {4: {"epochs": 0}},
        }
    )
    assert [line.split(": ")[0] for line in problems(config)] == [
        "the top level",
        "replicates",
        "model.layers[0].Dense.units",
        "overrides.4.epochs",
        "recipes[0].optimizer",
    ]
