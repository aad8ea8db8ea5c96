"""The summary, a row per point: what it is, what it cost, when it converged, how it ended."""

import numpy as np
import pandas as pd

from batchscope.analysis.choice import edge
from batchscope.analysis.interval import finite
from batchscope.analysis.measures import INFINITIES, STABLE, TARGET
from batchscope.config.recipe import weight_decay
from batchscope.results import DIVERGED, REACHED

# Rounded settings move a timescale by less than this factor.
MOVED = 1.01


def summarise(measurements):
    """Summarise every point.

    Args:
        measurements: the study's Measurements.

    Returns:
        list of dict, one per point: its facts as recommendation.json has them, and in
        `measures` an Interval of each of `INFINITIES` and of the qualities, by name. Times and
        costs are medians over replicates, qualities are means over the completed ones.
    """
    convergence = measurements.convergence
    reached = convergence[convergence["status"] == REACHED].value_counts(
        ["recipe", "batch_size", "definition"]
    )
    metric = convergence.loc[convergence["definition"] == TARGET, "metric"].iloc[0]
    names = [*INFINITIES, *measurements.qualities]
    choice, trained = measurements.grid.choice, measurements.grid.saved
    share = choice.share(measurements.boot)
    summaries = []
    for row, point in enumerate(measurements.saved):
        job, name, epochs = point.job, (point.recipe, point.batch_size), point.epochs
        rates = {other: trained[other].learning_rate for other in choice.rows[row]}
        others = [trained[other] for other in rates if other != choice.value[row]]
        summaries.append(
            {
                "recipe": point.recipe,
                "batch_size": point.batch_size,
                "effective_batch_size": job["effective_batch_size"],
                "updates_per_epoch": job["updates_per_epoch"],
                "optimizer": job["point"]["optimizer"],
                "learning_rate": point.learning_rate,
                "learning_rate_edge": edge(point.learning_rate, rates.values()),
                "learning_rate_share": finite(share[row]),
                "tuning_seconds": total(
                    seconds for own in others for seconds in own.runs["train_seconds"]
                ),
                "clamped": job["point"]["clamped"],
                **_decay(point),
                "trained_by": job["trained_by"],
                "random_layers": job["random_layers"] or [],
                "epochs": epochs,
                "updates": None if epochs is None else epochs * job["updates_per_epoch"],
                "replicates": len(point.runs),
                "completed": int(point.completed.sum()),
                "diverged": int(point.runs["status"].eq(DIVERGED).sum()),
                "out_of_memory": point.out_of_memory,
                "device": job["device"],
                "peak_memory_mib": None if point.out_of_memory else job["peak_memory_mib"],
                "target_metric": metric,
                "target": finite(measurements.target(row)),
                "target_reached": int(reached.get((*name, TARGET), 0)),
                "stable_reached": int(reached.get((*name, STABLE), 0)),
                "measures": {name: measurements.interval(name, row) for name in names},
            }
        )
    return summaries


def summary_table(summaries):
    """The summaries as summary.csv has them.

    Args:
        summaries: from `summarise`.

    Returns:
        DataFrame, a row per point. Each measure X stands in three columns: X, X_low and X_high.
        Where an X can lie outside of what could be seen, `X_above` names which of low, value and
        high are later than `later_than_X` (or of a ratio have no upper limit), `X_below` which have
        no lower one; these are empty, as is what is not known.
    """
    table = []
    for summary in summaries:
        entry = {name: value for name, value in summary.items() if name != "measures"}
        entry |= {name: " ".join(summary[name]) for name in ("clamped", "random_layers")}
        intervals = summary["measures"]
        for name, interval in intervals.items():
            entry |= interval.as_columns(name, INFINITIES.get(name, ()))
        for name, interval in intervals.items():
            # Of a time it is known what it is later than; a ratio is just without limit.
            if INFINITIES.get(name) == ("above",):
                entry[f"later_than_{name}"] = interval.later_than
        table.append(entry)
    return pd.DataFrame(table).replace({None: np.nan})


def _decay(point):
    """The weight decay of a point and its timescale in epochs, see `config.recipe`."""
    job, rate = point.job, point.learning_rate
    decay = timescale = None
    # Of an imported training, what its optimizer was given is not known.
    if "arguments" in job["point"]:
        decay = weight_decay(job["point"]["optimizer"], job["point"]["arguments"])
    if decay and rate:
        timescale = job["effective_batch_size"] / (rate * decay * job["samples_per_epoch"])
    return {"weight_decay": decay, "decay_timescale": timescale}


def moving_timescale(summaries):
    """Between which batch sizes the timescale of a recipe's weight decay moves.

    Args:
        summaries: of the points of one recipe, from `summarise`.

    Returns:
        dict of plain values, `recipe.moving_timescale` of recommendation.schema.yaml; None if it is
        the same at every batch size that was trained, and without weight decay.
    """
    known = [own for own in summaries if own["decay_timescale"] and not own["out_of_memory"]]
    ordered = sorted(known, key=lambda own: own["decay_timescale"])
    if not ordered or ordered[-1]["decay_timescale"] < MOVED * ordered[0]["decay_timescale"]:
        return None
    return {
        end: {"batch_size": own["batch_size"], "epochs": own["decay_timescale"]}
        for end, own in (("shortest", ordered[0]), ("longest", ordered[-1]))
    }


def total(seconds):
    """The sum of the seconds of some points, those that are known: float; None if none are."""
    known = [own for own in seconds if own is not None and np.isfinite(own)]
    return float(sum(known)) if known else None
