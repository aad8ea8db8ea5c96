"""What the spread in epochs over batch sizes is due to: the learning rate or the size itself.

Recipes of one optimizer differ in how the learning rate is set at each batch size, or beta_2 by the
rule `half_life`. The spread of a recipe is the ratio of median epochs to the target at its largest
batch size to those at its smallest. What is left of the spread at one learning rate for all batch
sizes, once the rate or beta_2 follows the batch size or the rate is tuned, is measured on a log
scale: 1 is the same ratio, 0 none.
"""

import itertools

import numpy as np

from batchscope.config.recipe import kind


def find_causes(measurements, recipes):
    """What is left of each optimizer's spread, an entry per recipe that sets its rate otherwise.

    Args:
        measurements: the study's Measurements.
        recipes: `recipes` of the config.

    Returns:
        list of dict of plain values, `cause` of recommendation.schema.yaml.
    """
    causes = []
    for optimizer in dict.fromkeys(recipe["optimizer"] for recipe in recipes):
        own = [recipe for recipe in recipes if recipe["optimizer"] == optimizer]
        fixed = [recipe for recipe in own if kind(recipe["learning_rate"]) == "number"]
        others = [recipe for recipe in own if kind(recipe["learning_rate"]) != "number"]
        nothing = {
            "optimizer": optimizer,
            "base": None,
            "other": None,
            "how": None,
            "status": "no_pair",
            "sizes": [],
            "all_sizes": False,
            "spread": None,
            "spread_left": None,
            "share_left": None,
            "reversed": None,
        }
        if not fixed or not others:
            causes.append(nothing)
        for base, other in itertools.product(fixed, others):
            names = {"base": base["name"], "other": other["name"]}
            causes.append(
                nothing
                | names
                | {"how": _how(other["learning_rate"])}
                | _cause(measurements, base, other)
            )
    return causes


def _how(rate):
    """How a recipe that is no base follows the batch size, as a code."""
    # This rule leaves the learning rate as it is.
    return "half_life" if rate.get("rule") == "half_life" else kind(rate)


def _cause(measurements, base, other):
    """What is left of the spread of one recipe in another: the entry's keys that are known."""
    summaries = measurements.summaries
    of_base, of_other = (measurements.rows(recipe["name"]) for recipe in (base, other))
    targets = [summaries[own[0]]["target"] for own in (of_base, of_other)]
    if any(base[key] != other[key] for key in ("arguments", "warmup_epochs", "keep_timescale")):
        return {"status": "differ_otherwise"}
    if len({summaries[row]["learning_rate"] for row in of_base}) > 1:
        return {"status": "several_rates"}
    if None in targets:
        return {"status": "no_target"}
    if targets[0] != targets[1]:
        return {"status": "own_targets"}
    epochs = measurements.estimates["target_epoch"]
    reached = [
        {summaries[row]["batch_size"]: row for row in own if np.isfinite(epochs.value[row])}
        for own in (of_base, of_other)
    ]
    sizes = sorted(reached[0].keys() & reached[1].keys())
    if len(sizes) < 2:
        return {"status": "too_few_sizes"}
    ends = sizes[0], sizes[-1]
    told = {"sizes": list(ends), "all_sizes": len(sizes) == len(of_base)}
    spreads = []
    for own in reached:
        smallest, largest = (own[size] for size in ends)
        with np.errstate(invalid="ignore"):
            value, drawn = (x[largest] / x[smallest] for x in (epochs.value, epochs.drawn))
        spreads.append((measurements.from_draws(value, drawn, anything=True), drawn))
    (spread, drawn), (left, left_drawn) = spreads
    told |= {"spread": spread.as_json(), "spread_left": left.as_json()}
    if spread.value == 1 or spread.low <= 1 <= spread.high:
        return told | {"status": "no_spread"}
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.log(left_drawn) / np.log(drawn)
    share = np.log(left.value) / np.log(spread.value)
    share = measurements.from_draws(share, shares, anything=True)
    return told | {
        "status": "measured",
        "share_left": share.as_json(),
        "reversed": bool(share.value < 0),
    }
