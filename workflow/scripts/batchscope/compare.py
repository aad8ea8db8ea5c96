"""Compares two finished studies on one page: python -m batchscope.compare A B compare.html"""

import argparse
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from batchscope.analysis.curves import chosen_points
from batchscope.analysis.differences import differences
from batchscope.analysis.drawn_curves import drawn_points, thinned_points
from batchscope.analysis.retarget import target_grids, targets_of, under_grids
from batchscope.analysis.shown import answer_of, most_on_page, shown_points
from batchscope.files import read_json, write_text
from batchscope.finished import point_names, read_made_from
from batchscope.integrity import read_table
from batchscope.report.differences import difference_sentences, difference_tables, setting_rows
from batchscope.report.page.content import page_content
from batchscope.report.page.document import study_page
from batchscope.report.page.merged import NAMES, merge_answers, merge_told, prefixed
from batchscope.saved_pace import read_pace
from batchscope.trained import read_points

# As many as the rule `page` has.
PROCESSES = 2


class Study(NamedTuple):
    """A finished study, from its folder: its points, each at the learning rate that is taken."""

    folder: Path
    made_from: dict
    answer: dict
    laws: dict
    rate_maps: dict
    saved: list
    pace: pd.DataFrame
    convergence: pd.DataFrame

    @property
    def settings(self):
        """`convergence` of its config."""
        return self.made_from["config"]["convergence"]

    def shown(self):
        """What a page of two studies shows of it: a Study of as many of its points."""
        most = max(1, most_on_page(self.answer["intervals"]["replicates"]) // 2)
        names = shown_points(map(_name, self.saved), self.answer, most)
        return self._replace(
            answer=answer_of(names, self.answer),
            saved=[point for point in self.saved if _name(point) in names],
        )


def read_study(folder):
    """Read a finished study.

    Raises:
        SystemExit: if there is none.
    """
    folder, made_from = Path(folder), read_made_from(folder)
    config, pace = made_from["config"], folder / "pace" / "pace.csv"
    names = point_names(folder, config)
    convergence = read_table(folder / "convergence" / "epochs.csv")
    laws, rate_maps = (
        {path.stem: read_table(path) for path in sorted((folder / name).glob("*.csv"))}
        for name in ("scaling", "rate_map")
    )
    return Study(
        folder,
        made_from,
        read_json(folder / "summary" / "recommendation.json"),
        laws,
        rate_maps,
        chosen_points(read_points(folder / "convergence" / "trained.npz", names), convergence),
        read_pace(pace if pace.is_file() else ""),
        convergence[convergence["chosen"]],
    )


def compare(studies, processes):
    """The text of a page that compares two studies.

    Args:
        studies: two of Study, A and B.
        processes: how many share the work.

    Raises:
        SystemExit: if they have nothing in common.
    """
    one, other = studies
    shared = [point for point in map(_name, one.saved) if point in map(_name, other.saved)]
    measured = [study.saved[0].metrics for study in studies]
    if not shared or measured[0] != measured[1]:
        raise SystemExit(
            f"{one.folder} and {other.folder}: expected a recipe of the same name with the same "
            "batch size in both, and the same metrics. Received "
            + " and ".join(
                f"{', '.join(study.answer['recipes'])} with {', '.join(m.name for m in own)}"
                for study, own in zip(studies, measured, strict=True)
            )
            + "."
        )
    found = differences(
        *((s.saved, s.pace, s.convergence, s.settings) for s in studies), names=shared
    )
    hold, metric = (one.settings["target"][key] for key in ("hold", "metric"))
    shown = [study.shown() for study in studies]
    saved = [point for study in shown for point in study.saved]
    points = drawn_points(saved, hold)
    grids = target_grids(points, one.convergence, one.settings)
    views = [
        under_grids(study.saved, study.pace, study.convergence, grids, processes) for study in shown
    ]
    answer = merge_answers([study.answer for study in shown])
    laws, rate_maps = (
        prefixed([getattr(study, name) for study in studies]) for name in ("laws", "rate_maps")
    )
    content = page_content(
        saved[0].shown,
        metric,
        thinned_points(points, targets_of(grids, metric, answer)),
        (answer, laws),
        {name: list(map(merge_told, *(own[name] for own in views))) for name in grids},
        rate_maps,
    )
    made_from = dict(zip(NAMES, (study.made_from for study in studies), strict=True))
    compared = {
        "folders": dict(zip(NAMES, (str(study.folder) for study in studies), strict=True)),
        "settings": setting_rows(*made_from.values()),
        "sentences": difference_sentences(found),
        "tables": difference_tables(found),
    }
    whole = merge_answers([study.answer for study in studies])
    return study_page(content, whole, hold, made_from, compared)


def _name(point):
    return point.recipe, point.batch_size


def main():
    """Write the page that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("a", help="results of a finished study, the folder with study.html")
    parser.add_argument("b", help="those of another one")
    parser.add_argument("page", help="the HTML file to write")
    given = parser.parse_args()
    try:
        studies = [read_study(folder) for folder in (given.a, given.b)]
    except ValueError as error:
        raise SystemExit(str(error)) from None
    write_text(given.page, compare(studies, PROCESSES))


if __name__ == "__main__":
    main()
