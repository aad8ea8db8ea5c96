"""What is told of a recipe depends neither on other recipes nor on the order of the batch sizes."""

import numpy as np
import pandas as pd
import pytest
from saved import SETTINGS, Study, job, saved_point

REPLICATES, EPOCHS = 12, 8
TARGET = SETTINGS | {"target": SETTINGS["target"] | {"value": 0.3}}


def points(recipe, seed):
    """Falling curves of which some runs do not reach the target; name -> (history, runs)."""
    generator, made = np.random.default_rng(seed), {}
    for size in (4, 8, 16, 32):
        losses = generator.uniform(0.2, 0.9 + size / 100, (REPLICATES, EPOCHS))
        seconds = generator.uniform(1, 2) / size
        made[recipe, size] = saved_point(np.sort(losses)[:, ::-1].tolist(), seconds=seconds)
    return made


def study(points):
    # Processes differ, by point and from the pace.
    jobs = {name: job(name[1], EPOCHS, seconds_per_epoch=1 / name[1]) for name in points}
    return Study(points, TARGET, EPOCHS, jobs, spread=0.02)


def told(study):
    """The rows of sgd: those of epochs.csv, summary.csv and its law, in one order."""
    return [
        table[table["recipe"] == "sgd"].sort_values(keys).reset_index(drop=True)
        for table, keys in (
            (study.convergence, ["batch_size", "definition", "replicate"]),
            (study.table, ["batch_size"]),
            (study.law("sgd").assign(recipe="sgd"), ["batch_size"]),
        )
    ]


@pytest.fixture(scope="module")
def alone():
    return told(study(points("sgd", 1)))


def test_other_recipes_change_nothing_but_limits_of_seconds(alone):
    """These hold what processes differ by, which every job has measured."""
    beside = told(study(points("adam", 2) | points("sgd", 1)))
    for table, other in zip(alone, beside, strict=True):
        same = [name for name in table if not ("second" in name and name.endswith(("low", "high")))]
        pd.testing.assert_frame_equal(table[same], other[same], check_exact=True)
    assert alone[0]["status"].nunique() > 1


def test_the_order_of_the_batch_sizes_changes_nothing(alone):
    """Not even the limits of seconds, but for the rounding of a sum."""
    turned = dict(reversed(points("sgd", 1).items()))
    for table, other in zip(alone, told(study(turned)), strict=True):
        exact = [name for name in table if "second" not in name]
        pd.testing.assert_frame_equal(table[exact], other[exact], check_exact=True)
        pd.testing.assert_frame_equal(table, other, rtol=1e-9)
