"""What an epoch takes: the median over rounds, and how sure it is."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from saved import SETTINGS, Study, saved_point

from batchscope.analysis.bootstrap import Bootstrap
from batchscope.analysis.pace import device_of, draw_pace, seconds_per_epoch
from batchscope.results import PACE_COLUMNS

NAN = float("nan")
CPU = "CPU: test"


def study(rounds, own=None, device=CPU):
    """(points, pace) with the seconds of each round per batch size, and those of the jobs."""
    rows = [
        (CPU, "sgd", size, turn, 10, value)
        for size, values in rounds.items()
        for turn, value in enumerate(values, start=1)
    ]
    points = [
        SimpleNamespace(
            recipe="sgd",
            batch_size=size,
            job={"device": device, "seconds_per_epoch": (own or {}).get(size, np.median(values))},
        )
        for size, values in rounds.items()
    ]
    return points, pd.DataFrame(rows, columns=PACE_COLUMNS)


def limits(points, pace, replicates=30):
    boot = Bootstrap(replicates)
    return boot.limits(draw_pace(boot, points, pace))


def test_the_pace_is_the_median_over_rounds():
    assert seconds_per_epoch(*study({4: [1, 2, 9], 8: [3, 1, 1]})).tolist() == [2, 1]


def test_a_point_without_rounds_is_unknown():
    points, pace = study({4: [1] * 7, 8: [2] * 7})
    pace = pace[pace["batch_size"] == 4]
    assert np.array_equal(seconds_per_epoch(points, pace), [1, NAN], equal_nan=True)
    drawn = draw_pace(Bootstrap(10), points, pace)
    assert (drawn[0] == 1).all() and np.isnan(drawn[1]).all()


def test_a_point_that_lacks_a_round_is_unknown():
    points, pace = study({4: [1] * 7, 8: [2] * 7})
    assert np.array_equal(seconds_per_epoch(points, pace[:-1]), [1, NAN], equal_nan=True)
    assert np.isnan(draw_pace(Bootstrap(10), points, pace[:-1])[1]).all()


def test_no_rounds_at_all_are_unknown():
    points, pace = study({4: [1] * 7})
    assert np.isnan(seconds_per_epoch(points, pace[:0])).all()
    assert np.isnan(np.asarray(draw_pace(Bootstrap(10), points, pace[:0]))).all()
    assert device_of(pace[:0]) is None and device_of(pace) == CPU


def test_nothing_is_claimed_where_no_job_trained_on_the_device_of_the_rounds():
    points, pace = study({4: [1] * 7, 8: [2] * 7}, device="GPU: other")
    assert np.isnan(seconds_per_epoch(points, pace)).all()


@pytest.mark.parametrize("replicates", [5, 10, 30])
def test_limits_are_about_those_of_the_rounds_whatever_the_replicates(replicates):
    rounds = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6]
    [low], [high] = limits(*study({4: rounds}), replicates)
    own = Bootstrap(7, seed=1)
    _, drawn = own.medians(np.array([rounds]))
    [expected_low], [expected_high] = own.limits(drawn)
    assert low == pytest.approx(expected_low, rel=0.06)
    assert high == pytest.approx(expected_high, rel=0.06)


@pytest.mark.parametrize("replicates", [5, 10, 30])
def test_limits_hold_what_processes_differ_by(replicates):
    """Four jobs were 10% faster and four 10% slower: Student's limits, of 7 degrees of freedom."""
    sizes = 2 ** np.arange(8)
    own = {size: np.exp(0.1 * (-1) ** index) for index, size in enumerate(sizes)}
    points, pace = study({size: [1.0 + size / 1e9] * 7 for size in sizes}, own)
    low, high = limits(points, pace, replicates)
    distance = 2.3646 * 0.1 / np.sqrt(2)
    assert np.log(high) == pytest.approx(distance, rel=0.08)
    assert np.log(low) == pytest.approx(-distance, rel=0.08)


def test_what_is_common_to_a_process_does_not_change_an_order():
    """All jobs were twice as fast: the pace is unsure, the ratios are not."""
    points, pace = study({4: [1.0] * 7, 8: [1.1] * 7}, {4: 0.5, 8: 0.55})
    drawn = draw_pace(Bootstrap(30), points, pace)
    assert np.std(np.log(drawn[0])) > 0.5
    assert drawn[1] / drawn[0] == pytest.approx(1.1)


def test_points_of_one_program_share_their_luck():
    points, pace = study({4: [1.0] * 7, 8: [1.0] * 7, 16: [2.0] * 7}, {4: 1.2, 8: 0.9, 16: 2})
    drawn = draw_pace(Bootstrap(30), points, pace)
    assert np.array_equal(drawn[0], drawn[1])
    assert np.std(np.log(drawn[2] / drawn[0])) > 0.05


def test_seconds_are_epochs_times_the_pace():
    points = {
        ("sgd", size): saved_point([[9, 1, 1, 1]] * 5 + [[9, 9, 9, 1]] * 5) for size in (4, 32)
    }
    settings = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
    made = Study(points, settings, spread=0.01)
    found, draws = made.measurements.estimates, len(made.measurements.boot.counts)
    seconds = found["target_seconds"]
    assert seconds.value.tolist() == [3 * 0.25] * 2
    assert np.array_equal(
        seconds.drawn, found["target_epoch"].drawn * found["seconds_per_epoch"].drawn
    )
    # Rounds are drawn apart from replicates, and together for all points.
    epochs, pace = found["target_epoch"].drawn[0], found["seconds_per_epoch"].drawn
    assert abs(np.corrcoef(epochs, pace[0])[0, 1]) < 0.05
    assert np.array_equal(pace[0], pace[1]) and len(epochs) == draws
    assert made.measurements.last["target_seconds"].tolist() == [[1.0] * 10] * 2
