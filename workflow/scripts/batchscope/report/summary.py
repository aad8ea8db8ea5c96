"""summary.md: the answer for reading, with its figures, tables and sentences."""

from batchscope.report.causes import cause_sentence
from batchscope.report.claims import claim_sentences
from batchscope.report.headline import missing_sentences
from batchscope.report.law import law_sentence
from batchscope.report.rate_map import rate_map_sentences
from batchscope.report.reading import intervals_sentence, is_timed, reading_sentences
from batchscope.report.recommendation import candidate_rows, recommendation_sentences
from batchscope.report.sensitivity import ranking_sentence, sensitivity_rows
from batchscope.report.tables import (
    convergence_row,
    cost_row,
    learning_rate_sentences,
    quality_row,
    timescale_sentences,
)
from batchscope.report.text import items, join, table
from batchscope.report.training import training_sentences
from batchscope.report.wording import enumerate_words, target_sentence

# Whether seconds are known, where they are not of the devices of the trainings.
SECONDS = {
    True: " All seconds but those of tuning are of {}.",
    False: " No seconds are known: no point was trained on the device that measured them.",
}

# Why recipes cannot be compared.
NOT_COMPARED = {
    "own_targets": "each recipe has its own target",
    "no_target": "no target could be set for {unset}",
}

IMPORTED = (
    "These trainings were done elsewhere, and their histories were imported. Whether the runs of a "
    "recipe differ in nothing but the batch size is not known here. What an epoch took was not "
    "measured, so no seconds are told. Replicates of the same number are taken as a pair, which "
    "sharpens a comparison only if they share their seeds."
)

CAUSES = "What the spread over batch sizes is due to:"

# What figures show, if seconds are known and if not.
FIGURES = {
    "comparison": {
        True: "Seconds to the target and best quality against batch size",
        False: "Epochs to the target and best quality against batch size",
    },
    "law": {
        True: "Epochs, updates and seconds to the target against batch size, with the fitted law",
        False: "Epochs and updates to the target against batch size, with the fitted law",
    },
    "rate_map": dict.fromkeys(
        (True, False),
        "Expected epochs and best loss against learning rate, the best rate against batch size",
    ),
    "learning_curves": dict.fromkeys((True, False), "Learning curves, a panel per batch size"),
}


def summary_markdown(answer):
    """The text of summary.md.

    Args:
        answer: what recommendation.json holds, valid against its schema.

    Returns:
        Markdown; its figures are named relative to a folder beside theirs.
    """
    several = answer["overall"]["status"] != "one_recipe"
    causes = items(map(cause_sentence, answer["causes"]))
    causes = [CAUSES, *causes] if causes else []
    blocks = ["# What batch size did", *missing_sentences(answer)]
    blocks += [IMPORTED] if answer["imported"] else []
    blocks += [intervals_sentence(answer), *training_sentences(answer)]
    if several:
        blocks += ["## Over all recipes", *_over_recipes(answer), *causes]
        blocks.append(_figure("comparison", "recipes", answer))
    for name in answer["recipes"]:
        blocks += _about_recipe(name, answer, [] if several else causes)
    return join([*blocks, "## How to read the numbers", *items(reading_sentences(answer))])


def _over_recipes(answer):
    overall = answer["overall"]
    if overall["status"] == "common_target":
        target = next(iter(answer["recipes"].values()))["target"]
        replicates = answer["intervals"]["replicates"]
        return _recommended(overall["recommendation"], target, replicates, several=True)
    return items([no_common_answer(overall)])


def no_common_answer(overall):
    """Why recipes are not compared: `overall` of recommendation.json without a recommendation."""
    unset = enumerate_words(overall["recipes_without_target"])
    why = NOT_COMPARED[overall["status"]].format(unset=unset)
    return (
        f"**No recommendation over recipes:** {why}. Give `convergence.target.value` a number to "
        "compare them."
    )


def _recommended(recommendation, target, replicates, several):
    """The sentences of a recommendation, and its candidates as a table."""
    sentences = recommendation_sentences(recommendation, target, replicates, several)
    rows = candidate_rows(recommendation, several)
    return [*items(sentences), *(table(rows) if rows else [])]


def _about_recipe(name, answer, causes):
    recipe, replicates = answer["recipes"][name], answer["intervals"]["replicates"]
    points = [point for point in answer["points"] if point["recipe"] == name]
    by_size = {point["batch_size"]: point for point in points}
    recommended = _recommended(
        recipe["recommendation"], recipe["target"], replicates, several=False
    )
    return [
        f"## {name}",
        _target_and_devices(recipe),
        *recommended,
        _figure("law", name, answer),
        *items([law_sentence(recipe["law"])]),
        *table(map(convergence_row, points)),
        *table(map(quality_row, points)),
        *table(map(cost_row, points)),
        *items(learning_rate_sentences(points, recipe["tuning_seconds"])),
        *items(timescale_sentences(recipe["moving_timescale"])),
        *_rate_map(name, recipe, answer),
        _figure("learning_curves", name, answer),
        "The article's claims, each judged at two batch sizes:",
        *items(claim_sentences(recipe["claims"], by_size, recipe["target"])),
        *causes,
        "Median epochs by other ways to call a run converged:",
        *table(sensitivity_rows(recipe["sensitivity"]["ways"])),
        *items([ranking_sentence(recipe["sensitivity"])]),
    ]


def _rate_map(name, recipe, answer):
    if recipe["rate_map"] is None:
        return []
    return [_figure("rate_map", name, answer), *items(rate_map_sentences(recipe["rate_map"]))]


def _target_and_devices(recipe):
    target = target_sentence(recipe["target"])
    devices, measured_on = (recipe["recommendation"][key] for key in ("devices", "seconds_device"))
    if not devices:
        return target
    seconds = "" if devices == [measured_on] else SECONDS[measured_on is not None]
    return f"{target} Trained on {enumerate_words(devices)}.{seconds.format(measured_on)}"


def _figure(folder, name, answer):
    return f"![{FIGURES[folder][is_timed(answer)]}](../{folder}/{name}.png)"
