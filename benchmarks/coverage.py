"""How often the intervals and verdicts of a study are right, in simulated studies.

Runs are lognormal, those of one replicate correlated over batch sizes, and looked at when an epoch
ends. Prints the Markdown tables of docs/statistics.md.

    python benchmarks/coverage.py [studies]
"""

import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from batchscope.analysis import law
from batchscope.analysis.advice import find_optimum
from batchscope.analysis.bootstrap import Bootstrap, median
from batchscope.analysis.choice import BEST_LOSS, TIME, choose_rates
from batchscope.analysis.claims import compare
from batchscope.analysis.differences import change
from batchscope.analysis.expected import expected_epochs
from batchscope.analysis.interval import Interval
from batchscope.analysis.law_table import Sweep
from batchscope.analysis.law_verdict import STANDING, judge_law
from batchscope.analysis.likelihood import Runs
from batchscope.analysis.measurements import Estimate
from batchscope.analysis.pace import draw_pace, seconds_per_epoch
from batchscope.results import PACE_COLUMNS

SAMPLES = 512
SIZES = 2.0 ** np.arange(2, 10)
REPLICATES = (5, 10, 30)

# Replicates of two studies that are compared.
BOTH = ((10, 10), (30, 30), (10, 30))

# Draws of a fit. A study takes more; these move the limits by a few hundredths of their distance.
FIT_DRAWS = 400

# What a run needs at each size: S_min 400 and B_crit 40, or close to it.
CURVES = {
    "the law": lambda size: 400 * (1 + 40 / size),
    "exponent 0.5": lambda size: 8000 * size**-0.5,
    "exponent 0.7": lambda size: 16000 * size**-0.7,
    "rising again": lambda size: 400 * (1 + 40 / size) * (1 + size / 300),
}
# Arguments of `sweep`.
SWEEPS = {
    "fine epochs, paired": {"scale": 1, "paired": 0.7, "sigma": 0.2, "last": 10_000},
    "coarse epochs, paired": {"scale": 0.15, "paired": 0.7, "sigma": 0.2, "last": 10_000},
    "censored, paired": {"scale": 1, "paired": 0.7, "sigma": 0.2, "last": 120},
    "censored, not paired": {"scale": 1, "paired": 0, "sigma": 0.4, "last": 120},
}
JUDGED = {
    "all reached": {"paired": 0.7, "sigma": 0.2},
    "to epoch 100": {"paired": 0.7, "sigma": 0.2, "last": 100},
    "all reached, not paired": {"paired": 0, "sigma": 0.2},
}
VERDICTS = ("described", "compatible", "rejected", "coarse", "not_fitted")

# Median epochs to the target at the learning rates of a grid.
GRIDS = {
    "all alike": np.full(5, 20.0),
    "two alike": np.array([20.0, 20.5, 30, 45, 70]),
    "one is best": np.array([30.0, 20, 30, 50, 90]),
}

# Seconds of an update, and of each of its samples.
ALPHA, BETA = 2e-5, 1e-6

# Of curves that are the law (1), and nearly.
EXPONENTS = (1, 0.8)


def sweep(generator, curve, replicates, scale=1, paired=0.7, sigma=0.2, last=10_000, sizes=SIZES):
    """A simulated sweep.

    Args:
        generator: numpy's.
        curve: function of batch sizes to the median updates of runs.
        replicates: runs of each size.
        scale: multiplies the curve.
        paired: correlation of log updates of a replicate between sizes.
        sigma: standard deviation of log updates.
        last: epochs of a run.
        sizes: batch sizes, float64 [sizes].

    Returns:
        (low, high, epochs), each float64 [sizes, replicates]: what runs needed more updates than,
        and at most; and epochs to the target, inf where it was not reached.
    """
    common, own = generator.normal(size=replicates), generator.normal(size=(len(sizes), replicates))
    noise = sigma * (np.sqrt(paired) * common + np.sqrt(1 - paired) * own)
    per_epoch = np.ceil(SAMPLES / sizes)[:, None]
    epochs = np.ceil(scale * curve(sizes)[:, None] * np.exp(noise) / per_epoch)
    reached = epochs <= last
    low = np.where(reached, epochs - 1, last) * per_epoch
    high = np.where(reached, epochs * per_epoch, np.inf)
    return low, high, np.where(reached, epochs, np.inf)


def judge(boot, low, high, epochs, sizes=SIZES, draws=FIT_DRAWS):
    """The Judgement of a sweep."""
    most = boot.limits(boot.medians(high)[1])[1]
    drawn = Runs.of_points(low, high, boot.counts[:draws])
    return judge_law(boot, sizes, low, high, median(epochs), most, drawn)


def covers(interval, truth):
    """Whether an Interval holds a number; NaN if it is not told."""
    low, high = interval[1], interval[2]
    return np.nan if np.isnan(low) else float(low <= truth <= high)


def coverage_of_measures(replicates, studies, seed=0):
    """How often limits hold the truth: dict name -> share of `studies`.

    Of medians of epochs, of the ratio of two of them, and of means of qualities with and without
    a tail. `differ` is how often two sizes that need as many updates are said to differ.
    """
    generator, boot = np.random.default_rng(seed), Bootstrap(replicates)
    simulated = []
    for _ in range(studies):
        sizes = np.array([32.0, 128.0])
        _, high, epochs = sweep(
            generator, CURVES["the law"], replicates, sigma=0.3, last=200, sizes=sizes
        )
        truth = np.ceil(CURVES["the law"](sizes) / (SAMPLES / sizes))
        _, drawn = boot.medians(epochs)
        with np.errstate(invalid="ignore"):
            ratio = boot.limits(drawn[1] / drawn[0], anything=True)
        low, high = boot.limits(drawn)
        quality = generator.lognormal(sigma=[[0.03], [0.3]], size=(2, replicates))
        means = boot.limits_of_means(quality, boot.means(quality)[1])
        _, _, same = sweep(generator, lambda size: 900 + 0 * size, replicates, sizes=sizes)
        drawn = boot.medians(same * SAMPLES / sizes[:, None])[1]
        study = SimpleNamespace(
            boot=boot,
            estimates={"target_updates": Estimate(None, None, None, drawn)},
            qualities=[],
            interval=lambda *_: Interval(np.nan, np.nan, np.nan),
        )
        simulated.append(
            {
                "median": low[0] <= truth[0] <= high[0],
                "median, censored": low[1] <= truth[1] <= high[1],
                "ratio of medians": ratio[0] <= truth[1] / truth[0] <= ratio[1],
                "mean": means[0][0] <= np.exp(0.03**2 / 2) <= means[1][0],
                "mean, with a tail": means[0][1] <= np.exp(0.3**2 / 2) <= means[1][1],
                "differ": compare(study, 0, 1, "target_updates") != 0,
            }
        )
    return {name: np.mean([one[name] for one in simulated]) for name in simulated[0]}


def coverage_of_law(replicates, studies, seed=0, draws=FIT_DRAWS, **settings):
    """How often limits hold the truth where the law does: dict name -> share of `studies`.

    The exponent is of a sweep that has one. `told` is the share of studies whose verdict lets the
    numbers be told; the others are left out.
    """
    generator, boot = np.random.default_rng(seed), Bootstrap(replicates)
    simulated = []
    for _ in range(studies):
        judged = judge(
            boot, *sweep(generator, CURVES["the law"], replicates, **settings), draws=draws
        )
        scale = settings["scale"]
        runs = sweep(generator, CURVES["exponent 0.5"], replicates, **settings)
        simulated.append(
            {
                "B_crit": covers(judged.b_crit, 40),
                "S_min": covers(judged.s_min, 400 * scale),
                "E_min": covers(judged.e_min, 16_000 * scale),
                "exponent": covers(judge(boot, *runs, draws=draws).exponent, 0.5),
                "told": judged.verdict in STANDING,
            }
        )
    return {name: np.nanmean([one[name] for one in simulated]) for name in simulated[0]}


def coverage_of_choice(medians, replicates, studies, seed=0, sigma=0.3, last=100):
    """How often limits of the expected epochs at the best of several learning rates hold the true
    ones: dict way to choose in the draws -> (share of `studies`, median width over the truth).

    Args:
        medians: median epochs to the target at each rate, float64 [rates].
        replicates: runs of each rate.
        studies: how many.
        seed: of the simulation.
        sigma: standard deviation of log epochs, of which half is common to a replicate's runs.
        last: epochs of a run.
    """
    generator, boot = np.random.default_rng(seed), Bootstrap(replicates)
    saved = [SimpleNamespace(recipe="tuned", batch_size=32)] * len(medians)

    def runs(count):
        noise = generator.normal(size=(2, len(medians), count))
        noise[0] = noise[0, 0]
        epochs = np.ceil(medians[:, None] * np.exp(sigma * noise.sum(axis=0) / np.sqrt(2)))
        return {
            "target_epoch": np.where(epochs <= last, epochs, np.inf),
            "epochs": np.full(epochs.shape, float(last)),
            BEST_LOSS: np.zeros(epochs.shape),
        }

    def expected(runs, weights):
        reached = np.isfinite(runs["target_epoch"])
        spent = np.where(reached, runs["target_epoch"], last)
        with np.errstate(divide="ignore"):
            return (spent @ weights.T) / (reached @ weights.T)

    truth = expected(runs(100_000), np.ones((1, 100_000))).min()
    held = {}
    for _ in range(studies):
        own = runs(replicates)
        choice = choose_rates(boot, saved, own, TIME)
        of_all = expected(own, boot.counts)
        ways = {
            "the same rate": of_all[choice.value[0]],
            "by the draw's own runs": of_all.min(axis=0),
            "by all other runs": expected_epochs(partial(choice.means, boot), own)[1][0],
        }
        for way, drawn in ways.items():
            low, high = boot.limits(drawn)
            held.setdefault(way, []).append((low <= truth <= high, (high - low) / truth))
    return {
        way: (np.mean([one[0] for one in found]), np.median([one[1] for one in found]))
        for way, found in held.items()
    }


def coverage_of_advice(replicates, studies, seed=0, draws=FIT_DRAWS):
    """How often limits hold the truth of a device's line, of the best batch size and its seconds:
    dict name -> share of the studies in which it is told; `told`, the share of these.

    Rounds differ by 3%. Processes differ by 3% in common and by 2% at each point.
    """
    generator, boot = np.random.default_rng(seed), Bootstrap(replicates)
    updates, truth = SAMPLES / SIZES, SAMPLES / SIZES * (ALPHA + BETA * SIZES)
    answers = {"alpha": ALPHA, "beta": BETA, "optimum": np.sqrt(ALPHA * 40 / BETA)}
    answers["optimum_seconds"] = 400 * (np.sqrt(ALPHA) + np.sqrt(BETA * 40)) ** 2
    found = {name: [] for name in ("told", *answers)}
    for _ in range(studies):
        low, high, epochs = sweep(generator, CURVES["the law"], replicates)
        judged = judge(boot, low, high, epochs, draws=draws)
        common, own, rounds = (generator.normal(size=n) for n in (1, len(SIZES), (len(SIZES), 7)))
        measured = truth[:, None] * np.exp(0.03 * common + 0.02 * own[:, None] + 0.03 * rounds)
        jobs = truth * np.exp(generator.normal(scale=np.hypot(0.03, 0.02), size=len(SIZES)))
        saved = [
            SimpleNamespace(
                recipe="adam",
                batch_size=size,
                job={
                    "device": "CPU",
                    "seconds_per_epoch": seconds,
                    "updates_per_epoch": count,
                    "samples_per_epoch": SAMPLES,
                },
            )
            for size, seconds, count in zip(SIZES, jobs, updates, strict=True)
        ]
        rows = [
            ("CPU", "adam", size, turn, 1, seconds)
            for size, of_size in zip(SIZES, measured, strict=True)
            for turn, seconds in enumerate(of_size)
        ]
        pace = pd.DataFrame(rows, columns=PACE_COLUMNS)
        value, drawn = seconds_per_epoch(saved, pace), draw_pace(boot, saved, pace)
        estimates = {"seconds_per_epoch": Estimate(value, None, None, drawn)}
        study = SimpleNamespace(boot=boot, saved=saved, estimates=estimates)
        points = np.arange(len(SIZES))
        told = find_optimum(study, Sweep(points, SIZES, low, high, judged), list(points))
        found["told"].append(told["status"] == "told")
        for name, answer in answers.items():
            if told["status"] == "told" and told[name]:
                ends = told[name]["low"], told[name]["high"]
                # What lies beyond the sizes has no end.
                below, above = (
                    infinity if end is None else end
                    for end, infinity in zip(ends, (-np.inf, np.inf), strict=True)
                )
                found[name].append(below <= answer <= above)
    return {name: np.mean(own) for name, own in found.items()}


def coverage_of_differences(replicates, paired, studies, seed=0):
    """How often limits hold the truth of how two studies differ, and how often a difference is
    claimed where there is none: dict name -> share of `studies`.

    The second takes 1.3 times the epochs, and its quality is 0.02 more. Where they are alike, it is
    the first one's.

    Args:
        replicates: of each study.
        paired: correlation of runs of the same number, where both have as many.
        studies: how many pairs of them.
        seed: of the simulation.
    """
    generator, found = np.random.default_rng(seed), []
    boots = [Bootstrap(count) for count in replicates]

    def simulated(epochs, quality):
        common = generator.normal(size=(2, max(replicates)))
        both = []
        for boot, median_epochs, mean in zip(boots, epochs, quality, strict=True):
            own = generator.normal(size=(2, boot.replicates))
            shared = common[:, : boot.replicates]
            noise = np.sqrt(paired) * shared + np.sqrt(1 - paired) * own
            runs = np.ceil(median_epochs * np.exp(0.3 * noise[:1]))
            drawn = {
                "target_epoch": boot.medians(np.where(runs <= 60, runs, np.inf)),
                "final_val_loss": boot.means(mean + 0.03 * noise[1:]),
            }
            nothing = Interval(np.nan, np.nan, np.nan)
            both.append(
                SimpleNamespace(
                    boot=boot,
                    estimates={k: Estimate(v, None, None, d) for k, (v, d) in drawn.items()},
                    interval=lambda *_, nothing=nothing: nothing,
                )
            )
        return {name: change(both, name, (0, 0)) for name in drawn}

    for _ in range(studies):
        apart = simulated((20, 26), (0.3, 0.32))
        alike = simulated((20, 20), (0.3, 0.3))
        ends = {
            name: (told["change"]["low"], told["change"]["high"]) for name, told in apart.items()
        }
        epochs, quality = ends["target_epoch"], ends["final_val_loss"]
        found.append(
            {
                "ratio of epochs": epochs[0] <= 1.3 <= (epochs[1] or np.inf),
                "difference of quality": quality[0] <= 0.02 <= quality[1],
            }
            | {
                f"{name}, claimed": alike[measure]["verdict"] in ("less", "more")
                for name, measure in (("epochs", "target_epoch"), ("quality", "final_val_loss"))
            }
        )
    return {name: np.mean([one[name] for one in found]) for name in found[0]}


def verdicts(curve, replicates, studies, seed=0, **settings):
    """Shares of `studies`: dict verdict -> share, and `small residual` for what a threshold of
    0.15 on the residual of medians would call described."""
    generator, boot = np.random.default_rng(seed), Bootstrap(replicates)
    simulated = []
    for _ in range(studies):
        runs = sweep(generator, curve, replicates, **settings)
        judged = judge(boot, *runs, draws=20)
        small = False
        if judged.fitted is not None:
            medians, fitted = median(runs[1]), law.updates(judged.fitted.parameters, SIZES)
            apart = np.log(np.where(np.isfinite(medians), medians, fitted) / fitted)
            small = np.sqrt(np.mean(apart**2)) <= 0.15
        simulated.append((judged.verdict, small))
    shares = {code: np.mean([one[0] == code for one in simulated]) for code in VERDICTS}
    return shares | {"small residual": np.mean([one[1] for one in simulated])}


def extrapolation(beyond, studies, exponent, seed=0):
    """S_min from four sizes where the updates are S_min (1 + (B_crit / B)^exponent) and the
    largest size is `beyond` times B_crit: (share of studies that do not reject the law, share of
    those whose limits of S_min, told as if it were seen, do not hold it)."""
    generator, boot, sizes = np.random.default_rng(seed), Bootstrap(30), SIZES[:4]
    b_crit, kept, missed = sizes[-1] / beyond, [], []
    for _ in range(studies):
        runs = sweep(
            generator, lambda size: 400 * (1 + (b_crit / size) ** exponent), 30, sizes=sizes
        )
        judged = judge(boot, *runs, sizes=sizes)
        kept.append(judged.verdict in STANDING)
        if kept[-1]:
            s_min = np.exp(np.append(judged.fitted.parameters[0], judged.fitted.drawn[:, 0]))
            low, high = boot.limits_around(s_min[0], s_min[1:])
            missed.append(not low <= 400 <= high)
    return np.mean(kept), np.mean(missed) if missed else np.nan


def table(heads, rows):
    """Print a Markdown table; numbers as shares with three digits."""
    print("|", " | ".join(heads), "|")
    print("|:--" + "|--:" * (len(heads) - 1) + "|")
    for row in rows:
        print("|", " | ".join(x if isinstance(x, str) else f"{x:.3f}" for x in row), "|")
    print(flush=True)


def main(studies):
    """Print all tables."""
    print(f"Measures, {10 * studies} studies each:\n")
    rows = [(str(n), coverage_of_measures(n, 10 * studies)) for n in (5, 6, 10, 30)]
    table(["replicates", *rows[0][1]], [(n, *shares.values()) for n, shares in rows])
    print(f"The law, {studies} studies each:\n")
    rows = [
        (name, str(n), coverage_of_law(n, studies, **settings))
        for name, settings in SWEEPS.items()
        for n in REPLICATES
    ]
    heads = ["sweep", "replicates", *rows[0][2]]
    table(heads, [(name, n, *shares.values()) for name, n, shares in rows])
    print(f"Expected epochs at the best of five learning rates, {studies} studies each:\n")
    rows = [
        (name, str(n), coverage_of_choice(medians, n, studies))
        for name, medians in GRIDS.items()
        for n in REPLICATES
    ]
    heads = [f"{way}: {what}" for way in rows[0][2] for what in ("holds", "width")]
    table(
        ["rates", "replicates", *heads],
        [(*row[:2], *(x for pair in row[2].values() for x in pair)) for row in rows],
    )
    print(f"The best batch size on a device, {studies} studies each:\n")
    rows = [(str(n), coverage_of_advice(n, studies)) for n in REPLICATES]
    table(["replicates", *rows[0][1]], [(n, *shares.values()) for n, shares in rows])
    print(f"How two studies differ, {10 * studies} pairs each:\n")
    rows = [
        (f"{n[0]} and {n[1]}", f"{paired}", coverage_of_differences(n, paired, 10 * studies))
        for n in BOTH
        for paired in (0, 0.7)
    ]
    heads = ["replicates", "correlation", *rows[0][2]]
    table(heads, [(*row[:2], *row[2].values()) for row in rows])
    fewer = 2 * studies // 3
    print(f"Verdicts, {fewer} studies each:\n")
    rows = [
        (name, how, str(n), verdicts(curve, n, fewer, **settings))
        for name, curve in CURVES.items()
        for how, settings in JUDGED.items()
        for n in REPLICATES
    ]
    heads = ["updates", "sweep", "replicates", *rows[0][3]]
    table(heads, [(*row[:3], *row[3].values()) for row in rows])
    print(f"S_min told from wherever the largest size is, {fewer} studies each:\n")
    table(
        ["largest size / B_crit"] + ["not rejected", "S_min missed"] * len(EXPONENTS),
        [
            (str(beyond), *(x for a in EXPONENTS for x in extrapolation(beyond, fewer, a)))
            for beyond in (1, 2, 4, 8, 16, 32)
        ],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
