"""How two finished studies differ, point by point, and which differences their intervals support.

Runs of the same number are a pair where both studies have as many: they share weights and orders if
the studies share their seed and data, and if not, pairs of independent runs are as good as any.
Otherwise the draws of the two are independent. Seconds are always drawn independently.
"""

import numpy as np
import pandas as pd

from batchscope.analysis.bootstrap import CONFIDENCE, FEWEST_TO_CONCLUDE
from batchscope.analysis.convergence_table import target_rows
from batchscope.analysis.interval import Interval
from batchscope.analysis.measurements import measure
from batchscope.analysis.measures import STABLE, TARGET
from batchscope.analysis.pace import seconds_per_epoch

# These are compared by their ratio, qualities by their difference.
RATIOS = ("target_epoch", "target_seconds", "seconds_per_epoch")


def held_to(saved, pace, convergence, targets, settings):
    """The rows of epochs.csv of a study that is held to other targets than its own.

    Args:
        saved: list of SavedPoint, one of each point.
        pace: DataFrame of pace.csv.
        convergence: DataFrame of epochs.csv; its rows of `stable` are kept.
        targets: dict recipe -> target, NaN without one.
        settings: `convergence` of the config that the targets are of.

    Returns:
        DataFrame.
    """
    seconds, tables = seconds_per_epoch(saved, pace), []
    for recipe in dict.fromkeys(point.recipe for point in saved):
        value = targets.get(recipe, np.nan)
        own = [row for row, point in enumerate(saved) if point.recipe == recipe]
        points, known = [saved[row] for row in own], not np.isnan(value)
        # Where there is no target, any will do: what is told of it is left out.
        target = settings["target"] | {"value": value if known else 1.0}
        rows = target_rows(points, seconds[own], settings | {"target": target})
        tables.append(rows if known else rows.assign(status="no_target", epoch=np.nan))
    stable = convergence[convergence["definition"] == STABLE]
    return pd.concat([*tables, stable])


def differences(one, other, names):
    """How two studies differ at the points that both have.

    Args:
        one: (saved, pace, convergence, settings) as of `measure`, with `saved` at the learning
            rates that are taken.
        other: likewise. Its runs are held to the targets of `one`.
        names: (recipe, batch size) of the points to compare, which both have.

    Returns:
        list of dict of plain values, one of each name: recipe, batch_size, and by measure a dict of
        `one` and `other`, intervals as in recommendation.json, `change`, the interval of other /
        one or of other - one, and `verdict`: `less`, `more`, `undecided`, `too_few_replicates`
        or `unknown`.
    """
    saved, pace, convergence, settings = other
    _, _, convergence_one, settings_one = one
    reached = convergence_one[convergence_one["definition"] == TARGET]
    targets = reached.groupby("recipe", sort=False)["target"].first().to_dict()
    held = held_to(saved, pace, convergence, targets, settings_one)
    first = measure(*one)
    # As another device: its rounds and processes are drawn independently.
    second = measure(saved, pace, held, settings, (1, pace))
    qualities = [name for name in first.qualities if name in second.qualities]
    return [
        {"recipe": name[0], "batch_size": name[1]}
        | {
            measure: change((first, second), measure, [_row(s, name) for s in (first, second)])
            for measure in (*RATIOS, *qualities)
        }
        for name in names
    ]


def _row(study, name):
    """The row of a point."""
    return [(point.recipe, point.batch_size) for point in study.saved].index(name)


def change(studies, name, rows):
    """How a measure differs between two studies: the dict of a measure in `differences`.

    Args:
        studies: two Measurements.
        name: of the measure.
        rows: the row of the point in each.
    """
    one, other = (study.estimates[name] for study in studies)
    boots = [study.boot for study in studies]
    values = one.value[rows[0]], other.value[rows[1]]
    ratio = name in RATIOS
    with np.errstate(invalid="ignore", divide="ignore"):
        value = values[1] / values[0] if ratio else values[1] - values[0]
    told = {
        which: study.interval(name, row).as_json()
        for which, study, row in zip(("one", "other"), studies, rows, strict=True)
    }
    # The limits of fewer replicates are the wider ones.
    boot = min(boots, key=lambda own: own.replicates)
    kind = boot.kind if ratio else boot.kind_of_means
    if np.isnan(value) or kind != CONFIDENCE:
        verdict = "unknown" if np.isnan(value) else "too_few_replicates"
        change = Interval(value, np.nan, np.nan)
        return told | {"change": change.as_json(), "verdict": verdict}
    drawn, of_one = other.drawn[rows[1]], one.drawn[rows[0]]
    if boots[0].replicates != boots[1].replicates:
        drawn = np.random.default_rng(0).permutation(drawn)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = drawn / of_one if ratio else drawn - of_one
    change = Interval(float(value), *map(float, boot.limits(drawn, anything=ratio)))
    same = 1 if ratio else 0
    verdict = "undecided"
    if boot.replicates < FEWEST_TO_CONCLUDE:
        verdict = "too_few_replicates"
    elif change.low > same:
        verdict = "more"
    elif change.high < same:
        verdict = "less"
    return told | {"change": change.as_json(), "verdict": verdict}
