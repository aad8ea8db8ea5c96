"""What the spread in epochs over batch sizes is due to: the learning rate or the size itself.

Recipes of one optimizer differ in how the learning rate is set at each batch size. The spread of a
recipe is the ratio of median epochs to the target at its largest batch size to those at its
smallest. What is left of the spread at one learning rate for all batch sizes, once the rate
follows the batch size or is tuned, is measured on a log scale: 100% is the same ratio, 0% none.
"""

import itertools
import math

import numpy as np

from batchscope.analysis.measures import Estimate
from batchscope.report.wording import interval, percent


def cause_sentences(table, recipes, estimates, boot):
    """What is left of each optimizer's spread, a sentence per recipe that sets its rate otherwise.

    Args:
        table: the summary table.
        recipes: `recipes` of the config.
        estimates: from `measures.estimate`.
        boot: the study's Bootstrap.

    Returns:
        list of sentences.
    """
    sentences = []
    for optimizer in dict.fromkeys(recipe["optimizer"] for recipe in recipes):
        own = [recipe for recipe in recipes if recipe["optimizer"] == optimizer]
        fixed = [recipe for recipe in own if not isinstance(recipe["learning_rate"], dict)]
        others = [recipe for recipe in own if isinstance(recipe["learning_rate"], dict)]
        if not fixed or not others:
            sentences.append(
                f"**{optimizer}:** how much of the spread over batch sizes is due to the learning "
                "rate was not measured; it takes a recipe with one learning rate beside one whose "
                "rate follows the batch size or is tuned, as in `config/recipes.yaml`."
            )
        for base, other in itertools.product(fixed, others):
            how = "tuned at each size" if "grid" in other["learning_rate"] else "following it"
            label = (
                f"**{optimizer}, with the learning rate {how}** "
                f"({other['name']} against {base['name']}):"
            )
            rows = [table[table["recipe"] == recipe["name"]] for recipe in (base, other)]
            what = _what_is_left(*rows, estimates, boot)
            if any(base[key] != other[key] for key in ("arguments", "warmup_epochs")):
                what = "they differ in more than the learning rate, so no cause can be told"
            elif rows[0]["learning_rate"].nunique() > 1:
                what = f"{base['name']} has several learning rates, so no cause can be told"
            sentences.append(f"{label} {what}.")
    return sentences


def _what_is_left(base, other, estimates, boot):
    targets = base["target"].iloc[0], other["target"].iloc[0]
    if np.isnan(targets).any():
        return "no target could be set for both"
    if targets[0] != targets[1]:
        return "each has a target of its own, so that their epochs compare with nothing"
    known = [
        rows.loc[np.isfinite(rows["target_epoch"]), "batch_size"].tolist() for rows in (base, other)
    ]
    sizes = sorted(set(known[0]) & set(known[1]))
    if len(sizes) < 2:
        return "fewer than two batch sizes reached the target in both, so nothing can be said"
    where = f"from batch size {sizes[0]} to {sizes[-1]}"
    if len(sizes) < len(base):
        where += ", as far as both reached it,"
    before, after = (_spread(rows, sizes, estimates, boot) for rows in (base, other))
    if before.value == 1 or before.low <= 1 <= before.high:
        return (
            f"{where} the data do not tell that the epochs to the target change at one learning "
            f"rate ({_times(before)}), so there is nothing to find a cause of"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.log(after.drawn) / np.log(before.drawn)
    share = math.log(after.value) / math.log(before.value)
    left = interval(share, *boot.limits(left, anything=True), write=percent)
    return (
        f"{where} the epochs to the target change {_times(after)} instead of {_times(before)}; on "
        f"a log scale {left} of the spread is left" + (" (it is reversed)" if share < 0 else "")
    )


def _spread(rows, sizes, estimates, boot):
    """The ratio of epochs at the last of some batch sizes to those at the first, an Estimate."""
    first, last = (rows.index[rows["batch_size"] == size][0] for size in (sizes[0], sizes[-1]))
    epochs = estimates["target_epoch"]
    with np.errstate(invalid="ignore"):
        value, drawn = (x[last] / x[first] for x in (epochs.value, epochs.drawn))
    return Estimate(float(value), *map(float, boot.limits(drawn, anything=True)), drawn)


def _times(spread):
    return f"by a factor of {interval(spread.value, spread.low, spread.high)}"
