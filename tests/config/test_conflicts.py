"""Keys that do not fit each other; wrong_configs.yaml has a case of each."""

import pytest
from configs import problems, small

from batchscope.config.study import load_study


@pytest.mark.parametrize(
    ("warmup", "epochs", "overrides", "shortest"),
    [
        (9, 10, {}, None),
        (10, 10, {}, 10),
        (5, 10, {8: {"epochs": 6}}, None),
        (6, 10, {8: {"epochs": 6}}, 6),
        (6, 10, {4: {"epochs": 20}, 8: {"epochs": 6}}, 6),
        (10, 10, {8: {"epochs": 20}}, 10),
        (9, 10, {8: {"learning_rate": 0.1}}, None),
    ],
)
def test_warmup_leaves_epochs_at_the_full_learning_rate(warmup, epochs, overrides, shortest):
    config = small(
        {
            "epochs": epochs,
            "overrides": overrides,
            # Epochs that min_updates adds are not counted on.
            "min_updates": 1000,
            "recipes[0].warmup_epochs": warmup,
        }
    )
    if shortest is None:
        assert load_study(config)["recipes"][0]["warmup_epochs"] == warmup
    else:
        assert problems(config) == [
            f"recipes[0].warmup_epochs: expected less than epochs ({shortest}), so that some are "
            f"trained at the full learning rate. Received: {warmup}. Lower it or raise epochs."
        ]


def test_conflicts_are_listed_at_once():
    config = small(
        {
            "overrides": {16: {"epochs": 1}},
            "dataset.train_size": 20,
            "model.layers[1].Dense": {"units": 2},
            "recipes[0].warmup_epochs": 7,
        }
    )
    assert [line.split(": ")[0] for line in problems(config)] == [
        "overrides.16",
        "recipes[0].warmup_epochs",
        "dataset.train_size",
        "model.layers[1].Dense.units",
        "model.layers[1].Dense.activation",
    ]
