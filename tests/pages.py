"""Study pages of made-up studies, put together by the library as the rule does."""

import functools
import math
from pathlib import Path
from unittest import mock

import answers
from saved import RECIPE, Study, saved_point

from batchscope.analysis import retarget
from batchscope.analysis.curves import chosen_points
from batchscope.analysis.drawn_curves import drawn_points
from batchscope.report.page.content import page_content
from batchscope.report.page.document import study_page

FILES = Path(answers.__file__).parents[1] / "workflow/scripts/batchscope/report/page"


class Page:
    """A page and what it was made from.

    Attributes:
        study: the `saved.Study`.
        target: `convergence.target` of its config.
        answer: what recommendation.json holds.
        content: what the page holds.
    """

    def __init__(self, study, recipes, target):
        self.study, self.target = study, target
        self.answer = study.answer(recipes)
        self.saved = saved = chosen_points(study.saved, study.convergence)
        self.convergence = study.convergence[study.convergence["chosen"]]
        hold, self.settings = target["hold"], {"choose_rate_by": "time", "target": target}
        self.points = drawn_points(saved, hold)
        self.content = page_content(
            saved[0].shown,
            target["metric"],
            self.points,
            (self.answer, {recipe: study.law(recipe) for recipe in self.answer["recipes"]}),
            self._grids(),
            {name: study.rate_map(name) for name in _tuned(study)},
        )

    def _grids(self):
        """Grids of fewer targets than a study has, since each takes as long as a small study."""
        with mock.patch.multiple(retarget, TARGETS=8, OTHER_TARGETS=6):
            study = self.study
            grids = retarget.target_grids(self.points, self.convergence, self.settings)
            return retarget.under_grids(self.saved, study.pace, self.convergence, grids)

    def html(self, provenance):
        """The text of the page."""
        return study_page(self.content, self.answer, self.target["hold"], provenance)


def _tuned(study):
    """The recipes with a grid."""
    return dict.fromkeys(p.recipe for p in study.saved if "learning_rate" in p.history)


@functools.cache
def page_of(name):
    """The Page of one of `STUDIES`."""
    return STUDIES[name]()


def of_answers(name, value="auto", reference=32):
    """The Page of a study of `answers`."""
    study, recipes = getattr(answers, name)()
    return Page(study, recipes, settings("val_loss", value, reference)["target"])


def settings(metric, value="auto", reference=16):
    """`convergence` of a config, of which this metric is all that is looked at."""
    made = answers.settings(value)
    made["target"] |= {"metric": metric, "reference_batch_size": reference}
    return made | {"stable": made["stable"] | {"metric": metric}}


def imported():
    """Runs of other lengths, trained elsewhere; of one batch size no training loss is known."""
    points = {}
    for size in (4, 16, 64):
        curves = answers.curves(size, 0.12, 6)
        own = [curve[: 60 - 9 * number] for number, curve in enumerate(curves)]
        points["sgd", size] = saved_point(own, seconds=math.nan, updates_per_epoch=-(-200 // size))
    points["sgd", 4][0]["loss"] = math.nan
    made = settings("val_loss")
    study = Study(points, made, jobs={name: _elsewhere(name[1]) for name in points}, reference=16)
    return Page(study, [{"name": "sgd"}], made["target"])


def regression():
    """A mean absolute error in thousands, test samples, and a network that draws random numbers."""
    metric = "val_mean_absolute_error"
    points, jobs = {}, {}
    for size in (4, 16, 64):
        history, runs = answers.point(size, rate=0.12, replicates=6)
        history = history.drop(columns=["accuracy", "val_accuracy"])
        squares = history["val_loss"] * 1e7
        history["loss"] = history["val_loss"] = squares
        history["mean_absolute_error"] = history[metric] = squares**0.5
        runs["test_loss"], runs["test_mean_absolute_error"] = 4.1e6, 2024.5
        points["adam", size] = history, runs
        jobs["adam", size] = answers.facts(
            size, trained_by="fit", random_layers=["Dropout", "</script>&"]
        )
    made = settings(metric)
    study = Study(points, made, answers.EPOCHS, jobs, reference=16, spread=0.01)
    return Page(study, [RECIPE[0] | {"name": "adam"}], made["target"])


def loss_alone():
    """One run of one batch size, trained elsewhere, of which the validation loss is known."""
    history, runs = saved_point(answers.curves(16, 0.12, 1), seconds=math.nan, updates_per_epoch=13)
    history = history.drop(columns=["accuracy", "val_accuracy"]).assign(loss=math.nan)
    made = settings("val_loss")
    study = Study({("sgd", 16): (history, runs)}, made, jobs={("sgd", 16): _elsewhere(16)})
    return Page(study, [{"name": "sgd"}], made["target"])


def _elsewhere(size):
    """job.json of an imported point."""
    names = ("device", "learning_rate", "peak_memory_mib", "trained_by", "random_layers")
    known = {"histories": [], "validation_samples": None, "seconds_per_epoch": None}
    facts = answers.facts(size, **dict.fromkeys(names), **known)
    facts["point"] |= {"epochs": None, "optimizer": None}
    return facts


# What pages are made of: one recipe, several, much that is missing, and data of other kinds.
STUDIES = {
    "one_recipe": functools.partial(of_answers, "one_recipe"),
    "common_target": functools.partial(of_answers, "common_target", 0.45),
    "much_missing": functools.partial(of_answers, "much_missing", reference=16),
    "imported": imported,
    "regression": regression,
    "loss_alone": loss_alone,
}
