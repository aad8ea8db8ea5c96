"""Imported trainings: runs of different lengths, and much that is not known."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from saved import SETTINGS, Study, job, saved_point

from batchscope.analysis.curves import point_curves
from batchscope.figures.comparison import comparison
from batchscope.figures.law_figure import law_figure
from batchscope.report.summary import summary_markdown

NAN = np.nan
SIZES = (4, 8, 32)


def imported(size, **facts):
    """What an import says in job.json."""
    unknown = dict.fromkeys(("device", "learning_rate", "tuning_seconds", "peak_memory_mib"))
    told = job(size, None) | unknown | {"histories": [], "validation_samples": None} | facts
    told["point"] |= {"optimizer": None}
    return told


def study(curves, recipes=("sgd",), target="auto"):
    """A study in which each batch size has the runs `curves` [replicates]."""
    points = {(name, size): saved_point(curves, seconds=NAN) for name in recipes for size in SIZES}
    settings = SETTINGS | {"target": SETTINGS["target"] | {"value": target}}
    return Study(points, settings, jobs={name: imported(name[1]) for name in points})


SHORT, LONG = [5, 4, 3], [5, 4, 3, 2, 2, 2]


def test_a_run_is_censored_at_its_own_end():
    found = study([LONG, SHORT], target=2).convergence
    of_target = found[(found["definition"] == "target") & (found["batch_size"] == 4)]
    assert of_target["status"].tolist() == ["reached", "not_reached"]
    assert of_target["last_epoch"].tolist() == [6, 3]


def test_a_curve_is_stable_by_its_own_last_epochs():
    """Alone, a run is what it is beside longer ones."""
    curves = [[5, 3, 3, 3], [5, 4, 3, 3, 3, 3], [5, 4, 3, 2, 1, 0.5, 0.5]]

    def stable(runs):
        found = study(runs).convergence
        own = found[(found["definition"] == "stable") & (found["batch_size"] == 4)]
        return own["epoch"].tolist()

    assert stable(curves) == [2, 3, 6]
    assert stable(curves) == [epoch for curve in curves for epoch in stable([curve])]


def test_final_values_are_those_of_the_own_last_epoch():
    table = study([LONG, SHORT]).table
    assert table["final_val_loss"].tolist() == [2.5] * 3
    assert table["best_val_loss"].tolist() == [2.5] * 3


def test_epochs_are_told_only_where_all_runs_have_them():
    assert study([LONG, SHORT]).table[["epochs", "updates"]].isna().all(axis=None)
    same = study([SHORT, SHORT]).table
    assert same["epochs"].tolist() == [3] * 3 and same["updates"].tolist() == [6] * 3


def test_a_training_loss_that_is_not_known_hides_no_validation():
    own = study([LONG, SHORT])
    own.saved[0].history["loss"] = NAN
    curves = point_curves(own.saved[0], own.convergence)
    assert curves.validation.mean.tolist() == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.8, 0.8])


@pytest.mark.parametrize("recipes", [("sgd",), ("one", "two")])
def test_summary_says_nothing_that_is_not_known(recipes):
    own = study([LONG, SHORT], recipes, target=3)
    answer = own.answer([{"name": name} for name in recipes])
    assert answer["imported"] and answer["causes"] == []
    first = answer["recipes"][recipes[0]]
    assert first["recommendation"]["devices"] == []
    assert first["recommendation"]["soonest_missing"] == "seconds_unknown"
    text = summary_markdown(answer)
    assert "These trainings were done elsewhere" in text
    assert "runs of different lengths" in text
    for words in ("Trained on", "None", "nan", "due to", "per epoch |", "an unknown time"):
        assert words not in text
    # Of what a run cost nothing is known.
    assert "|   batch size |\n" not in text
    # That none are told, and why none is the soonest.
    assert len(re.findall("(?i)seconds", text)) == text.count("no seconds are told") + text.count(
        "Of no batch size that reaches the target reliably are seconds known"
    )
    assert answer["points"][0]["epochs"] is None


def test_figures_without_seconds_have_no_panel_of_them():
    own = study([LONG, SHORT], ("one", "two"), target=3)
    figure = law_figure(own.law("one"))
    titles = [panel.get_title(loc="left") or panel.get_title() for panel in figure.axes]
    assert titles == ["epochs to the target", "updates to the target"]
    figure = comparison(own.table)
    titles = [panel.get_title(loc="left") or panel.get_title() for panel in figure.axes]
    assert titles == ["epochs to the target", "best validation loss"]
    above = figure.axes[0]
    drawn = {tuple(line.get_ydata()) for line in above.lines if len(line.get_ydata()) == 3}
    assert (3.0, 3.0, 3.0) in drawn
    plt.close("all")
