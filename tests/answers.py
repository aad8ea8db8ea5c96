"""What recommendation.json holds of three made-up studies."""

import copy
import functools
import math
from pathlib import Path

from saved import ANSWER_SCHEMA, RECIPE, SETTINGS, Study, job, out_of_memory, saved_point

APPROVED = Path(__file__).parent / "report" / "approved"
HOW_TO_APPROVE = """the text is not the approved one. If it is better, approve it by
  APPROVE=1 .venv/bin/pytest tests/report
and read what `git diff tests/report/approved` says before you commit it."""
SCHEMA = ANSWER_SCHEMA

# One recipe at six batch sizes; three recipes that share a target; three of one replicate each, of
# which points did not fit into memory, diverged, or were trained on another device.
STUDIES = ["one_recipe", "common_target", "much_missing"]
SAMPLES, EPOCHS = 200, 60


def curves(size, rate, replicates, epochs=EPOCHS):
    """Validation losses that fall to 0.4 by updates, and rise a little once they are there.

    Args:
        size: the batch size.
        rate: how fast they fall: S_min is 12 / rate updates, B_crit is 8.
        replicates: how many curves.
        epochs: of each.
    """
    updates = math.ceil(SAMPLES / size)
    found = []
    for replicate in range(replicates):
        luck = 1 + 0.06 * ((replicate * 7) % 5 - 2)
        steps = [epoch * updates * rate * luck / (1 + 8 / size) for epoch in range(1, epochs + 1)]
        found.append([0.4 + 0.7 * math.exp(-step / 12) + 0.00002 * step for step in steps])
    return found


def point(size, rate=1.0, replicates=10, seconds=None):
    """(history, runs) of a point whose update takes (0.00002 + size / 1,000,000) seconds."""
    updates = math.ceil(SAMPLES / size)
    pace = EPOCHS * updates * (0.00002 + size / 1_000_000)
    spread = [pace * (1 + 0.02 * ((replicate * 3) % 4)) for replicate in range(replicates)]
    return saved_point(
        curves(size, rate, replicates),
        seconds=spread if seconds is None else seconds,
        updates_per_epoch=updates,
    )


def facts(size, **changes):
    """job.json of a point."""
    updates = math.ceil(SAMPLES / size)
    sizes = {"effective_batch_size": min(size, SAMPLES), "samples_per_epoch": SAMPLES}
    return job(size, EPOCHS, updates, device="CPU: made up") | sizes | changes


def settings(value):
    """`convergence` of a config with this target."""
    target = {"value": value, "tolerance": 0.05, "hold": 3}
    stable = {"window": 5, "band": 0.005, "level_epochs": 10, "min_epochs": 10}
    return SETTINGS | {
        "target": SETTINGS["target"] | target,
        "stable": SETTINGS["stable"] | stable,
    }


def one_recipe():
    sizes = (4, 8, 16, 32, 64, 200, 512)
    points = {("adam", size): point(size, rate=0.12) for size in sizes}
    # One replicate that never reaches, at a size that stays a candidate.
    history, _ = points["adam", 16]
    history.loc[history["replicate"] == 3, "val_loss"] += 0.2
    jobs = {("adam", size): facts(size) for size in sizes}
    recipes = [RECIPE[0] | {"name": "adam", "optimizer": "Adam"}]
    return Study(points, settings("auto"), EPOCHS, jobs, spread=0.01), recipes


def common_target():
    rates = {
        "sgd_fixed": 0.1,
        "sgd_linear": {"rule": "linear", "value": 0.1, "reference_batch_size": 16},
        "sgd_tuned": {"grid": [0.1, 0.3]},
    }
    falls = {"sgd_fixed": lambda size: 0.2, "sgd_linear": lambda size: 0.05 * size**0.6}
    falls["sgd_tuned"] = lambda size: 0.3 * size**0.2
    points, jobs = {}, {}
    for name, fall in falls.items():
        for size in (4, 16, 64):
            points[name, size] = point(size, rate=fall(size), replicates=6)
            jobs[name, size] = facts(size)
        # At the other rate of the grid the losses fall half as fast.
        if name == "sgd_tuned":
            for size in (4, 16, 64):
                half = point(size, rate=fall(size) / 2, replicates=6)
                points[name, size] = {0.1: half, 0.3: points[name, size]}
    for facts_of_point in jobs.values():
        facts_of_point["random_layers"] = ["Dropout", "RandomRotation"]
    jobs["sgd_linear", 64]["point"]["clamped"] = ["beta_1", "beta_2"]
    recipes = [RECIPE[0] | {"name": name, "learning_rate": rate} for name, rate in rates.items()]
    return Study(points, settings(0.45), EPOCHS, jobs, spread=0.01), recipes


def much_missing():
    points = {
        ("fast", 4): point(4, rate=0.3, replicates=1),
        ("fast", 16): point(16, rate=0.3, replicates=1),
        ("slow", 4): point(4, rate=0.001, replicates=1),
        ("slow", 16): out_of_memory(1),
        ("broken", 16): saved_point([[0.9, 0.8, float("nan")]], updates_per_epoch=13),
    }
    jobs = {name: facts(name[1]) for name in points}
    jobs["fast", 16]["device"] = "GPU: made up"
    # Weight decay at one learning rate, so that its timescale moves.
    for name, size in jobs:
        jobs[name, size]["point"]["arguments"] = {"weight_decay": 0.01}
    jobs["slow", 16] |= {"learning_rate": None, "random_layers": None}
    decay = {"arguments": {"weight_decay": 0.01}}
    recipes = [RECIPE[0] | decay | {"name": name} for name in ("fast", "slow", "broken")]
    return Study(points, settings("auto"), EPOCHS, jobs, reference=16, spread=0.01), recipes


@functools.cache
def _answer(study):
    made, recipes = {
        "one_recipe": one_recipe,
        "common_target": common_target,
        "much_missing": much_missing,
    }[study]()
    return made.answer(recipes)


def read_answer(study):
    """The answer of a study, a dict of its own for each caller."""
    return copy.deepcopy(_answer(study))
