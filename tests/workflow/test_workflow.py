"""The workflow as its users run it: which jobs a change reruns, and what a run leaves behind."""

import json
import re
import shutil
import signal

import jsonschema
import pandas as pd
import pytest
import yaml
from browser import open_browser, wait
from project import ROOT, TINY, append, copy_project, planned, snakemake, write_config
from reports import Report
from selenium.webdriver.common.by import By

from batchscope.results import METRICS, TEST, validation

ANALYSIS = {"convergence", "law", "summary", "summary_html", "page", "all"}
DOWNSTREAM = {*ANALYSIS, "learning_curves adam", "law_figure adam"}
# What follows a training.
AFTER_TRAIN = {"pace", *DOWNSTREAM}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the tiny study has been run."""
    folder = tmp_path_factory.mktemp("study")
    copy_project(folder)
    write_config(folder, TINY)
    snakemake(folder)
    return folder


@pytest.fixture
def study(finished):
    """The finished folder, with its files as they were put back after the test."""
    yield finished
    shutil.rmtree(finished / "workflow")
    copy = finished / "copy"
    copy.mkdir()
    copy_project(copy)
    shutil.move(copy / "workflow", finished / "workflow")
    shutil.rmtree(copy)
    write_config(finished, TINY)


def test_nothing_changed_plans_nothing(study):
    assert planned(study) == set()


def test_comment_in_the_config_plans_nothing(study):
    append(study / "config" / "config.yaml", "# a thought\n")
    assert planned(study) == set()


def test_touched_files_plan_nothing(study):
    for path in (study / "workflow").rglob("*"):
        path.touch()
    assert planned(study) == set()


def test_moved_project_plans_nothing(study):
    moved = study.rename(study.with_name("moved"))
    jobs = planned(moved)
    moved.rename(study)
    assert jobs == set()


def test_added_batch_size_trains_only_it(study):
    write_config(study, TINY | {"batch_sizes": [4, 16, 1024]})
    assert planned(study) == {"train adam 1024", *AFTER_TRAIN}


def test_removed_batch_size_trains_nothing(study):
    write_config(study, TINY | {"batch_sizes": [16]})
    assert planned(study) == AFTER_TRAIN


@pytest.mark.parametrize("exception", [{"epochs": 6}, {"learning_rate": 0.1}])
def test_override_trains_its_size_only(study, exception):
    write_config(study, TINY | {"overrides": {16: exception}})
    assert planned(study) == {"train adam 16", *AFTER_TRAIN}


def test_added_recipe_trains_only_it(study):
    sgd = {"name": "sgd", "optimizer": "SGD", "learning_rate": 0.1}
    write_config(study, TINY | {"recipes": [*TINY["recipes"], sgd]})
    assert planned(study) == {
        "train sgd 4",
        "train sgd 16",
        "learning_curves sgd",
        "law_figure sgd",
        "comparison",
        *AFTER_TRAIN,
    }


def test_more_updates_train_where_they_take_more_epochs(study):
    """Twenty samples in four epochs are 20 updates at batch size 4 and 8 at 16."""
    write_config(study, TINY | {"min_updates": 8})
    # Which show the config.
    assert planned(study) == {"page", "summary_html", "all"}
    write_config(study, TINY | {"min_updates": 20})
    assert planned(study) == {"train adam 16", *AFTER_TRAIN}


def test_a_rule_trains_where_it_changes_the_learning_rate(study):
    rule = {"rule": "linear", "value": 0.01, "reference_batch_size": 4}
    write_config(study, TINY | {"recipes": [TINY["recipes"][0] | {"learning_rate": rule}]})
    assert planned(study) == {"train adam 16", *AFTER_TRAIN}


@pytest.mark.parametrize("definition", [{"target": {"value": 0.5}}, {"stable": {"band": 0.1}}])
def test_convergence_setting_trains_nothing(study, definition):
    write_config(study, TINY | {"convergence": definition})
    assert planned(study) == DOWNSTREAM


def test_raised_replicates_train_everything(study):
    trained = {"train adam 4", "train adam 16"}
    assert planned(study, "--config", "replicates=3") == trained | AFTER_TRAIN


def test_changed_dataset_reruns_everything(study):
    dataset = TINY["dataset"] | {"train_size": 24}
    write_config(study, TINY | {"dataset": dataset})
    assert planned(study) == {"dataset", "train adam 4", "train adam 16", *AFTER_TRAIN}


EVERY_TRAINING = {"train adam 4", "train adam 16", *AFTER_TRAIN}
RENAMED = {job.replace("adam", "renamed") for job in EVERY_TRAINING}
ADAM = TINY["recipes"][0]
DENSE = TINY["model"]["layers"][0]


@pytest.mark.parametrize(
    ("change", "jobs"),
    [
        ({"seed": 2}, EVERY_TRAINING),
        ({"epochs": 5}, EVERY_TRAINING),
        ({"model": {"layers": [{"Dropout": {"rate": 0.1}}, DENSE]}}, EVERY_TRAINING),
        # The job that checks the data has to know.
        ({"model": {"layers": [{"Flatten": {}}, DENSE]}}, {"dataset", *EVERY_TRAINING}),
        ({"batch_sizes": [16, 4]}, DOWNSTREAM),
        ({"recipes": [ADAM | {"name": "renamed"}]}, RENAMED),
        ({"recipes": [ADAM | {"optimizer": "AdamW"}]}, EVERY_TRAINING),
        ({"recipes": [ADAM | {"warmup_epochs": 1}]}, EVERY_TRAINING),
        ({"recipes": [ADAM | {"arguments": {"beta_1": 0.8}}]}, EVERY_TRAINING),
        ({"pathvars": {"results": "elsewhere"}}, {"dataset", *EVERY_TRAINING}),
        ({"devices": [{"price_per_hour": 1.0}]}, set()),
        ({"allow_missing": True}, set()),
        ({"min_updates": 0, "recipes": [ADAM | {"arguments": {}}], "convergence": {}}, set()),
    ],
    # The order of a set is another one in each process.
    ids=lambda value: " ".join(sorted(value)),
)
def test_a_change_reruns_what_the_table_says(study, change, jobs):
    """The table of config/README.md, where no other test has the line."""
    config = dict(reversed((TINY | change).items()))
    # In another order, which is no change.
    text = yaml.safe_dump(config, sort_keys=False)
    (study / "config" / "config.yaml").write_text(text)
    assert planned(study) == jobs


def test_edited_style_redraws_only(study):
    append(study / "workflow/scripts/batchscope/figures/style.mplstyle", "font.size: 10\n")
    assert planned(study) == {"learning_curves adam", "law_figure adam", "summary_html", "all"}


@pytest.mark.parametrize("file", ["page.js", "page.css", "page.html"])
def test_edited_page_writes_it_again_only(study, file):
    append(study / "workflow/scripts/batchscope/report/page" / file, "\n")
    assert planned(study) == {"page", "all"}


@pytest.mark.parametrize(
    ("module", "jobs"),
    [
        ("figures/learning_curves", {"learning_curves adam", "summary_html"}),
        ("figures/law_figure", {"law_figure adam", "summary_html"}),
        ("analysis/recommendation", {"summary", "summary_html", "page"}),
        ("analysis/law", {"law", "law_figure adam", "summary", "summary_html", "page"}),
        ("report/page/document", {"page"}),
        ("report/rendered", {"summary_html"}),
    ],
)
def test_edited_analysis_reruns_what_uses_it(study, module, jobs):
    append(study / f"workflow/scripts/batchscope/{module}.py", "\n# better\n")
    assert planned(study) == {*jobs, "all"}


def test_edited_pace_measures_again_and_trains_nothing(study):
    append(study / "workflow/scripts/batchscope/training/pace.py", "\n# better\n")
    assert planned(study) == AFTER_TRAIN


@pytest.mark.parametrize("module", ["training/trainer", "training/seeds", "config/recipe"])
def test_edited_trainer_trains_everything(study, module):
    append(study / f"workflow/scripts/batchscope/{module}.py", "\n# better\n")
    assert planned(study) == {"train adam 4", "train adam 16", *AFTER_TRAIN}


def test_configfile_stands_by_itself(study):
    """Neither replicates nor seed of config.yaml leak in: the schema's defaults hold."""
    write_config(study, TINY | {"seed": 7})
    other = {key: value for key, value in TINY.items() if key not in ("replicates", "seed")}
    other |= {"batch_sizes": [8], "pathvars": {"results": "results/other"}}
    (study / "other.yaml").write_text(yaml.safe_dump(other))
    expected = {"dataset", "train adam 8", *AFTER_TRAIN}
    assert planned(study, "--configfile", "other.yaml") == expected
    point = "results/other/train/adam/8"
    snakemake(study, f"{point}/runs.csv", "--configfile", "other.yaml")
    assert len(pd.read_csv(study / point / "runs.csv")) == 30
    assert json.loads((study / point / "job.json").read_text())["point"]["seed"] == 1


def test_wrong_config_stops_before_any_job(study):
    recipe = {"name": "adam", "optimizer": "Adam", "learning_rte": 0.01}
    write_config(study, TINY | {"recipes": [recipe]})
    done = snakemake(study, check=False)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "Did you mean learning_rate?" in output
    assert "Traceback" not in output
    assert "jobid" not in output


def test_run_leaves_the_contract_behind(finished):
    point = finished / "results/train/adam/16"
    history = pd.read_csv(point / "history.csv")
    assert list(history) == [
        "replicate",
        "epoch",
        "updates",
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
    ]
    assert history.groupby("replicate")["epoch"].apply(list).to_dict() == {
        1: [1, 2, 3, 4],
        2: [1, 2, 3, 4],
    }
    assert list(pd.read_csv(point / "runs.csv")) == [
        "replicate",
        "seed",
        "status",
        "epochs",
        "updates",
        "learning_rate",
        "train_seconds",
        "wall_seconds",
        "cpu_seconds",
        "resumed",
    ]
    job = json.loads((point / "job.json").read_text())
    dataset = json.loads((finished / "results/dataset/dataset.json").read_text())
    assert job["dataset_sha256"] == dataset["sha256"]
    assert job["threads"] == 1 and job["trained_by"] == "xla"
    assert len(pd.read_csv(finished / "results/summary/summary.csv")) == 2
    assert "<title>Which batch size to use</title>" in (finished / "results/study.html").read_text()
    figure = finished / "results/learning_curves/adam.png"
    assert figure.read_bytes().startswith(b"\x89PNG") and figure.stat().st_size > 20_000


def documented(file):
    """The columns or keys of a file in docs/outputs.md: name -> whether each study has it."""
    section = re.split(r"(?m)^## ", (ROOT / "docs/outputs.md").read_text())
    [text] = [part for part in section if part.startswith(f"`{file}`")]
    rows = re.findall(r"(?m)^\| `([^`]+)` \| [^|]*\| (.*) \|$", text)
    return {name: not meaning.startswith("Only with ") for name, meaning in rows}


# Their own keys are not documented one by one.
WHOLE = ("point", "arguments", "versions", "environment", "sha256")


def keys(mapping, prefix=""):
    """The keys of JSON, those of mappings below with a dot between."""
    for key, value in mapping.items():
        if isinstance(value, dict) and key not in WHOLE:
            yield from keys(value, f"{prefix}{key}.")
        else:
            yield prefix + key


@pytest.mark.parametrize(
    "file",
    [
        "train/{recipe}/{batch_size}/history.csv",
        "train/{recipe}/{batch_size}/runs.csv",
        "train/{recipe}/{batch_size}/job.json",
        "pace/pace.csv",
        "pace/pace.json",
        "dataset/dataset.json",
        "convergence/epochs.csv",
        "convergence/sensitivity.csv",
        "scaling/{recipe}.csv",
        "summary/summary.csv",
    ],
)
def test_every_column_is_documented(finished, file):
    path = finished / "results" / file.format(recipe="adam", batch_size=16)
    if path.suffix == ".json":
        columns = list(keys(json.loads(path.read_text())))
        # What decides a point is what the config says of it.
        columns = [column for column in columns if not column.startswith("point.")]
    else:
        columns = list(pd.read_csv(path, nrows=0))
    described = documented(file)
    always = {name for name in described if described[name] and not name.startswith("point.")}
    assert sorted(set(columns) - set(described)) == [], "add them to docs/outputs.md"
    assert sorted(always - set(columns)) == [], "docs/outputs.md has columns too many"


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_units_of_metrics_are_the_documented_ones(metric):
    text = (ROOT / "docs/outputs.md").read_text()
    columns = [metric.name, validation(metric), TEST + metric.name, f"best_{validation(metric)}"]
    units = {name: re.findall(rf"(?m)^\| `{name}` \| ([^|]+?) \|", text) for name in columns}
    assert {unit for found in units.values() for unit in found} == {metric.unit}
    # Trials and summaries are not told in every metric.
    assert all(units[name] for name in columns[:3])


def test_repeated_training_is_byte_identical(finished):
    history = finished / "results/train/adam/4/history.csv"
    before = history.read_bytes()
    snakemake(finished, "--force", "results/train/adam/4/history.csv")
    assert history.read_bytes() == before
    snakemake(finished)


def test_log_catches_everything_and_the_terminal_stays_readable(finished):
    done = snakemake(finished, "--force", "results/train/adam/4/history.csv")
    output = done.stdout + done.stderr
    log = (finished / "results/logs/train/adam/4.log").read_text()
    assert "XLA service" in log and "XLA service" not in output
    assert "run 2 of 2, epoch 4 of 4" in log and "run 2 of 2" not in output
    snakemake(finished)


def test_diverged_runs_are_results(study):
    """A huge learning rate: the workflow succeeds and says so in table and figure."""
    recipe = {"name": "sgd", "optimizer": "SGD", "learning_rate": 1e38}
    write_config(study, TINY | {"recipes": [recipe], "pathvars": {"results": "diverged"}})
    snakemake(study)
    runs = pd.read_csv(study / "diverged/train/sgd/4/runs.csv")
    assert runs["status"].eq("diverged").all()
    history = pd.read_csv(study / "diverged/train/sgd/4/history.csv")
    assert history.groupby("replicate")["epoch"].max().tolist() == runs["epochs"].tolist()
    epochs = pd.read_csv(study / "diverged/convergence/epochs.csv")
    statuses = epochs.groupby("definition")["status"].unique()
    # A target is set by the replicates that were completed.
    assert statuses.map(list).to_dict() == {"stable": ["diverged"], "target": ["no_target"]}
    assert epochs["epoch"].isna().all()
    summary = pd.read_csv(study / "diverged/summary/summary.csv")
    assert summary["diverged"].tolist() == [2, 2]
    assert "0/2, 2 diverged" in (study / "diverged/summary/summary.md").read_text()


# A process that has started TensorFlow may take 2 GiB more.
LIMITED = """

import resource

start = start_keras


def start_keras(threads):
    start(threads)
    import tensorflow as tf

    tf.zeros(1)
    status = Path("/proc/self/status").read_text()
    [used] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData")]
    limit = used * 2**10 + 2 * 2**30
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
"""


def test_what_does_not_fit_into_memory_is_a_result(study):
    """Two thousand samples at once times 250,000 units take 2 GB once, and more than once."""
    append(study / "workflow/scripts/batchscope/training/runtime.py", LIMITED)
    config = TINY | {
        "epochs": 1,
        "replicates": 1,
        "batch_sizes": [20, 2000],
        "dataset": TINY["dataset"]
        | {"arguments": {"n_samples": 2020, "random_state": 2}, "train_size": 2000},
        "model": {"layers": [{"Dense": {"units": 250_000}}, *TINY["model"]["layers"]]},
        "pathvars": {"results": "large"},
    }
    write_config(study, config)
    snakemake(study)
    statuses = {
        size: set(pd.read_csv(study / f"large/train/adam/{size}/runs.csv")["status"])
        for size in config["batch_sizes"]
    }
    assert statuses == {20: {"completed"}, 2000: {"out_of_memory"}}
    assert not (study / "large/train/adam/2000/failure.txt").exists()
    job = json.loads((study / "large/train/adam/2000/job.json").read_text())
    assert job["effective_batch_size"] == 2000 and job["peak_memory_mib"] > 100
    summary = pd.read_csv(study / "large/summary/summary.csv")
    assert summary["out_of_memory"].tolist() == [False, True]
    found = json.loads((study / "large/summary/recommendation.json").read_text())
    assert found["recipes"]["adam"]["recommendation"]["excluded"][-1] == {
        "recipe": "adam",
        "batch_size": 2000,
        "reason": "out_of_memory",
        "reached": 0,
        "same_as": None,
    }
    assert planned(study) == set()


def test_a_study_of_recipes_is_answered(study):
    """Fixed, by a rule and tuned: every file, strict JSON, every figure that summary.md shows."""
    rates = {
        "fixed": 0.01,
        "sqrt": {"rule": "sqrt", "value": 0.01, "reference_batch_size": 4},
        "tuned": {"grid": [0.1, 0.01]},
    }
    recipes = [TINY["recipes"][0] | {"name": n, "learning_rate": r} for n, r in rates.items()]
    config = TINY | {"recipes": recipes, "pathvars": {"results": "results/recipes"}}
    config |= {"batch_sizes": [16], "convergence": {"target": {"value": 100.0, "hold": 1}}}
    write_config(study, config)
    snakemake(study)
    results = study / "results/recipes"
    runs = {name: pd.read_csv(results / f"train/{name}/16/runs.csv") for name in rates}
    assert runs["sqrt"]["learning_rate"].tolist() == [0.02, 0.02]
    assert runs["tuned"]["learning_rate"].tolist() == [0.01, 0.01, 0.1, 0.1]
    # At 0.01 it is the very training that the other recipe is.
    fixed, tuned = (pd.read_csv(results / f"train/{n}/16/history.csv") for n in ("fixed", "tuned"))
    own = tuned[tuned.pop("learning_rate") == 0.01]
    pd.testing.assert_frame_equal(own.reset_index(drop=True), fixed)

    text = (results / "summary/recommendation.json").read_text()
    found = json.loads(text, parse_constant=pytest.fail)
    schema = study / "workflow/schemas/recommendation.schema.yaml"
    jsonschema.validate(found, yaml.safe_load(schema.read_text()))
    assert list(found["recipes"]) == list(rates)
    # Every replicate begins below a loss of 100, so all are candidates.
    overall = found["overall"]["recommendation"]
    assert len(overall["candidates"]) == len(found["points"]) == 3
    assert {c["expected_examples"]["value"] for c in overall["candidates"]} == {20}
    assert len(overall["cheapest"]["points"]) == 3
    assert all(point["peak_memory_mib"] > 100 for point in found["points"])
    # Both rates reach at once; of equal ones the smallest is taken.
    assert found["points"][2]["learning_rate"] == 0.01
    epochs = pd.read_csv(results / "convergence/epochs.csv")
    assert epochs.groupby(["recipe", "learning_rate"])["chosen"].all().to_dict() == {
        ("fixed", 0.01): True,
        ("sqrt", 0.02): True,
        ("tuned", 0.01): True,
        ("tuned", 0.1): False,
    }
    summary = (results / "summary/summary.md").read_text()
    figures = re.findall(r"\]\((.+?)\)", summary)
    assert len(figures) == 1 + 2 * 3 + 1
    assert all((results / "summary" / figure).resolve().is_file() for figure in figures)
    for name in rates:
        assert len(pd.read_csv(results / f"scaling/{name}.csv")) == 1
    report = Report(study)
    assert report.labels("Learning-rate maps") == {"tuned"}
    figures = {"Batch-size law", "Learning curves"}
    assert report.labels("Figures") == {(name, figure) for name in rates for figure in figures}
    assert {"Learning-rate map, tuned", "Batch-size law, sqrt"} <= report.labels("Tables")
    assert "a validation loss of 100 or better." in report.caption("comparison/recipes.png")
    assert "learning rate of the grid 0.01 and 0.1" in report.first_page
    assert "Malladi et al. 2022, " in report.first_page

    # The order of a grid is no setting.
    rates["tuned"] = {"grid": [0.01, 0.1]}
    config["recipes"] = [r | {"learning_rate": rates[r["name"]]} for r in recipes]
    write_config(study, config)
    assert planned(study) == {"summary", "summary_html", "page", "comparison", "all"}

    # Another way to choose trains nothing.
    config["convergence"] = config["convergence"] | {"choose_rate_by": "loss"}
    write_config(study, config)
    figures = {f"{rule} {name}" for rule in ("learning_curves", "law_figure") for name in rates}
    assert planned(study) == {
        *(
            "convergence",
            "law",
            "rate_map",
            "rate_map_figure tuned",
            "summary",
            "summary_html",
            "page",
            "comparison",
            "all",
        ),
        *figures,
    }


# The second training kills Snakemake and itself, at once.
KILLER = """
import os
import signal
from pathlib import Path

if any(Path("results/train").glob("*/*/job.json")):
    os.killpg(0, signal.SIGKILL)
"""


def test_kill_in_the_middle_loses_only_unfinished_points(tmp_path):
    copy_project(tmp_path)
    write_config(tmp_path, TINY | {"batch_sizes": [2, 4, 16]})
    append(tmp_path / "workflow/scripts/batchscope/training/__init__.py", KILLER)
    done = snakemake(tmp_path, "--cores", "1", check=False, start_new_session=True)
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    finished = {path.parent.name for path in tmp_path.glob("results/train/adam/*/job.json")}
    assert len(finished) == 1
    snakemake(tmp_path, "--unlock")
    lost = {"2", "4", "16"} - finished
    assert planned(tmp_path) == {f"train adam {size}" for size in lost} | AFTER_TRAIN


# A job says who its parent is.
PARENT = """
import os
from pathlib import Path

Path("parent.txt").write_text(Path(f"/proc/{os.getppid()}/cmdline").read_text())
"""


def test_no_shell_lies_between_snakemake_and_a_job(study):
    """It could die of a signal that the job survives, or leave the job behind."""
    append(study / "workflow/scripts/dataset.py", PARENT)
    write_config(study, TINY | {"pathvars": {"results": "results/parent"}})
    snakemake(study, "results/parent/dataset/dataset.json")
    assert (study / "parent.txt").read_text().split("\0")[1:3] == ["-m", "snakemake"]


def test_saved_results_of_other_settings_are_refused(study):
    """Snakemake's records are lost with a killed controller; the results speak for themselves."""
    records = study / ".snakemake"
    records.rename(study / "records")
    recipe = TINY["recipes"][0] | {"learning_rate": 0.7}
    write_config(study, TINY | {"recipes": [recipe]})
    done = snakemake(study, "--forcerun", "convergence", check=False)
    shutil.rmtree(records)
    (study / "records").rename(records)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "results/train/adam/16/history.csv: learning_rate 0.01, now 0.7" in output
    mend = "--forcerun results/train/adam/4/history.csv results/train/adam/16/history.csv"
    assert mend in output
    write_config(study, TINY)
    snakemake(study)


def test_error_that_would_come_again_is_tried_once(study):
    """The point is reported and the others are done; its later attempts end at once."""
    model = study / "workflow/scripts/batchscope/training/model.py"
    append(model, '\n\ndef build_optimizer(point):\n    raise ValueError("no such thing")\n')
    write_config(study, TINY | {"batch_sizes": [8], "pathvars": {"results": "failing"}})
    done = snakemake(study, "--retries", "2", check=False)
    assert done.returncode != 0
    assert (study / "failing/train/adam/8/failure.txt").read_text() == "ValueError: no such thing"
    log = (study / "failing/logs/train/adam/8.log").read_text()
    assert "not tried again" in log and "ValueError: no such thing" in log


@pytest.fixture
def whole(study):
    """The finished folder, with what a test before may have left unmade."""
    snakemake(study)
    return study


def test_the_report_has_the_answer_and_every_file(whole):
    report = Report(whole)
    tables = ("Summary", "Convergence of each run", "Convergence under other targets")
    assert report.categories.keys() == {"Answer", "Figures", "Tables"}
    assert report.labels("Answer") == {"Study page", "Summary"}
    assert report.labels("Figures") == {("adam", "Batch-size law"), ("adam", "Learning curves")}
    assert report.labels("Tables") == {*tables, "Seconds of an epoch", "Batch-size law, adam"}
    assert "batch size" in report.first_page.partition("Methods")[0]
    for part in (
        "make_blobs(n_samples=40",
        "trained 2 times for 4 epochs",
        "smallest and the larg",
    ):
        assert part in report.first_page
    # They are links to what is in the report.
    assert report.first_page.count("javascript:app.showResultInfo(") == 2
    assert "5% worse than the best one at batch size 32" in report.caption("law/adam.png")


def test_a_report_of_one_figure_needs_nothing_else(whole):
    report = Report(whole, "results/law/adam.png")
    assert "Figures" in report.categories and "several batch sizes" in report.first_page


def test_the_report_works_in_a_browser(whole):
    """Also what is higher than the window, or larger than a data URL may be."""
    report = Report(whole)
    page = next(path for path in report.results if path.endswith("study.html"))
    with open_browser() as browser:
        browser.get((whole / "report.html").as_uri())
        title = wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "h1.title"))[0]
        assert title.text == "Which batch size to use" and title.rect["y"] >= 0
        data = "return results[arguments[0]].data_uri"
        wait(browser, lambda: browser.execute_script(data, page).startswith("blob:"))
        browser.execute_script("app.showCategory('Answer')")
        view = wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "nav td a"))[0]
        view.click()
        browser.switch_to.frame(wait(browser, lambda: browser.find_element(By.TAG_NAME, "iframe")))
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#curves svg"))
        severe = [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]
        assert severe == []
