"""Keys that do not fit each other. Each key alone is checked by the schema."""

from batchscope.config.data_conflicts import (
    find_data_conflicts,
    find_layer_conflicts,
    find_loss_conflicts,
)
from batchscope.config.histories import find_history_conflicts
from batchscope.config.problem import problem
from batchscope.config.recipe import AVERAGES, kind, weight_decay
from batchscope.results import VALIDATION, metric_of


def find_conflicts(study):
    """The problem lines that no single key of a study shows."""
    yield from _names(study["recipes"])
    if "histories" in study:
        yield from find_history_conflicts(study)
        yield from _band(study["convergence"]["stable"])
    else:
        yield from _batch_sizes(study["overrides"], study["batch_sizes"])
        yield from _warmup(study)
        for index, recipe in enumerate(study["recipes"]):
            yield from _half_life(f"recipes[{index}]", recipe)
            yield from _timescale(f"recipes[{index}]", recipe)
        yield from _model(study["model"])
        yield from find_data_conflicts(study["dataset"], study["model"])
        unsuited = list(find_loss_conflicts(study["dataset"], study["model"]))
        yield from unsuited
        # Under another loss, other things are asked of the last layer and of the metrics.
        if not unsuited:
            yield from find_layer_conflicts(study["dataset"], study["model"])
            yield from _metrics(study["model"], study["convergence"])
            yield from _band(study["convergence"]["stable"])
    yield from _accuracy(study["convergence"]["target"])


def _batch_sizes(overrides, sizes):
    for size in sorted(set(overrides) - set(sizes)):
        yield problem(
            f"overrides.{size}",
            f"one of the batch sizes {sizes}",
            size,
            f"Add {size} to batch_sizes, or remove the override.",
        )


def _names(recipes):
    names = [recipe["name"] for recipe in recipes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield problem(
            "recipes",
            "each name once",
            f"{name}, {names.count(name)} times",
            "Give each recipe a name of its own.",
        )


def _warmup(study):
    epochs = min(e.get("epochs", study["epochs"]) for e in [{}, *study["overrides"].values()])
    for index, recipe in enumerate(study["recipes"]):
        if recipe["warmup_epochs"] >= epochs:
            yield problem(
                f"recipes[{index}].warmup_epochs",
                f"less than epochs ({epochs}), so that some are trained at the full learning rate",
                recipe["warmup_epochs"],
                "Lower it or raise epochs.",
            )


def _half_life(where, recipe):
    optimizer, rate = recipe["optimizer"], recipe["learning_rate"]
    follows = kind(rate) == "rule" and rate["rule"] == "half_life"
    if follows and "beta_2" not in AVERAGES.get(optimizer, ()):
        yield problem(
            f"{where}.learning_rate.rule",
            f"linear or sqrt, since {optimizer} has no beta_2",
            "half_life",
            "Write another rule, or take Adam or AdamW.",
        )


def _timescale(where, recipe):
    if not recipe["keep_timescale"]:
        return
    where = f"{where}.keep_timescale"
    if weight_decay(recipe["optimizer"], recipe["arguments"]) is None:
        expected = f"false, since without weight_decay {recipe['optimizer']} has no weight decay"
        yield problem(where, expected, "true", "Add weight_decay to arguments, or remove the key.")
    if kind(recipe["learning_rate"]) == "grid":
        yield problem(
            where,
            "false with a grid, since the learning rate at the reference batch size is not known "
            "before it is tuned",
            "true",
            "Remove it, or write a number or a rule in place of the grid.",
        )


def _model(model):
    given = [name for name in ("layers", "file") if name in model]
    if len(given) != 1:
        yield problem(
            "model",
            "either the key layers or the key file",
            "both" if given else "neither",
            "Remove one." if given else "Add layers.",
        )


def _metrics(model, convergence):
    recorded = [f"{VALIDATION}{name}" for name in ("loss", *model["metrics"])]
    for definition in ("target", "stable"):
        metric = convergence[definition]["metric"]
        if metric not in recorded:
            yield problem(
                f"convergence.{definition}.metric",
                f"{' or '.join(recorded)}, which this study records",
                metric,
                f"Write {recorded[-1]}.",
            )


def _band(stable):
    if "band" not in stable:
        yield problem(
            "convergence.stable.band",
            f"a number above 0, in the units of {stable['metric']}",
            "nothing",
            "Add it; the default, 0.02, is for an accuracy.",
        )


def _accuracy(target):
    fix = "Write a fraction, not a percentage."
    if metric_of(target["metric"]).counted:
        if target["value"] != "auto" and target["value"] > 1:
            yield problem(
                "convergence.target.value", "an accuracy of at most 1", target["value"], fix
            )
        if target["tolerance"] >= 1:
            yield problem(
                "convergence.target.tolerance",
                "less than 1 for an accuracy",
                target["tolerance"],
                fix,
            )
