"""What decides a point: which change reaches it, and what the config comes to there."""

import pytest
import yaml
from configs import FULL, RATE, SMALL, change, small

from batchscope.config.recipe import REFERENCE_BATCH_SIZE, settle
from batchscope.config.study import load_study, resolve_point


def points(config):
    """Each point of a config, by recipe and batch size, as Snakemake records it: text."""
    study = load_study(config)
    return {
        (recipe["name"], size): repr(resolve_point(study, recipe["name"], size))
        for recipe in study["recipes"]
        for size in study["batch_sizes"]
    }


def differing(config, other):
    """The points whose result two configs do not share."""
    first, second = points(config), points(other)
    return {point for point in first | second if first.get(point) != second.get(point)}


def two_recipes():
    return small(
        {
            "recipes": [
                {"name": "adam", "optimizer": "Adam", "learning_rate": 0.001},
                {"name": "sgd", "optimizer": "SGD", "learning_rate": 0.01},
            ]
        }
    )


EVERY = {(recipe, size) for recipe in ("adam", "sgd") for size in (4, 8)}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("seed", 2, EVERY),
        ("replicates", 5, EVERY),
        ("epochs", 10, EVERY),
        # Of 10 samples, 3 updates are an epoch with batch size 4, and 2 with batch size 8.
        ("min_updates", 200, set()),
        ("min_updates", 300, {("adam", 8), ("sgd", 8)}),
        ("min_updates", 301, EVERY),
        ("model.layers[0].Dense.units", 6, EVERY),
        (RATE, 0.002, {("adam", 4), ("adam", 8)}),
        (RATE, {"rule": "linear", "value": 0.001, "reference_batch_size": 8}, {("adam", 4)}),
        (RATE, {"grid": [0.001, 0.002]}, {("adam", 4), ("adam", 8)}),
        (RATE, {"rule": "half_life", "value": 0.001}, {("adam", 4), ("adam", 8)}),
        ("recipes[0].keep_timescale", False, set()),
        ("recipes[0].warmup_epochs", 3, {("adam", 4), ("adam", 8)}),
        ("recipes[0].arguments", {"beta_1": 0.8}, {("adam", 4), ("adam", 8)}),
        ("overrides", {8: {"epochs": 400}}, {("adam", 8), ("sgd", 8)}),
        ("overrides", {8: {"learning_rate": 0.1}}, {("adam", 8), ("sgd", 8)}),
        ("batch_sizes", [4, 8, 16], {("adam", 16), ("sgd", 16)}),
        ("batch_sizes", [8], {("adam", 4), ("sgd", 4)}),
        ("convergence", {"target": {"hold": 9}, "stable": {"band": 0.5}}, set()),
        ("convergence", {"choose_rate_by": "loss"}, set()),
        ("pathvars", {"results": "elsewhere"}, set()),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_change_reaches_only_the_points_it_decides(path, value, expected):
    config = two_recipes()
    change(config, path, value)
    assert differing(two_recipes(), config) == expected


def test_three_lines_add_a_recipe():
    text = SMALL + "  - name: sgd\n    optimizer: SGD\n    learning_rate: 0.01\n"
    config = yaml.safe_load(text)
    assert differing(small(), config) == {("sgd", 4), ("sgd", 8)}
    point = resolve_point(load_study(config), "sgd", 4)
    assert (point["optimizer"], point["learning_rate"]) == ("SGD", 0.01)
    assert point["arguments"] == {}


@pytest.mark.parametrize(
    ("short", "written_out"),
    [
        (
            {RATE: {"rule": "sqrt", "value": 0.01}},
            {RATE: {"reference_batch_size": 32, "value": 0.01, "rule": "sqrt"}},
        ),
        ({}, {"recipes[0].warmup_epochs": 0}),
        ({}, {"min_updates": 0}),
        ({}, {"recipes[0].keep_timescale": False}),
    ],
    ids=["rule", "warmup_epochs", "min_updates", "keep_timescale"],
)
def test_a_default_written_out_changes_no_point(short, written_out):
    assert points(small(short)) == points(small(written_out))


def test_order_of_keys_and_written_out_defaults_change_no_point():
    def backwards(value):
        if isinstance(value, dict):
            return {key: backwards(item) for key, item in reversed(value.items())}
        return [backwards(item) for item in value] if isinstance(value, list) else value

    completed = load_study(FULL)
    assert points(backwards(completed)) == points(FULL) == points(completed)
    dataset = load_study(backwards(completed))["dataset"]
    assert repr(dataset) == repr(completed["dataset"]) == repr(load_study(FULL)["dataset"])


def test_point_holds_the_resolved_values():
    study = load_study(
        small(
            {
                "seed": 0,
                "replicates": 3,
                "overrides": {8: {"epochs": 400, "learning_rate": 0.5}},
                "recipes[0].arguments": {"global_clipnorm": 1},
                "recipes[0].warmup_epochs": 4,
            }
        )
    )
    assert resolve_point(study, "adam", 8) == {
        "recipe": "adam",
        "batch_size": 8,
        "epochs": 400,
        "warmup_epochs": 4,
        "replicates": 3,
        "seed": 0,
        "optimizer": "Adam",
        "arguments": {"global_clipnorm": 1},
        "clamped": [],
        "learning_rate": 0.5,
        "model": study["model"],
    }
    assert resolve_point(study, "adam", 4)["epochs"] == 100
    assert resolve_point(study, "adam", 4)["learning_rate"] == 0.001


def resolved(batch_size, changes):
    """The point of a study of 500 training samples, beside the given size with 4 and 128."""
    sizes = sorted({4, 128, batch_size})
    split = {"dataset.arguments.n_samples": 1000, "dataset.train_size": 500}
    study = load_study(small({"batch_sizes": sizes} | split | changes))
    return resolve_point(study, "adam", batch_size)


@pytest.mark.parametrize(
    ("batch_size", "min_updates", "expected"),
    [
        (4, 2000, 100),  # 125 updates per epoch
        (32, 2000, 125),  # 16, the last of 20 samples
        (32, 2001, 126),
        (128, 2000, 500),  # 4
        (300, 2000, 1000),  # 2
        (499, 2000, 1000),
        (500, 2000, 2000),  # full batch
        (512, 2000, 2000),
        (512, 100, 100),
        (512, 101, 101),
        (512, 0, 100),
    ],
)
def test_epochs_are_added_for_updates(batch_size, min_updates, expected):
    assert resolved(batch_size, {"min_updates": min_updates})["epochs"] == expected


@pytest.mark.parametrize(
    ("epochs", "min_updates", "expected"),
    [(10, 40, 10), (10, 41, 11), (10, 0, 10), (400, 1600, 400), (400, 1601, 401)],
)
def test_epochs_are_added_to_those_of_an_override(epochs, min_updates, expected):
    """Batch size 128 makes 4 updates in an epoch."""
    changes = {"overrides": {128: {"epochs": epochs}}, "min_updates": min_updates}
    assert resolved(128, changes)["epochs"] == expected
    assert resolved(4, changes)["epochs"] == 100


@pytest.mark.parametrize(
    ("rule", "batch_size", "reference", "expected"),
    [
        ("linear", 4, 32, 0.00125),
        ("linear", 32, 32, 0.01),
        ("linear", 128, 32, 0.04),
        # No batch is larger than the 500 training samples: 500 / 32 is 15.625.
        ("linear", 500, 32, 0.15625),
        ("linear", 512, 32, 0.15625),
        ("sqrt", 8, 32, 0.005),
        ("sqrt", 32, 32, 0.01),
        ("sqrt", 128, 32, 0.02),
        ("sqrt", 512, 32, 0.0395284707521),
        # Nor is that of the reference.
        ("linear", 125, 1000, 0.0025),
        ("sqrt", 125, 1000, 0.005),
        ("linear", 512, 1000, 0.01),
        ("sqrt", 512, 1000, 0.01),
    ],
)
def test_learning_rate_follows_the_batch_size(rule, batch_size, reference, expected):
    rate = {"rule": rule, "value": 0.01, "reference_batch_size": reference}
    point = resolved(batch_size, {RATE: rate, "recipes[0].optimizer": "SGD"})
    assert point["learning_rate"] == pytest.approx(expected, rel=1e-12)
    assert (point["arguments"], point["clamped"]) == ({}, [])


def test_square_root_rule_scales_the_arguments_of_adam():
    """From 32 to 128 by hand: 1 - 4 · 0.2, 1 - 4 · 0.001, 1e-7 / 2."""
    given = {RATE: {"rule": "sqrt", "value": 0.01}, "recipes[0].arguments": {"beta_1": 0.8}}
    expected = {"beta_1": 0.2, "beta_2": 0.996, "epsilon": 5e-8}
    point = resolved(128, given)
    assert point["arguments"] == pytest.approx(expected, rel=1e-12)
    assert point["clamped"] == []
    # 500 / 32 times 0.2 exceeds 1.
    full_batch = resolved(512, given)
    assert full_batch["arguments"]["beta_1"] == 0
    assert full_batch["arguments"]["beta_2"] == pytest.approx(0.984375, rel=1e-12)
    assert full_batch["clamped"] == ["beta_1"]


def test_linear_rule_leaves_the_arguments_of_adam():
    given = {RATE: {"rule": "linear", "value": 0.01}, "recipes[0].arguments": {"beta_1": 0.8}}
    point = resolved(512, given)
    assert (point["arguments"], point["clamped"]) == ({"beta_1": 0.8}, [])


def test_scaled_arguments_of_one_point_are_not_those_of_the_next():
    study = load_study(small({RATE: {"rule": "sqrt", "value": 0.01, "reference_batch_size": 4}}))
    first = resolve_point(study, "adam", 8)
    assert resolve_point(study, "adam", 4)["arguments"]["beta_1"] == pytest.approx(0.9)
    assert resolve_point(study, "adam", 8) == first
    assert study["recipes"][0]["arguments"] == {}


def test_the_grid_is_part_of_the_point_in_rising_order():
    point = resolved(4, {RATE: {"grid": [0.01, 0.1, 0.001]}})
    assert point["learning_rate"] == {"grid": [0.001, 0.01, 0.1]}
    assert (point["arguments"], point["clamped"]) == ({}, [])


def test_order_of_the_grid_changes_no_point():
    one, other = ({"grid": grid} for grid in ([0.1, 0.001, 0.01], [0.001, 0.1, 0.01]))
    assert points(small({RATE: one})) == points(small({RATE: other}))
    study = load_study(small({RATE: one}))
    resolve_point(study, "adam", 4)
    assert study["recipes"][0]["learning_rate"]["grid"] == [0.1, 0.001, 0.01]


@pytest.mark.parametrize(
    "rate",
    [{"rule": "sqrt", "value": 0.01}, {"grid": [0.001, 0.01]}],
    ids=["rule", "grid"],
)
def test_override_replaces_rule_and_grid(rate):
    override = {"overrides": {128: {"learning_rate": 0.5}}}
    point = resolved(128, {RATE: rate} | override)
    assert (point["learning_rate"], point["arguments"], point["clamped"]) == (0.5, {}, [])
    assert resolved(4, {RATE: rate} | override) == resolved(4, {RATE: rate})
    # Of the rule or grid that is replaced, nothing is left that could rerun the point.
    assert resolved(128, override) == point


KEEP = {"recipes[0].optimizer": "AdamW", "recipes[0].keep_timescale": True}


@pytest.mark.parametrize(
    ("batch_size", "expected"),
    # The decay of Keras, 0.004, at 32; no batch is larger than the 500 training samples.
    [(4, 0.0005), (128, 0.016), (500, 0.0625), (512, 0.0625)],
)
def test_timescale_of_weight_decay_is_that_of_the_reference(batch_size, expected):
    point = resolved(batch_size, KEEP)
    assert point["arguments"] == {"weight_decay": pytest.approx(expected, rel=1e-12)}
    assert "keep_timescale" not in point


def test_an_exception_keeps_the_timescale_too():
    """At 128, four times the decay of 32 at the same learning rate; half of that at twice of it."""
    override = {"overrides": {128: {"learning_rate": 0.002}}}
    arguments = resolved(128, KEEP | override)["arguments"]
    assert arguments == {"weight_decay": pytest.approx(0.008, rel=1e-12)}
    # What the learning rate of a rule is at the reference, where the exception has no part.
    rule = {RATE: {"rule": "sqrt", "value": 0.001, "reference_batch_size": 8}}
    arguments = resolved(128, KEEP | rule | override)["arguments"]
    assert arguments == {"weight_decay": pytest.approx(0.004 * 16 / 2, rel=1e-12)}


@pytest.mark.parametrize(
    ("rate", "trained"),
    [
        (0.001, {4, 128}),
        # The learning rate moves as the batch size does, so no decay has to.
        ({"rule": "linear", "value": 0.001}, set()),
        ({"rule": "sqrt", "value": 0.001, "reference_batch_size": 128}, {4, 32}),
        ({"rule": "half_life", "value": 0.001}, {4, 128}),
    ],
    ids=["number", "linear", "sqrt", "half_life"],
)
@pytest.mark.parametrize("arguments", [{}, {"weight_decay": 1}])
def test_to_keep_the_timescale_trains_only_where_the_decay_changes(rate, trained, arguments):
    split = {"dataset.arguments.n_samples": 1000, "dataset.train_size": 500}
    common = {"batch_sizes": [4, 32, 128], "recipes[0].arguments": arguments, RATE: rate}
    without = small(common | split | {"recipes[0].optimizer": "AdamW"})
    assert differing(without, small(common | split | KEEP)) == {("adam", size) for size in trained}


def test_a_timescale_waits_for_the_number_of_samples():
    """As a rule does, where only the file tells how many samples train."""
    table = {"table": {"file": "my.csv", "target": "y"}, "train_size": 0.5}
    study = load_study(small(KEEP | {"dataset": table}))
    point = resolve_point(study, "adam", 8)
    assert point["arguments"] == {}
    assert settle(point, 16)["arguments"] == {"weight_decay": pytest.approx(0.002)}
    assert settle(point, 8)["arguments"] == {}


def test_a_number_has_the_reference_that_a_rule_has():
    study = load_study(small({RATE: {"rule": "sqrt", "value": 0.01}}))
    assert study["recipes"][0]["learning_rate"]["reference_batch_size"] == REFERENCE_BATCH_SIZE
