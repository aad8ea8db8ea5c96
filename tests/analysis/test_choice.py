"""The choice of a learning rate, by loops over runs and by what no run may do."""

from types import SimpleNamespace

import numpy as np
import pytest
from saved import SETTINGS, Study, saved_point

from batchscope.analysis.bootstrap import Bootstrap, median
from batchscope.analysis.choice import BEST_LOSS, best_rates, choose_rates, edge, rows_of_points

INF, NAN = np.inf, np.nan
REPLICATES = 6


def saved_rows(*sizes):
    """A row for each batch size named; one that is named again is another rate of it."""
    return [SimpleNamespace(recipe="sgd", batch_size=size) for size in sizes]


def runs(epochs, losses=None, trained=10.0):
    epochs = np.array(epochs, float)
    losses = np.ones_like(epochs) if losses is None else np.array(losses, float)
    return {
        "target_epoch": epochs,
        "epochs": np.full(epochs.shape, trained),
        BEST_LOSS: losses,
    }


def best(measured, by="time"):
    """The best of the rates of one point."""
    rows = rows_of_points(saved_rows(*[4] * len(measured["target_epoch"])))
    return best_rates(rows, measured, by).tolist()


def test_the_least_expected_time_pays_for_failures():
    # 3 epochs; (2 + 10) / 1 epochs; (2 + 4) / 2 epochs, a tie with the first.
    assert best(runs([[3, 3], [2, INF], [2, 4]])) == [0]
    assert best(runs([[3, 3.5], [2, INF], [2, 4]])) == [2]


def test_where_nothing_reaches_the_loss_decides():
    nothing = [[INF, INF]] * 3
    assert best(runs(nothing, [[0.5, 0.6], [0.4, 0.5], [0.3, NAN]])) == [1]
    assert best(runs(nothing, [[NAN, 1], [1, NAN], [NAN, NAN]])) == [0]
    # A target that could not be set is reached by none.
    assert best(runs([[NAN, NAN]] * 2, [[2, 2], [1, 1]])) == [1]


def test_the_loss_may_decide_everywhere():
    measured = runs([[1, 1], [9, 9]], [[0.5, 0.5], [0.4, 0.4]])
    assert best(measured) == [0] and best(measured, by="loss") == [1]


def test_rows_are_chosen_among_those_of_their_point():
    measured = runs([[5, 5], [4, 4], [9, 9], [1, 1], [2, 2]])
    rows = rows_of_points(saved_rows(4, 4, 8, 16, 16))
    assert [own.tolist() for own in rows] == [[0, 1], [2], [3, 4]]
    assert best_rates(rows, measured, "time").tolist() == [1, 2, 3]


def simulated(seed, rates=3):
    generator = np.random.default_rng(seed)
    epochs = generator.integers(1, 10, size=(rates, REPLICATES)).astype(float)
    epochs[generator.random(epochs.shape) < 0.3] = INF
    return runs(epochs, generator.random(epochs.shape))


@pytest.mark.parametrize("by", ["time", "loss"])
@pytest.mark.parametrize("seed", range(3))
def test_each_run_of_a_draw_is_taken_at_the_rate_best_in_all_others(seed, by):
    """By writing the drawn runs out, one by one."""
    boot, measured = Bootstrap(REPLICATES), simulated(seed)
    choice = choose_rates(boot, saved_rows(4, 4, 4), measured, by)
    for draw in range(40):
        for left_out in range(REPLICATES):
            others = [
                replicate
                for replicate in range(REPLICATES)
                if replicate != left_out
                for _ in range(int(boot.counts[draw, replicate]))
            ]
            scores = []
            for epochs, losses in zip(measured["target_epoch"], measured[BEST_LOSS], strict=True):
                reached = [epochs[r] for r in others if np.isfinite(epochs[r])]
                time = sum(min(epochs[r], 10) for r in others)
                loss = sum(losses[r] for r in others)
                time = time / len(reached) if reached else INF
                scores.append((loss,) if by == "loss" else (time, loss))
            if all(score[0] == INF for score in scores):
                scores = [score[1:] for score in scores]
            expected = min(range(3), key=lambda rate: scores[rate][0])
            if boot.counts[draw, left_out] > 0:
                assert choice.drawn[0][draw, left_out] == expected


def test_no_run_is_reported_by_its_own_luck():
    """Rates alike, but each replicate reaches at once at one of them: no draw takes it there."""
    epochs = np.full((REPLICATES, REPLICATES), 8.0)
    np.fill_diagonal(epochs, 1)
    boot = Bootstrap(REPLICATES)
    choice = choose_rates(boot, saved_rows(*[4] * REPLICATES), runs(epochs), "time")
    value, drawn = choice.medians(boot, epochs)
    several = boot.counts.max(axis=1) < REPLICATES
    assert np.all(drawn[0][several] == 8)
    # What is said of all replicates is said of one rate.
    assert value == [8]


def test_a_grid_with_one_good_rate_is_as_that_rate_alone():
    measured = simulated(4, rates=1)
    hopeless = runs(np.full((1, REPLICATES), INF), np.full((1, REPLICATES), 9.0))
    both = {name: np.concatenate([hopeless[name], measured[name]]) for name in measured}
    both["target_epoch"][1, :] = [3, 4, 5, 3, 4, 9]
    boot = Bootstrap(REPLICATES)
    choice = choose_rates(boot, saved_rows(4, 4), both, "time")
    value, drawn = choice.medians(boot, both["target_epoch"])
    expected, expected_drawn = boot.medians(both["target_epoch"][1:])
    assert value == expected and choice.share(boot) == [1]
    np.testing.assert_array_equal(drawn, expected_drawn)
    np.testing.assert_allclose(
        choice.means(boot, both["target_epoch"])[1], boot.means(both["target_epoch"][1:])[1]
    )


def test_too_few_replicates_or_no_grid_draw_nothing():
    few, grid = Bootstrap(3), runs([[3, 3, 3], [2, 2, 2]])
    choice = choose_rates(few, saved_rows(4, 4), grid, "time")
    assert choice.drawn == {} and choice.value.tolist() == [1]
    choice = choose_rates(Bootstrap(REPLICATES), saved_rows(4, 8), simulated(5, rates=2), "time")
    assert choice.drawn == {} and np.isnan(choice.share(few)).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_median_of_each_draw_is_that_of_its_values(seed):
    generator, boot = np.random.default_rng(seed), Bootstrap(REPLICATES)
    values = generator.integers(0, 5, size=(len(boot.counts), REPLICATES)).astype(float)
    values[generator.random(values.shape) < 0.2] = NAN
    means = boot.mean_of_each_draw(values)
    later = np.where(generator.random(values.shape) < 0.2, INF, values)
    medians = boot.median_of_each_draw(later)
    for draw in range(100):
        times = boot.counts[draw].astype(int)
        np.testing.assert_equal(medians[draw], median(np.repeat(later[draw], times)))
        drawn = np.repeat(values[draw], times)
        known = drawn[~np.isnan(drawn)]
        np.testing.assert_equal(means[draw], known.mean() if len(known) else NAN)


@pytest.mark.parametrize(
    ("rate", "rates", "expected"),
    [
        (0.1, [0.1], None),
        (0.1, [0.1, 0.3, 1], "lowest"),
        (1, [0.1, 0.3, 1], "highest"),
        (0.3, [0.1, 0.3, 1], None),
    ],
)
def test_an_edge_is_where_a_better_rate_may_lie_beyond(rate, rates, expected):
    assert edge(rate, rates) == expected


def test_a_study_takes_another_rate_for_another_target():
    """At 0.1 all reach the loss 2 first, at 0.3 the loss 1."""
    soon_two, soon_one = [[2, 2, 2, 2, 1]] * 6, [[3, 3, 1, 1, 1]] * 6
    points = {("sgd", 4): {0.1: saved_point(soon_two), 0.3: saved_point(soon_one)}}

    def rate(**target):
        settings = SETTINGS | {"target": SETTINGS["target"] | target}
        study = Study(points, settings, 5, reference=4)
        [point] = study.answer()["points"]
        [soonest] = study.answer()["recipes"]["sgd"]["recommendation"]["candidates"]
        assert point["learning_rate"] == soonest["learning_rate"]
        return point["learning_rate"]

    assert rate(value=2.0) == 0.1 and rate(value=1.0) == 0.3
    # The best of what the rates set: both end at 1.
    assert rate(value="auto") == 0.3
