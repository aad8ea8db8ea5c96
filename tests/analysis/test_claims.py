"""The article's claims, judged on draws whose order is known."""

from types import SimpleNamespace

import numpy as np
import pytest
from saved import RECIPE, SETTINGS, Study, out_of_memory, saved_point

from batchscope.analysis.bootstrap import DRAWS, Bootstrap
from batchscope.analysis.claims import compare, judge_claims
from batchscope.analysis.interval import Interval
from batchscope.analysis.measurements import Estimate
from batchscope.results import METRICS

NAN, INF = np.nan, np.inf
MEASURES = ("seconds_per_epoch", "target_epoch", "stable_epoch", "final_val_accuracy")
CLAIMS = dict(zip(MEASURES, range(4), strict=True))


def measurements(measure, small, large, later_than=NAN, replicates=30, summaries=None):
    """Two points whose `measure` has the values `small` and `large` in the draws."""
    ones = np.ones((2, DRAWS))
    drawn = dict.fromkeys((*MEASURES, "target_updates"), ones)
    drawn[measure] = np.stack([np.resize(small, DRAWS), np.resize(large, DRAWS)]).astype(float)
    return SimpleNamespace(
        boot=Bootstrap(replicates),
        estimates={
            name: Estimate(np.median(values, axis=1), None, None, values)
            for name, values in drawn.items()
        },
        saved=[SimpleNamespace(shown=METRICS["accuracy"])],
        qualities=["final_val_accuracy"],
        interval=lambda measure, row: Interval(NAN, NAN, NAN, later_than),
        summaries=summaries,
    )


def judge(measure, small, large, **facts):
    """The claims about batch sizes 4 and 512 of which `measure` is known."""
    point = {"out_of_memory": False, "target": 0.4, "diverged": 0}
    points = [point | {"batch_size": 4}, point | {"batch_size": 512, "updates": 100} | facts]
    return judge_claims(measurements(measure, small, large, summaries=points), [0, 1])


@pytest.mark.parametrize(
    ("measure", "small", "large", "verdict", "holds"),
    [
        ("seconds_per_epoch", [4], [1], "larger", True),
        ("seconds_per_epoch", [1], [4], "smaller", False),
        ("seconds_per_epoch", [NAN], [1], "undecided", None),
        ("seconds_per_epoch", [NAN], [NAN], "no_seconds", None),
        ("target_epoch", [10], [20], "smaller", True),
        ("target_epoch", [20], [10], "larger", False),
        ("target_epoch", [10], [INF], "smaller", True),
        ("target_epoch", [INF], [INF], "undecided", None),
        ("stable_epoch", [10], [20], "smaller", True),
        # The quality is that of the large batch beside the other; a lower accuracy is worse.
        ("final_val_accuracy", [0.8], [0.7], "smaller", True),
        ("final_val_accuracy", [0.7], [0.8], "larger", False),
        ("final_val_accuracy", [NAN], [0.8], "not_completed", None),
    ],
)
def test_verdicts(measure, small, large, verdict, holds):
    claims = judge(measure, small, large)
    told = claims[CLAIMS[measure]]
    assert (told["measure"], told["verdict"], told["holds"]) == (measure, verdict, holds)
    sizes = [512, 4] if measure == "final_val_accuracy" else [4, 512]
    assert [told["one"], told["other"]] == sizes
    others = [claim["verdict"] for claim in claims if claim is not told]
    assert others == ["undecided"] * 3


def test_ratios_are_of_what_is_known():
    assert judge("seconds_per_epoch", [4], [1])[0]["ratio"] == 4
    assert judge("seconds_per_epoch", [4], [1])[0]["factor"] == 4
    assert judge("seconds_per_epoch", [1], [4])[0]["factor"] == 4
    unknown = judge("target_epoch", [4], [INF])[1]
    assert unknown["ratio"] is unknown["factor"] is None


def test_targets_that_do_not_compare():
    points = [
        {"batch_size": size, "out_of_memory": False, "target": None, "diverged": 0}
        for size in (4, 8)
    ]
    claims = judge_claims(measurements("stable_epoch", 1, 1, summaries=points), [0, 1])
    assert claims[1]["verdict"] == "no_target"


def test_few_replicates_prove_nothing():
    few = measurements("target_epoch", [10], [20], replicates=3)
    assert compare(few, 0, 1, "target_epoch") == 0


@pytest.mark.parametrize(
    ("updates", "budget"), [(100, "no_more"), (500, "no_more"), (1000, "more")]
)
def test_what_a_size_without_success_may_have_lacked(updates, budget):
    """Batch size 4 needs 500 updates; 512 never reaches."""
    points = {
        ("sgd", 4): saved_point([[2] * 249 + [1]] * 5),
        ("sgd", 512): saved_point([[2] * (updates // 2)] * 5),
    }
    fixed = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}
    study = Study(points, fixed)
    large = study.measurements.summaries[1]
    large["updates"] = updates
    [claim] = [c for c in told(study) if c["claim"] == "epochs_to_target"]
    assert claim["budget"] == budget
    large["diverged"] = 1
    [claim] = [c for c in told(study) if c["claim"] == "epochs_to_target"]
    assert claim["budget"] is None
    assert judge("target_epoch", [10], [20], updates=updates)[1]["budget"] is None


def told(study):
    return study.answer(RECIPE)["recipes"]["sgd"]["claims"]


@pytest.mark.parametrize("replicates", [6, 30])
def test_a_verdict_takes_all_draws_that_an_interval_holds(replicates):
    tail = Bootstrap(replicates).tail

    def verdict(share):
        smaller = int(share * DRAWS)
        draws = [10] * smaller + [30] * (DRAWS - smaller)
        study = measurements("target_epoch", draws, [20], replicates=replicates)
        return compare(study, 0, 1, "target_epoch")

    assert verdict(1 - 0.9 * tail) == -1 and verdict(1 - 1.1 * tail) == 0


def test_five_replicates_conclude_nothing_and_nine_nothing_of_means():
    def verdict(measure, replicates):
        study = measurements(measure, [1], [2], replicates=replicates)
        return compare(study, 0, 1, measure)

    assert [verdict("target_epoch", n) for n in (5, 6)] == [0, -1]
    assert [verdict("final_val_accuracy", n) for n in (9, 10)] == [0, -1]


def test_pairs_decide_even_where_their_spreads_overlap():
    """Every draw of one is below the same draw of the other."""
    draws = np.arange(DRAWS) / 100
    assert compare(measurements("target_epoch", draws, draws + 0.1), 0, 1, "target_epoch") == -1


@pytest.mark.parametrize(("reached", "verdict"), [(300, 0), (90, 1)])
def test_not_reached_means_later_than_its_own_last_epoch_only(reached, verdict):
    """One that was given 100 epochs is not slower than one that reached at 300 of 400."""
    study = measurements("target_epoch", [INF], [reached], later_than=98)
    assert compare(study, 0, 1, "target_epoch") == verdict


def test_what_did_not_fit_is_judged_nowhere():
    points = {("sgd", size): saved_point([[3, 1]] * 5) for size in (4, 64)}
    assert {claim["other"] for claim in told(Study(points, SETTINGS))} == {64, 4}
    points["sgd", 128] = out_of_memory(5)
    assert {claim["other"] for claim in told(Study(points, SETTINGS))} == {64, 4}
    del points["sgd", 4]
    assert told(Study(points, SETTINGS)) == []
