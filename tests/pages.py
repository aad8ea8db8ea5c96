"""Study pages of made-up studies, put together by the library as the rule does."""

import functools
from pathlib import Path
from unittest import mock

import answers

from batchscope.analysis import retarget
from batchscope.analysis.drawn_curves import drawn_curves, last_epoch, point_staircases
from batchscope.report.page.content import page_content
from batchscope.report.page.document import study_page

FILES = Path(answers.__file__).parents[1] / "workflow/scripts/batchscope/report/page"

# What a page of a study of one recipe, of several, and of much that is missing is made from.
STUDIES = {
    "one_recipe": answers.one_recipe,
    "common_target": answers.common_target,
    "much_missing": answers.much_missing,
}


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
        saved, hold = study.saved, target["hold"]
        self.staircases = [point_staircases(point, hold) for point in saved]
        last = [last_epoch(point, hold) for point in saved]
        self.content = page_content(
            saved[0].shown,
            target["metric"],
            list(zip(drawn_curves(saved), self.staircases, last, strict=True)),
            (self.answer, {recipe: study.law(recipe) for recipe in self.answer["recipes"]}),
            self._grids(),
        )

    def _grids(self):
        """Grids of fewer targets than a study has, since each takes as long as a small study."""
        with mock.patch.multiple(retarget, TARGETS=8, OTHER_TARGETS=6):
            study = self.study
            return retarget.under_grids(
                study.saved, study.pace, study.convergence, self.target, self.staircases
            )

    def html(self, provenance):
        """The text of the page."""
        return study_page(self.content, self.answer, self.target["hold"], provenance)


@functools.cache
def page_of(name):
    """The Page of one of `STUDIES`."""
    study, recipes = STUDIES[name]()
    value = 0.45 if name == "common_target" else "auto"
    reference = 16 if name == "much_missing" else 32
    target = answers.settings(value)["target"] | {"reference_batch_size": reference}
    return Page(study, recipes, target)
