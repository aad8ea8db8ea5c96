"""The study page as text: it needs nothing but itself, lets no text through as HTML, and its script
finds the epochs that Python finds."""

import copy
import html
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from pages import FILES, STUDIES, page_of

from batchscope.analysis.bootstrap import median
from batchscope.analysis.convergence import target_epoch
from batchscope.analysis.shown import answer_of
from batchscope.report.headline import headline, status
from batchscope.report.page.content import page_content
from batchscope.report.page.document import study_page
from batchscope.report.page.provenance import provenance

HOSTILE = (
    "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
    "\u2028{{ 7 * 7 }}&"
)


def element(page, identity):
    """The content of an element with an id, as its text."""
    [text] = re.findall(rf'<script type="application/json" id="{identity}">(.*?)</script>', page)
    return json.loads(text)


@pytest.fixture(scope="module", params=STUDIES)
def page(request):
    return page_of(request.param)


def test_the_content_comes_through_as_it_is(page):
    assert element(page.html({}), "content") == json.loads(json.dumps(page.content))


def test_nothing_is_fetched(page):
    text = page.html({})
    markup = re.sub(r"(?s)<script>.*?</script>", "", text)
    assert re.findall(r"<(?:script|link|img|iframe)[^>]* (?:src|href)=\"(?!data:)", markup) == []
    assert not re.search(r"@import|url\(", (FILES / "page.css").read_text())
    assert "default-src 'none'" in text
    assert len(text.encode()) < 3_000_000


def test_names_of_the_config_and_the_machine_are_text():
    page = page_of("one_recipe")
    answer = json.loads(json.dumps(page.answer))
    answer["recipes"]["adam"]["recommendation"]["devices"] = [HOSTILE]
    content = json.loads(json.dumps(page.content))
    content["points"][0]["cells"][0]["text"] = HOSTILE
    text = study_page(content, answer, 3, {"config": {HOSTILE: HOSTILE}, "device": HOSTILE})
    assert element(text, "content") == content
    assert "<img src=x" not in text and "hacked = 1</script>" not in text
    visible = html.unescape(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert visible.count("{{ 7 * 7 }}") >= 3


def test_every_definition_that_is_pointed_at_is_there(page):
    text = page.html({})
    pointed = set(re.findall(r'aria-describedby="([^"]+)"', text))
    assert pointed <= set(re.findall(r'<dd id="([^"]+)"', text))


def test_headlines():
    one = page_of("one_recipe").answer["recipes"]["adam"]
    text = headline(one["recommendation"], one["target"], 10, several=False)
    numbers = re.compile(r"\d[\d.]*\d")
    assert numbers.sub("#", text) == (
        "**Take batch size 8.** It reaches a validation loss of at most # soonest: a run takes an "
        "expected # (#–#) s of training, and # of # runs get there. The data do not rule out that "
        "batch size # is as good. The learning rate is #; at another one the answer may be another."
    )
    text = status(one["recommendation"], one["target"], several=False)
    assert numbers.sub("#", text) == (
        "4 of 7 batch sizes reach a validation loss of at most # in #% of their runs or more. "
        "Soonest: batch size 8."
    )

    several = page_of("common_target").answer
    target = several["recipes"]["sgd_tuned"]["target"]
    text = headline(several["overall"]["recommendation"], target, 6, several=True)
    assert text.startswith("**Take sgd_tuned at batch size ")
    assert "0.3, the best of those tried; the time of trying is not counted." in text


def test_a_headline_warns_of_the_smallest_size_tried():
    one = page_of("one_recipe").answer["recipes"]["adam"]["recommendation"]
    warning = " is the smallest tried: a smaller one may be better still."
    assert warning not in headline(one, {"metric": "val_loss", "value": 0.4}, 10, several=False)
    first = one["candidates"][0]
    assert first["batch_size"] == 4
    changed = one | {"soonest": one["soonest"] | {"points": [{"recipe": "adam", "batch_size": 4}]}}
    text = headline(changed, {"metric": "val_loss", "value": 0.4}, 10, several=False)
    assert text.endswith(f" 4{warning}")


def test_a_target_that_was_set_by_rule_is_told_with_its_rule():
    target = {"value": "auto", "tolerance": 0.05, "reference_batch_size": 40, "metric": "val_loss"}
    # The nearest size stands in for one that the study lacks.
    made_from = {"config": {"convergence": {"target": target}, "batch_sizes": [4, 32, 200]}}
    told = "set by rule: it is 5% worse than the best validation loss at batch size 32, the median"
    assert told in page_of("one_recipe").html(made_from)
    target["value"] = 0.4
    assert "set by rule" not in page_of("one_recipe").html(made_from)


def test_headlines_without_an_answer():
    recipes = page_of("much_missing").answer["recipes"]
    found = {
        name: headline(recipe["recommendation"], recipe["target"], 1, several=False)
        for name, recipe in recipes.items()
    }
    assert found["broken"] == "**No batch size can be recommended,** since no target could be set."
    none = recipes["fast"]["recommendation"] | {"soonest": None, "cheapest": None, "candidates": []}
    text = headline(none, recipes["fast"]["target"], 1, several=False)
    assert "none reaches a validation loss of at most" in text and "80% of its runs" in text
    no_seconds = recipes["fast"]["recommendation"] | {"soonest": None}
    text = headline(no_seconds, recipes["fast"]["target"], 1, several=False)
    assert "with the fewest examples" in text and " s of" not in text


def test_a_headline_of_one_batch_size_compares_nothing():
    recipe = page_of("loss_alone").answer["recipes"]["sgd"]
    text = headline(recipe["recommendation"], recipe["target"], 1, several=False)
    assert re.sub(r"\d[\d.,]*\d", "#", text) == (
        "**There is only batch size #.** It reaches a validation loss of at most #: a run takes an "
        "expected # examples, and 1 of 1 run gets there."
    )
    text = status(recipe["recommendation"], recipe["target"], several=False)
    assert text.startswith("1 of 1 batch size reaches a validation loss") and "its runs" in text


def test_the_map_holds_what_its_table_says():
    page = page_of("common_target")
    assert list(page.content["rate_maps"]) == ["sgd_tuned"]
    table, told = page.study.rate_map("sgd_tuned"), page.content["rate_maps"]["sgd_tuned"]
    assert told["rates"] == [0.1, 0.3]
    cells = told["measures"]["expected_epochs"]["cells"]
    for cell, row in zip(cells, table.to_dict("records"), strict=True):
        assert (cell["batch"], cell["x"]) == (row["batch_size"], row["learning_rate"])
        limits = [row[f"expected_epochs{part}"] for part in ("", "_low", "_high")]
        assert cell["limits"] == pytest.approx(limits, rel=1e-3)
    # The best of two rates is at an end of the grid.
    assert [(own["limits"][0], own["beyond"]) for own in told["best"]] == [(None, "highest")] * 3
    assert "Which learning rate" in page.html({})
    assert "Which learning rate" not in page_of("one_recipe").html({})


def test_a_map_of_a_recipe_that_is_not_shown_is_left_out():
    page = page_of("common_target")
    rows = [row for row, own in enumerate(page.answer["points"]) if own["recipe"] == "sgd_fixed"]
    names = [("sgd_fixed", page.answer["points"][row]["batch_size"]) for row in rows]
    content = page_content(
        page.saved[0].shown,
        page.target["metric"],
        [page.points[row] for row in rows],
        (answer_of(names, page.answer), {"sgd_fixed": page.study.law("sgd_fixed")}),
        {},
        {"sgd_tuned": page.study.rate_map("sgd_tuned")},
    )
    assert content["recipes"] == ["sgd_fixed"] and content["rate_maps"] == {}


def test_targets_of_their_own_are_told():
    own, page = "Each recipe has a target of its own", page_of("common_target")
    assert own not in page.html({})
    answer = copy.deepcopy(page.answer)
    answer["recipes"]["sgd_fixed"]["target"]["value"] = 0.5
    assert own in study_page(page.content, answer, 3, {})


def test_notes_say_how_the_study_was_trained():
    text = page_of("regression").html({})
    assert "Keras's own <code>fit</code> trained this study" in html.unescape(text)
    # The name of a layer is the user's.
    assert "(<code>Dropout</code> and <code>&lt;/script&gt;&amp;</code>)" in text
    assert "Test values are measured after the last epoch" in text
    text = page_of("imported").html({})
    assert "These trainings were done elsewhere" in text and "Test values" not in text


@pytest.mark.parametrize("name", ["imported", "loss_alone"])
def test_without_seconds_none_are_defined(name):
    text = page_of(name).html({})
    definitions = re.search(r"(?s)<dl>.*</dl>", text)[0]
    assert "seconds" not in definitions.lower() and "per epoch" not in definitions


def test_provenance_of_a_training_and_of_an_import():
    jobs = [
        {"device": "CPU", "threads": 1, "trained_by": way, "random_layers": [], "versions": {}}
        | {"environment": {}, "point": {"model": {"file": "model.py", "sha256": "ef"}}}
        for way in ("xla", "graph", "xla")
    ]
    made_from = provenance({"seed": 1}, {"sha256": "ab", "sizes": {"train": 3}}, jobs)
    assert made_from["trained_by"] == ["xla", "graph"] and made_from["device"] == "CPU"
    assert made_from["dataset"] == {"sha256": "ab", "sizes": {"train": 3}}
    assert made_from["model_file"] == {"sha256": "ef"}
    files = [{"file": "1.csv", "sha256": "c"}, {"file": "2.csv", "sha256": "d"}]
    made_from = provenance({"seed": 1}, None, [{"histories": [file]} for file in files])
    assert made_from == {"config": {"seed": 1}, "histories": files}


# Of each point and target, the epochs of its runs and their median.
UNDER_NODE = """
const epochs = require(process.argv[1] + "/epochs.js");
const given = JSON.parse(require("fs").readFileSync(0));
const text = (found) => [found.map(String), String(epochs.median(found))];
const found = given.points.map((point, i) =>
  given.targets[i].map((target) => text(epochs.ofPoint(point, given.metric, target, given.falls))),
);
process.stdout.write(JSON.stringify(found));
"""


def under_node(script, given):
    if not shutil.which("node"):
        pytest.skip("Node is not installed")
    done = subprocess.run(
        ["node", "-e", script, str(FILES)], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_script_finds_the_epochs_of_200_targets_that_python_finds(page):
    for metric in page.content["metrics"]:
        check_epochs(page, metric)


def check_epochs(page, metric):
    random, targets = np.random.default_rng(7), []
    curves = [saved.curves(metric) for saved in page.saved]
    for own in curves:
        values = own[np.isfinite(own)] if np.isfinite(own).any() else np.ones(1)
        # Half of them are values that curves have: equal is reached.
        targets.append(
            [*random.uniform(values.min(), values.max(), 100), *random.choice(values, 100)]
        )
    given = {"points": page.content["points"], "metric": metric, "targets": targets}
    answers = under_node(UNDER_NODE, given | {"falls": metric != "val_accuracy"})
    for saved, own, tried, found in zip(page.saved, curves, targets, answers, strict=True):
        for target, (epochs, middle) in zip(tried, found, strict=True):
            expected = target_epoch(own, metric, target, page.target["hold"])
            expected = np.where(saved.completed & np.isfinite(expected), expected, np.inf)
            if saved.out_of_memory:
                expected = np.full(len(expected), np.nan)
            np.testing.assert_array_equal(np.array(as_numbers(epochs)), expected)
            np.testing.assert_equal(as_numbers([middle])[0], float(median(expected)))


def as_numbers(texts):
    """Numbers as JavaScript writes them."""
    return [float(text.replace("Infinity", "inf")) for text in texts]


SORTED = """
const sorting = require(process.argv[1] + "/sorting.js");
const given = JSON.parse(require("fs").readFileSync(0));
const key = (row) => row;
const { sorted, csv } = sorting;
const found = [sorted(given.rows, key, false), sorted(given.rows, key, true)];
process.stdout.write(JSON.stringify([...found, csv(["a", "b"], given.csv)]));
"""


def test_rows_are_sorted_as_numbers_and_what_is_not_known_is_last():
    given = {"rows": [10, None, 9, 100], "csv": [[1.5, 'say "no", or\nnot'], [None, ""]]}
    rising, falling, text = under_node(SORTED, given)
    assert rising == [9, 10, 100, None] and falling == [100, 10, 9, None]
    assert text == 'a,b\n1.5,"say ""no"", or\nnot"\n,\n'
