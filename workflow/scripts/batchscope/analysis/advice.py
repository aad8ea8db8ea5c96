"""Which batch size to take on which device: what was measured, and what follows from it.

The seconds to the target are S(B) updates times T(B) seconds of an update. S is the study's, and
does not depend on the device. T is each device's own. At a batch size that was trained both are
measured. Between these sizes S is told by the law, S_min (1 + B_crit / B), and T by a line,
alpha + beta B. Their product is least at B = sqrt(alpha B_crit / beta), where it is
S_min (sqrt(alpha) + sqrt(beta B_crit))^2. Nothing is told beyond the sizes that reached the target.
"""

import numpy as np

from batchscope.analysis import law
from batchscope.analysis.bootstrap import CONFIDENCE, DRAWS, LEVEL
from batchscope.analysis.expected import expected_times
from batchscope.analysis.interval import Interval, finite
from batchscope.analysis.law_table import judge_sweep
from batchscope.analysis.law_verdict import FEWEST_SIZES, STANDING
from batchscope.analysis.likelihood import Runs
from batchscope.analysis.recommendation import recommend
from batchscope.analysis.update_cost import fit_update_cost

SCHEMA_VERSION = 1
SECONDS_PER_HOUR = 3600


def advise(devices):
    """What is advised.

    Args:
        devices: of each its Measurements, the price of an hour or None, whether it is the study's
            own, and the largest batch size that fits, a dict by recipe; a tuple each.

    Returns:
        dict of plain values that is valid against advice.schema.yaml.
    """
    first, *_ = devices[0]
    confident = first.boot.kind == CONFIDENCE
    return {
        "schema_version": SCHEMA_VERSION,
        "intervals": {
            "kind": first.boot.kind,
            "kind_of_means": first.boot.kind_of_means,
            "level": LEVEL if confident else None,
            "replicates": first.boot.replicates,
            "draws": DRAWS if confident else None,
        },
        "devices": [
            {"device": measurements.seconds_device, "price_per_hour": price, "own": own}
            for measurements, price, own, _ in devices
        ],
        "recipes": {recipe: _recipe(devices, recipe) for recipe in first.recipes},
    }


def _recipe(devices, recipe):
    first, *_ = devices[0]
    own = first.summaries[first.rows(recipe)[0]]
    told = [
        _device(measurements, recipe, price) | {"largest": largest.get(recipe)}
        for measurements, price, _, largest in devices
    ]
    return {
        "target": {"metric": own["target_metric"], "value": own["target"]},
        "devices": told,
        **_over_devices(devices, recipe, told),
    }


def _device(measurements, recipe, price):
    rows = measurements.rows(recipe)
    recommendation = recommend(measurements, rows)
    sweep = judge_sweep(measurements, recipe)
    reached = [
        index
        for index, row in enumerate(sweep.rows)
        if np.isfinite(measurements.estimates["target_seconds"].value[row])
    ]
    return {
        "recommendation": recommendation,
        "costs": [
            _priced(candidate["expected_seconds"], price)
            for candidate in recommendation["candidates"]
        ],
        **find_optimum(measurements, sweep, reached),
        "check": _check(measurements, sweep, reached),
    }


def _priced(seconds, price):
    """An interval of seconds in JSON, as what it costs; None where one of the two is not known."""
    if seconds is None or price is None:
        return None
    scaled = {
        part: seconds[part] and seconds[part] * price / SECONDS_PER_HOUR
        for part in ("value", "low", "high")
    }
    return seconds | scaled


def _batches(measurements, rows):
    """(mean batch sizes, float64 [points]; seconds of an update there, of all and in each draw)."""
    points = [measurements.saved[row] for row in rows]
    updates = np.array([point.job["updates_per_epoch"] for point in points], float)
    samples = np.array([point.job["samples_per_epoch"] for point in points], float)
    pace = measurements.estimates["seconds_per_epoch"]
    return samples / updates, pace.value[rows] / updates, pace.drawn[rows].T / updates


def find_optimum(measurements, sweep, reached):
    """The line, and the batch size at which the law times the line is least.

    Args:
        measurements: the study's Measurements, with the seconds of the device.
        sweep: from `law_table.judge_sweep`.
        reached: those of its points that reached the target with known seconds, list of int.

    Returns:
        dict of plain values, as of a device in advice.schema.yaml: from `status` to
        `optimum_seconds`.
    """
    boot, judged = measurements.boot, sweep.judged
    told = dict.fromkeys(("alpha", "beta", "misfit", "optimum", "optimum_seconds"))
    ends = (int(sweep.sizes[reached[end]]) if reached else None for end in (0, -1))
    told["smallest_size"], told["largest_size"] = ends
    told["fewest_sizes"] = FEWEST_SIZES
    if len(reached) < FEWEST_SIZES:
        return told | {"status": "too_few_sizes"}
    sizes, seconds, drawn = _batches(measurements, sweep.rows[reached])
    line, lines = fit_update_cost(sizes, seconds), fit_update_cost(sizes, drawn)
    if np.isnan(line.alpha):
        return told | {"status": "no_line"}
    for name, value, draws in zip(line._fields, line, lines, strict=True):
        told[name] = _around(boot, value, draws)
    told["misfit"] = float(np.max(np.abs(line.seconds(sizes) / seconds - 1)))
    if judged.verdict not in STANDING:
        return told | {"status": "no_law"}
    (s_min, b_crit), of_draws = np.exp(judged.fitted.parameters), np.exp(judged.fitted.drawn.T)
    alpha, beta = (draws[: of_draws.shape[1]] for draws in lines)
    best = np.sqrt(line.alpha * b_crit / line.beta)
    drawn = np.sqrt(alpha * of_draws[1] / beta)
    # Where it lies is known of the sizes that reached alone.
    smallest, largest = told["smallest_size"], told["largest_size"]
    numbers = (best, *boot.limits_around(best, drawn))
    parts = [np.inf if x > largest else -np.inf if x < smallest else float(x) for x in numbers]
    told |= {"status": "told", "optimum": Interval(*parts).as_json()}
    if smallest <= best <= largest:
        least = s_min * (np.sqrt(line.alpha) + np.sqrt(line.beta * b_crit)) ** 2
        drawn = of_draws[0] * (np.sqrt(alpha) + np.sqrt(beta * of_draws[1])) ** 2
        told["optimum_seconds"] = _around(boot, least, drawn)
    return told


def _around(boot, value, drawn):
    return Interval(float(value), *map(float, boot.limits_around(value, drawn))).as_json()


def _check(measurements, sweep, reached):
    """Every second size that reached, predicted from the others: list of dict."""
    out = reached[1:-1:2]
    kept = [index for index in reached if index not in out]
    if not out:
        return []
    nothing = Runs.of_points(sweep.low[kept], sweep.high[kept], np.empty((0, sweep.low.shape[1])))
    curve = law.Law(sweep.sizes[kept])
    fitted = law.fit(curve, sweep.low[kept], sweep.high[kept], nothing)
    sizes, seconds, _ = _batches(measurements, sweep.rows[kept])
    line = fit_update_cost(sizes, seconds)
    left_out, _, _ = _batches(measurements, sweep.rows[out])
    predicted = law.updates(fitted.parameters, sweep.sizes[out]) * line.seconds(left_out)
    return [
        {
            "batch_size": measurements.saved[row].batch_size,
            "from_sizes": [measurements.saved[row].batch_size for row in sweep.rows[kept]],
            "predicted_seconds": finite(value),
            "measured_seconds": measurements.interval("target_seconds", row).as_json(),
        }
        for row, value in zip(sweep.rows[out], predicted, strict=True)
    ]


def _over_devices(devices, recipe, told):
    """Which device is soonest, and which costs least, each at its best batch size."""
    found = {}
    for role, prices in (("soonest", [1.0] * len(devices)), ("cheapest", [d[1] for d in devices])):
        best = []
        for (measurements, *_), own, price in zip(devices, told, prices, strict=True):
            _, seconds = expected_times(measurements)
            sizes = [c["batch_size"] for c in own["recommendation"]["candidates"]]
            timed = [
                row
                for row in measurements.rows(recipe)
                if measurements.saved[row].batch_size in sizes and np.isfinite(seconds.value[row])
            ]
            if timed and price is not None:
                least = np.fmin.reduce(seconds.drawn[timed])
                best.append((seconds.value[timed].min() * price, least * price))
        # A device without its seconds or its price could be any.
        complete = len(best) == len(devices) > 1
        found[f"{role}_device"] = _first(devices, best) if complete else None
    return found


def _first(devices, best):
    values, drawn = zip(*best, strict=True)
    first = int(np.argmin(values))
    boot = devices[0][0].boot
    lowest = drawn[first] <= np.min(drawn, axis=0)
    return {"device": first, "share_of_draws": finite(boot.share(lowest))}
