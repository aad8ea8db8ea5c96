"""How trainings were judged and compared."""

from batchscope.analysis.convergence import nearest_size
from batchscope.report.reading import is_timed
from batchscope.report.wording import (
    bound_text,
    count,
    enumerate_words,
    metric_name,
    number,
    percent,
    setting,
    target_text,
)

# What the target is, if it is no number of the config.
AUTO = "{tolerance}% worse than the best {metric} at batch size {size}{median}"
STABLE = (
    " By a second definition a curve is stable from the first epoch on at which the mean {metric} "
    "of {window} epochs stays within {band} of its mean over the last {level} epochs. It stays "
    "there to the end of the run, for {least} epochs or more."
)

SECONDS = (
    "Seconds are epochs times the median seconds of an epoch with its validation, without imports "
    "and compilation. They were measured after the trainings in one job, in several rounds over "
    "all batch sizes{device}."
)

INTERVALS = {
    "confidence": (
        "Intervals are {level} confidence intervals from a paired bootstrap (Efron 1979) of "
        "{draws} draws of {replicates} replicates. A draw has the same replicates at all batch "
        "sizes. Limits are expanded percentiles (Hesterberg 2015). A run that did not reach the "
        "target counts as later than its last epoch."
    ),
    "range": (
        "Limits are the smallest and the largest of {replicates} replicates, which are too few for "
        "confidence intervals."
    ),
    "none": "There is one replicate, so there are no intervals.",
}
MEANS = " Limits of means are the smallest and the largest replicate."
TUNED = (
    " In a draw, a run of a tuned point is taken at the learning rate that is best in all other "
    "runs of the draw (leave-one-out, Stone 1974)."
)
RANKED = (
    " A batch size at which at least {reliable} of the runs reached the target is a candidate. "
    "Candidates are ranked by their expected running time (Hansen et al. 2021): the epochs of all "
    "runs over the number of runs that reached the target."
)

LAW = (
    "S = S_min (1 + B_crit / B) (McCandlish et al. 2018) was fitted to the updates S that runs at "
    "batch size B needed to the target. Runs are looked at when an epoch ends, so the likelihood "
    "is that of interval-censored data (Turnbull 1976)."
)


def convergence(config, answer):
    """When a run converged, by both definitions, with the numbers of the config."""
    settings = config["convergence"]
    target, stable = settings["target"], settings["stable"]
    values = {name: recipe["target"]["value"] for name, recipe in answer["recipes"].items()}
    hold = "" if target["hold"] == 1 else f" and stayed so for {target['hold']} epochs in a row"
    reached = f"{_target(target, values)}{hold}"
    text = f"A run reached the target at the first epoch at which it had {reached}."
    if target["value"] == "auto":
        each = ", for each recipe" if len(values) > 1 else ""
        text += f" The target is {auto_target(config, answer)}{each}."
    return text + STABLE.format(
        metric=metric_name(stable["metric"]),
        window=stable["window"],
        band=setting(stable["band"]),
        level=stable["level_epochs"],
        least=stable["min_epochs"],
    )


def auto_target(config, answer):
    """What a target is that was set by a rule: a part of a sentence."""
    target = config["convergence"]["target"]
    return AUTO.format(
        tolerance=setting(100 * target["tolerance"]),
        metric=metric_name(target["metric"]),
        size=nearest_size(config["batch_sizes"], target["reference_batch_size"]),
        median="" if answer["intervals"]["kind"] == "none" else ", the median over replicates",
    )


def _target(target, values):
    known = {name: value for name, value in values.items() if value is not None}
    if len(set(known.values())) == 1 and len(known) == len(values):
        return target_text({"metric": target["metric"], "value": next(iter(known.values()))})
    told = enumerate_words([f"{number(value, 4)} (`{name}`)" for name, value in known.items()])
    return f"{bound_text(target['metric'])} {told or 'a value that could not be set'}"


def seconds(answer):
    """How seconds were measured; nothing where none are known."""
    if not is_timed(answer):
        return ""
    recommended = [recipe["recommendation"] for recipe in answer["recipes"].values()]
    devices = dict.fromkeys(own["seconds_device"] for own in recommended if own["seconds_device"])
    return SECONDS.format(device=f", on {enumerate_words(devices)}")


def comparison(answer):
    """How points are compared, and how sure that is."""
    intervals = answer["intervals"]
    text = INTERVALS[intervals["kind"]].format(
        level=intervals["level"] and percent(intervals["level"]),
        draws=intervals["draws"] and count(intervals["draws"]),
        replicates=intervals["replicates"],
    )
    if intervals["kind"] == "confidence":
        text += MEANS if intervals["kind_of_means"] == "range" else ""
        text += TUNED if any(own["rate_map"] for own in answer["recipes"].values()) else ""
    first = next(iter(answer["recipes"].values()))["recommendation"]
    return text + RANKED.format(reliable=percent(first["reliable"]))


def law(answer):
    """How the law was fitted; nothing where it was not."""
    fitted = [r for r in answer["recipes"].values() if r["law"]["verdict"] != "not_fitted"]
    return LAW if fitted else ""
