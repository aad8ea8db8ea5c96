"""summary.md: the answer for reading, with its figures, tables and sentences."""

import itertools

import pandas as pd

from batchscope.analysis.claims import judge_claims
from batchscope.analysis.law_table import law_sentences
from batchscope.analysis.sensitivity import ranking_sentence, sensitivity_rows
from batchscope.report.advice import recommendation_sentences
from batchscope.report.wording import count, enumerate_words, measure_text, number, thousands

COMPARISON = "Seconds to the target and best validation loss against batch size"
FIGURES = {
    "learning_curves": "Accuracy against epoch, a panel per batch size",
    "law": "Epochs, updates and seconds to the target against batch size, with the fitted law",
}


def summary_markdown(table, boot, compare, causes, recommendation, laws, ways):
    """The text of summary.md.

    Args:
        table: from `summary.summary_table`.
        boot: the study's Bootstrap.
        compare: from `claims.ordering`.
        causes: from `causes.cause_sentences`.
        recommendation: dict with `recipes`, a recommendation per name, and `overall`, one or None.
        laws: dict recipe -> DataFrame of its scaling table.
        ways: dict recipe -> from `sensitivity.sensitivity_medians`.

    Returns:
        Markdown; its figures are named relative to a folder beside theirs.
    """
    blocks = ["# What batch size did"]
    several = len(laws) > 1
    if several:
        blocks += _over_recipes(table, recommendation)
        blocks += ["What the spread over batch sizes is due to:", *_items(causes)]
    blocks.append(_figure("comparison", "recipes", COMPARISON))
    for recipe, points in table.groupby("recipe", sort=False):
        blocks += [
            f"## {recipe}",
            *_items(recommendation_sentences(recommendation["recipes"][recipe], several=False)),
            _figure("law", recipe, FIGURES["law"]),
            *_items(law_sentences(laws[recipe])),
            _about(points, boot),
            _markdown([_convergence_row(point) for point in points.to_dict("records")]),
            _markdown([_cost_row(point) for point in points.to_dict("records")]),
            *_items(_learning_rates(points)),
            _figure("learning_curves", recipe, FIGURES["learning_curves"]),
            "The article's claims, judged by these numbers:",
            *_items(judge_claims(points.to_dict("records"), compare)),
            *_items([] if several else causes),
            "Median epochs by other ways to call a run converged:",
            _markdown(sensitivity_rows(ways[recipe])),
            *_items([ranking_sentence(ways[recipe])]),
        ]
    return _join(blocks)


def _over_recipes(table, recommendation):
    if recommendation["overall"] is None:
        unset = table.loc[table["target"].isna(), "recipe"].unique()
        why = f"no target could be set for {enumerate_words(unset)}" if len(unset) else ""
        sentences = [
            f"**No recommendation over recipes:** {why or 'each has a target of its own'}. Give "
            "`convergence.target.value` a number to compare them."
        ]
    else:
        sentences = recommendation_sentences(recommendation["overall"], several=True)
    return ["## Over all recipes", *_items(sentences)]


def _about(points, boot):
    first = points.iloc[0]
    target = (
        f"The target is {first['target_metric']} {number(first['target'], 4)}."
        if pd.notna(first["target"])
        else "No target could be set: the reference batch size was not completed."
    )
    limits = {
        "range": f", with their range over {boot.replicates} replicates: too few for intervals",
        None: " of one replicate, so there is no interval",
    }.get(boot.name, f", with {boot.name}s (paired bootstrap over {boot.replicates} replicates)")
    return (
        f"{target} Times and epochs are medians, accuracy and loss means over completed "
        f"replicates{limits}. Measured on {' and '.join(points['device'].unique())}. What other "
        "jobs did to the seconds of a batch size is in no limit and no probability; with "
        "`--cores 1` there are none."
    )


def _convergence_row(point):
    """When a point converged, and how good it got."""
    replicates = point["replicates"]
    reached = f"{point['target_reached']}/{replicates}"
    if point["out_of_memory"]:
        reached = "out of memory"
    elif point["diverged"]:
        reached += f", {point['diverged']} diverged"
    return {
        "batch size": str(point["batch_size"]),
        "epochs to target": measure_text(point, "target_epoch", count),
        "updates to target": measure_text(point, "target_updates", count),
        "seconds to target": measure_text(point, "target_seconds"),
        "reached": reached,
        "stable epoch": measure_text(point, "stable_epoch", count),
        "stable": f"{point['stable_reached']}/{replicates}",
        "best val_loss": measure_text(point, "best_val_loss"),
        "final val_loss": measure_text(point, "final_val_loss"),
        "final val_accuracy": measure_text(point, "final_val_accuracy"),
    }


def _cost_row(point):
    """How a point was trained, and what that cost."""

    def milliseconds(seconds):
        return number(1000 * seconds)

    edge = {"lowest": " ↓", "highest": " ↑"}.get(point["learning_rate_edge"], "")
    return {
        "batch size": str(point["batch_size"]),
        "learning rate": number(point["learning_rate"]) + edge,
        "epochs": "–" if point["out_of_memory"] else str(point["epochs"]),
        "updates": "–" if point["out_of_memory"] else str(point["updates"]),
        "ms per epoch": measure_text(point, "seconds_per_epoch", milliseconds),
        "seconds per run": measure_text(point, "seconds_per_run"),
        "samples per second": measure_text(point, "samples_per_second", thousands),
        "peak memory, MiB": number(point["peak_memory_mb"]),
    }


def _learning_rates(points):
    """What a reader has to know of the learning rates of a recipe."""
    for edge, arrow, way in (("lowest", "↓", "lower"), ("highest", "↑", "higher")):
        sizes = points.loc[points["learning_rate_edge"] == edge, "batch_size"]
        if len(sizes):
            yield (
                f"{arrow} The {edge} learning rate of the grid was the best at batch size "
                f"{', '.join(map(str, sizes))}; a {way} one may be better still."
            )
    seconds = points["tuning_seconds"].sum()
    if seconds:
        yield f"Tuning took {number(seconds)} s of training, which no number above includes."
    for clamped, rows in points[points["clamped"] != ""].groupby("clamped", sort=False):
        yield (
            f"At batch size {', '.join(map(str, rows['batch_size']))} the square root rule asks "
            f"for a {' and '.join(clamped.split())} below 0; 0 was taken."
        )


def _figure(folder, name, text):
    return f"![{text}](../{folder}/{name}.png)"


def _items(sentences):
    return [f"- {sentence}" for sentence in sentences]


def _markdown(rows):
    return pd.DataFrame(rows).to_markdown(
        index=False, disable_numparse=True, colalign=["right"] * len(rows[0])
    )


def _join(blocks):
    """Paragraphs apart, list items together."""
    text = blocks[0]
    for before, block in itertools.pairwise(blocks):
        text += ("\n" if before.startswith("- ") and block.startswith("- ") else "\n\n") + block
    return text + "\n"
