"""What an epoch takes at each point: the pace.

It is the median over the rounds of pace.csv. All points take turns in a round, so one resampling of
the rounds serves all points at once. What was special in the process that measured them is in no
round. Each training job has measured the pace of its own point too, so it is known what processes
differ by. The mean of log(one / other) over points is common to all points of the process, and the
rest is each point's own; both over sqrt(2), since two processes differ by the luck of both.

Another device was seen by one process alone. Its processes are taken to differ as much as those of
the study's device.
"""

import numpy as np
from scipy.special import ndtri, stdtrit

from batchscope.analysis.bootstrap import CONFIDENCE, LEVEL, Bootstrap
from batchscope.analysis.draws import Draws


def process_differences(saved, pace):
    """log(pace in its training job / pace) of each point that has both, on one device.

    Args:
        saved: list of SavedPoint.
        pace: DataFrame of pace.csv.

    Returns:
        float64 [points that have both].
    """
    own = [
        point.job["seconds_per_epoch"] if point.job["device"] == device_of(pace) else None
        for point in saved
    ]
    differences = np.log(np.array(own, float) / np.median(_rounds(saved, pace), axis=1))
    return differences[~np.isnan(differences)]


def seconds_per_epoch(saved, pace, differences=None):
    """The median over rounds.

    Args:
        saved: list of SavedPoint.
        pace: DataFrame of pace.csv, of the study's or of another device.
        differences: from `process_differences`, of the study's; None if `pace` is the study's.

    Returns:
        float64 [points]; NaN for a point that lacks a round, and for all points without
        differences, since nothing says then how sure they are.
    """
    value = np.median(_rounds(saved, pace), axis=1)
    if differences is None:
        differences = process_differences(saved, pace)
    return np.where(len(differences), value, np.nan)


def draw_pace(boot, saved, pace, differences=None, device=0):
    """Seconds per epoch in each draw of a study.

    Args:
        boot: the study's Bootstrap.
        saved, pace, differences: as of `seconds_per_epoch`.
        device: number of the device, 0 for the study's. Draws of different ones are independent.

    Returns:
        Draws; without confidence intervals the median in every draw.
    """
    value, draws = seconds_per_epoch(saved, pace, differences)[:, None], len(boot.counts)
    if boot.kind != CONFIDENCE or np.isnan(value).all():
        return Draws(len(saved), lambda points: np.repeat(value[points], draws, axis=1))
    if differences is None:
        differences = process_differences(saved, pace)
    rounds = _rounds(saved, pace)
    of_rounds = Bootstrap(rounds.shape[1], seed=2 * device + 1, draws=draws)
    processes = _draw_processes(boot, rounds, differences, seed=2 * device + 2)

    def of_block(points):
        _, drawn = of_rounds.medians(rounds[points])
        # The limits that `boot` takes are to be those of so many rounds.
        drawn = (drawn / value[points]) ** (of_rounds.stretch / boot.stretch)
        return value[points] * drawn * np.exp(processes(points))

    return Draws.by_block(len(saved), of_block)


def _draw_processes(boot, rounds, differences, seed):
    """log(pace in another process / pace) in each draw: a function of a slice of points to float64
    [of the slice, draws]."""
    # Points of one program were measured once.
    _, programs = np.unique(rounds, axis=0, return_inverse=True)
    draws, generator = len(boot.counts), np.random.default_rng(seed)
    # Where the generator stands before the numbers of each program, which need not be kept then.
    in_common, states = generator.normal(size=draws), []
    for _ in range(programs.max() + 1):
        states.append(generator.bit_generator.state)
        generator.normal(size=draws)
    common = differences.mean()
    # One difference alone tells no parts of it apart.
    own = differences - common if len(differences) > 1 else differences
    spreads = np.sqrt(np.array([common**2, np.mean(own**2)]) / 2)
    # The limits that `boot` takes are to be Student's.
    end, freedom = (1 + LEVEL) / 2, max(1, len(differences) - 1)
    spreads *= stdtrit(freedom, end) / ndtri(end) / boot.stretch

    def of_points(points):
        normal = []
        for program in programs[points]:
            generator.bit_generator.state = states[program]
            normal.append(generator.normal(size=draws))
        return spreads[0] * in_common + spreads[1] * np.stack(normal)

    return of_points


def device_of(pace):
    """What the seconds of pace.csv were measured on; None if it has no rows."""
    return pace["device"].iloc[0] if len(pace) else None


def _rounds(saved, pace):
    """Seconds per epoch, float64 [points, rounds]; NaN where there are none."""
    table = pace.pivot(index=["recipe", "batch_size"], columns="round", values="seconds_per_epoch")
    names = [(point.recipe, point.batch_size) for point in saved]
    rounds = table.reindex(names).to_numpy(float)
    # An empty file has no rounds at all.
    return rounds if rounds.shape[1] else np.full((len(saved), 1), np.nan)
