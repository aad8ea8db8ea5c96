"""Studies of many points: pictures that can be drawn and a page that can be opened, which say what
they leave out. Made up by benchmarks/scale.py, and run by the scripts of the rules."""

import importlib.util
import json
import re
import struct
from pathlib import Path
from unittest import mock

import pytest

from batchscope.analysis import drawn_curves, retarget, shown
from batchscope.figures import learning_curves

FILE = Path(__file__).parents[1] / "benchmarks" / "scale.py"
SPEC = importlib.util.spec_from_file_location("scale", FILE)
scale = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(scale)

# Matplotlib draws nothing that has so many pixels on a side.
TOO_LARGE = 2**16


def run(folder, sizes, stages):
    """Run stages of a study of one recipe in a folder: the folder of its results."""
    with (
        mock.patch.object(scale, "RECIPES", {"adam": scale.RECIPES["adam"]}),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.chdir(folder)
        made = scale.config(sizes, replicates=2, epochs=20)
        scale.write_config(folder, made)
        scale.write_study(folder, made)
        for stage in stages:
            scale.run_stage(stage)
    return folder / "results"


def test_the_curves_of_300_sizes_are_drawn_and_say_what_they_leave_out(tmp_path):
    with mock.patch.object(learning_curves, "PANELS", 4):
        small = run(tmp_path, 300, ("convergence", "learning_curves")) / "learning_curves"
    width, height = struct.unpack(">II", (small / "adam.png").read_bytes()[16:24])
    # Of all panels that are drawn at most, the height of each is half of that of these two rows.
    assert width < TOO_LARGE and height / 2 * learning_curves.PANELS < TOO_LARGE
    # Letters are drawn as curves, with the text beside them as a comment.
    assert "4 of 300 batch sizes are drawn" in (small / "adam.svg").read_text()


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The results of a study of 12 batch sizes, of which a page shows 4 evenly apart."""
    with (
        mock.patch.object(shown, "ON_PAGE", 4),
        mock.patch.object(drawn_curves, "RUNS", 1),
        # Each target takes as long as a small study.
        mock.patch.multiple(retarget, TARGETS=3, OTHER_TARGETS=2),
    ):
        stages = ("convergence", "law", "summary", "page")
        return run(tmp_path_factory.mktemp("large"), 12, stages)


@pytest.fixture
def content(study):
    return content_of((study / "study.html").read_text())


def content_of(text):
    """What a page holds."""
    [found] = re.findall(r'<script type="application/json" id="content">(.*?)</script>', text)
    return json.loads(found)


def test_the_page_says_what_it_leaves_out(study, content):
    sizes = [point["batch_size"] for point in content["points"]]
    assert {1, 12} <= set(sizes) and 4 <= len(sizes) < 12
    page = (study / "study.html").read_text()
    assert f"This page shows {len(sizes)} of 12 points" in page
    assert "Of the single replicates of each batch size the first is drawn." in page
    assert len(content["own"]["points"]) == len(sizes)
    assert content["grids"]
    for views in content["grids"].values():
        assert all(len(view["points"]) == len(sizes) for view in views)


def test_a_page_of_many_steps_holds_what_is_exact_at_its_targets(study, content, tmp_path):
    with (
        mock.patch.object(shown, "ON_PAGE", 4),
        mock.patch.object(drawn_curves, "STEPS", 1),
        mock.patch.multiple(retarget, TARGETS=3, OTHER_TARGETS=2),
    ):
        text = (
            run(tmp_path, 12, ("convergence", "law", "summary", "page")) / "study.html"
        ).read_text()
    thin, sentence = content_of(text), "this page holds the slider's targets alone"
    assert sentence in text and sentence not in (study / "study.html").read_text()
    assert content["any_target"] and not thin["any_target"]
    for metric, views in content["grids"].items():
        targets = [view["targets"]["adam"] for view in views]
        if metric == content["target_metric"]:
            targets.append(content["own"]["targets"]["adam"])
        falls = content["metrics"][metric]["falls"]
        for one, other in zip(thin["points"], content["points"], strict=True):
            runs = zip(one["staircases"][metric], other["staircases"][metric], strict=True)
            for (few, _), (all_steps, _) in runs:
                assert len(few) <= len(targets) <= len(all_steps)
            for target in targets:
                found, expected = (
                    epochs_at(p["staircases"][metric], target, falls) for p in (one, other)
                )
                assert found == expected


def epochs_at(staircases, target, falls):
    """When each run reaches a target, as the page's script finds it; None if it does not."""
    return [
        next(
            (e for e, v in zip(*own, strict=True) if (v <= target if falls else v >= target)), None
        )
        for own in staircases
    ]


def test_the_page_shows_what_the_answer_names(study, content):
    answer = json.loads((study / "summary" / "recommendation.json").read_text())
    soonest = answer["recipes"]["adam"]["recommendation"]["soonest"]["points"]
    assert {p["batch_size"] for p in soonest} <= {p["batch_size"] for p in content["points"]}
    # All points are in the tables.
    assert len(answer["points"]) == 12
