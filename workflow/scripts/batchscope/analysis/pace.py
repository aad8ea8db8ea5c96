"""What an epoch takes at each point: the pace.

It is the median over the rounds of pace.csv. All points take turns in a round, so one resampling of
the rounds serves all points at once. What was special in the process that measured them is in no
round. Each training job has measured the pace of its own point too, so it is known what processes
differ by. The mean of log(one / other) over points is common to all points of the process, and the
rest is each point's own; both over sqrt(2), since two processes differ by the luck of both.
"""

import numpy as np
from scipy import stats

from batchscope.analysis.bootstrap import CONFIDENCE, LEVEL, Bootstrap


def seconds_per_epoch(saved, pace):
    """The median over rounds.

    Args:
        saved: list of SavedPoint.
        pace: DataFrame of pace.csv.

    Returns:
        float64 [points]; NaN for a point that lacks a round, and for all points where no training
        job ran on the device of the rounds, so that nothing says how sure they are.
    """
    value = np.median(_rounds(saved, pace), axis=1)
    return np.where(len(_differences(saved, pace, value)), value, np.nan)


def draw_pace(boot, saved, pace):
    """Seconds per epoch in each draw of a study.

    Args:
        boot: the study's Bootstrap.
        saved: list of SavedPoint.
        pace: DataFrame of pace.csv.

    Returns:
        float64 [points, draws]; without confidence intervals the median in every draw.
    """
    value = seconds_per_epoch(saved, pace)[:, None]
    if boot.kind != CONFIDENCE or np.isnan(value).all():
        return np.repeat(value, len(boot.counts), axis=1)
    rounds = _rounds(saved, pace)
    of_rounds = Bootstrap(rounds.shape[1], seed=1)
    _, drawn = of_rounds.medians(rounds)
    # The limits that `boot` takes are to be those of so many rounds.
    drawn = value * (drawn / value) ** (of_rounds.stretch / boot.stretch)
    return drawn * np.exp(_draw_processes(boot, rounds, _differences(saved, pace, value[:, 0])))


def _draw_processes(boot, rounds, differences):
    """log(pace in another process / pace) in each draw: float64 [points, draws]."""
    # Points of one program were measured once.
    _, programs = np.unique(rounds, axis=0, return_inverse=True)
    normal = np.random.default_rng(2).normal(size=(programs.max() + 2, len(boot.counts)))
    common = differences.mean()
    # One difference alone tells no parts of it apart.
    own = differences - common if len(differences) > 1 else differences
    spreads = np.sqrt(np.array([common**2, np.mean(own**2)]) / 2)
    # The limits that `boot` takes are to be Student's.
    end, freedom = (1 + LEVEL) / 2, max(1, len(differences) - 1)
    spreads *= stats.t.ppf(end, freedom) / stats.norm.ppf(end) / boot.stretch
    return spreads[0] * normal[0] + spreads[1] * normal[1 + programs]


def device_of(pace):
    """What the seconds of pace.csv were measured on; None if it has no rows."""
    return pace["device"].iloc[0] if len(pace) else None


def _differences(saved, pace, value):
    """log(pace in its training job / value) of each point that has both, on one device."""
    own = [
        point.job["seconds_per_epoch"] if point.job["device"] == device_of(pace) else None
        for point in saved
    ]
    differences = np.log(np.array(own, float) / value)
    return differences[~np.isnan(differences)]


def _rounds(saved, pace):
    """Seconds per epoch, float64 [points, rounds]; NaN where there are none."""
    table = pace.pivot(index=["recipe", "batch_size"], columns="round", values="seconds_per_epoch")
    names = [(point.recipe, point.batch_size) for point in saved]
    rounds = table.reindex(names).to_numpy(float)
    # An empty file has no rounds at all.
    return rounds if rounds.shape[1] else np.full((len(saved), 1), np.nan)
