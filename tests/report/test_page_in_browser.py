"""The study page in a real browser, opened from disk."""

import csv

import numpy as np
import pytest
from browser import open_browser, show, wait
from pages import STUDIES, page_of
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from batchscope.analysis.bootstrap import median
from batchscope.analysis.convergence import target_epoch
from batchscope.report.wording import count, number

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
SIZES = "return [...document.querySelectorAll('#table tbody th')].map((cell) => cell.textContent)"
CELLS = """return [...document.querySelectorAll('#table tbody tr')].map(
  (row) => [...row.cells].map((cell) => cell.textContent))"""
# A chart that is not shown need not be drawn.
ALL_DRAWN = """return [...document.querySelectorAll('.chart')].every(
  (chart) => chart.querySelector('svg') || !chart.offsetParent)"""


@pytest.fixture(scope="module")
def browser():
    browser = open_browser()
    yield browser
    browser.quit()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens the page of a study and waits for its charts; no page may have said anything amiss."""

    def open_page(name):
        page = page_of(name)
        path = tmp_path / "study.html"
        path.write_text(page.html({"config": {HOSTILE: HOSTILE}}))
        show(browser, 1280)
        browser.get(path.as_uri())
        wait(browser, lambda: browser.execute_script(ALL_DRAWN))
        return page

    yield open_page
    assert browser.get_log("browser") == []
    assert browser.execute_script("return window.hacked") is None


def find(browser, identity):
    return browser.find_element(By.ID, identity)


def press(browser, *keys):
    """Press keys on whatever has the focus."""
    ActionChains(browser).send_keys(*keys).perform()


def column(browser, label):
    """A column of the table, by its heading."""
    heads = browser.find_elements(By.CSS_SELECTOR, "#table thead button")
    index = [head.text for head in heads].index(label)
    return [row[index] for row in browser.execute_script(CELLS)]


def epochs_to(page, recipe, metric, value):
    """What the table says of a target, from the histories: (epochs, runs that reach)."""
    epochs, reached = [], []
    for point in page.saved:
        if point.recipe != recipe:
            continue
        own = target_epoch(point.curves(metric), metric, value, page.target["hold"])
        own = np.where(point.completed & np.isfinite(own), own, np.inf)
        middle = float(median(own))
        last = float(median(point.runs["epochs"])) - page.target["hold"] + 1
        epochs.append(count(middle) if np.isfinite(middle) else f"> {count(last)}")
        reached.append(f"{np.isfinite(own).sum()}/{len(own)}")
    return epochs, reached


@pytest.mark.parametrize("name", STUDIES)
def test_it_opens_and_says_the_answer(browser, opened, name):
    page = opened(name)
    own = page.content["own"]
    recipe = page.content["first_recipe"]
    said = own["overall"] or own["recipes"][recipe]
    shown = find(browser, "overall" if own["overall"] else "headline")
    assert shown.text == said["headline"].replace("**", "")
    panels = len(browser.find_elements(By.CSS_SELECTOR, ".panel"))
    assert panels == sum(point["recipe"] == recipe for point in page.content["points"])
    assert browser.execute_script(SIZES) == [
        str(point["batch_size"]) for point in page.content["points"] if point["recipe"] == recipe
    ]
    undefined = """return [...document.querySelectorAll('[aria-describedby]')]
      .map((one) => one.getAttribute('aria-describedby'))
      .filter((id) => !document.getElementById(id))"""
    assert browser.execute_script(undefined) == []
    assert all(
        chart.get_attribute("aria-label")
        for chart in browser.find_elements(By.CSS_SELECTOR, "[role=img]")
    )


def test_the_slider_moves_every_number_to_what_python_computed(browser, opened):
    page = opened("common_target")
    recipe, grids = page.content["first_recipe"], page.content["grids"]
    stops = {view["targets"][recipe]: view for view in grids["val_loss"]}
    stops[page.content["own"]["targets"][recipe]] = page.content["own"]
    slider = find(browser, "target")
    slider.send_keys(Keys.HOME)
    seen = []
    for value in sorted(stops, reverse=True):
        said = stops[value]["recipes"][recipe]
        wait(browser, lambda said=said: find(browser, "status").text == said["status"])
        assert slider.get_attribute("aria-valuetext") == said["target"]
        expected, reached = epochs_to(page, recipe, "val_loss", value)
        cells = column(browser, "epochs")
        assert [cell.split(" (")[0] for cell in cells] == expected
        assert column(browser, "runs that reach") == reached
        assert find(browser, "law").text == said["law"].replace("**", "")
        seen.append(tuple(cells))
        slider.send_keys(Keys.ARROW_RIGHT)
    assert len(set(seen)) > 5
    find(browser, "own").click()
    wait(
        browser,
        lambda: (
            slider.get_attribute("aria-valuetext")
            == page.content["own"]["recipes"][recipe]["target"]
        ),
    )


@pytest.mark.parametrize(
    ("name", "recipe", "metric", "value", "written"),
    [
        ("one_recipe", "adam", "val_loss", 0.51234, "at most 0.5123"),
        ("imported", "sgd", "val_loss", 0.45678, "at most 0.4568"),
        ("regression", "adam", "val_mean_absolute_error", 2123.4, "at most 2,123"),
        ("loss_alone", "sgd", "val_loss", 0.40123, "at most 0.4012"),
    ],
)
def test_a_typed_target_is_exact(browser, opened, name, recipe, metric, value, written):
    page = opened(name)
    box = find(browser, "value")
    box.clear()
    box.send_keys(str(value))
    wait(browser, lambda: find(browser, "between").is_displayed())
    expected, reached = epochs_to(page, recipe, metric, value)
    assert column(browser, "epochs") == expected
    assert column(browser, "runs that reach") == reached
    assert written in find(browser, "status").text
    # Without a number the last one stays.
    box.clear()
    assert column(browser, "epochs") == expected


@pytest.mark.parametrize("name", STUDIES)
def test_what_is_not_known_is_not_shown(browser, opened, name):
    page = opened(name)
    browser.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )
    text = browser.find_element(By.TAG_NAME, "body").text
    for word in ("undefined", "NaN", "null", "None", "Infinity", "[object"):
        assert word not in text
    heads = [head.text for head in browser.find_elements(By.CSS_SELECTOR, "#table thead button")]
    for head in heads:
        # Each column is known of some point, or under some target.
        assert set(column(browser, head)) != {"–"} or head.startswith("expected")
    timed = any(point["seconds_per_epoch"] for point in page.content["points"])
    assert timed == ("seconds" in heads) == ("ms per epoch" in heads)
    unit = browser.find_element(By.CSS_SELECTOR, "input[name=unit][value=seconds]")
    assert unit.is_displayed() == timed
    several = len(page.content["metrics"]) > 1
    assert find(browser, "metric").is_displayed() == several
    assert find(browser, "target-metric").is_displayed() == several
    show_runs = browser.find_element(By.CSS_SELECTOR, "input[name=show][value=runs]")
    assert show_runs.is_displayed() == (page.answer["intervals"]["replicates"] > 1)


def test_curves_of_runs_that_end_are_read_to_the_last(browser, opened):
    page = opened("imported")
    Select(find(browser, "metric")).select_by_value("val_accuracy")
    find(browser, "read").send_keys(Keys.END)
    wait(browser, lambda: find(browser, "read-values").text.startswith("At epoch 60,"))
    for point in page.saved:
        last = point.history.query("epoch == 60")["val_accuracy"].mean()
        assert f"{point.batch_size}: {number(last)}" in find(browser, "read-values").text


def test_another_metric_and_another_recipe(browser, opened):
    page = opened("common_target")
    find(browser, "target-metric").send_keys("validation accuracy")
    wait(browser, lambda: "validation accuracy" in find(browser, "status").text)
    find(browser, "recipe").send_keys("sgd_fixed")
    wait(browser, lambda: "sgd_fixed" in find(browser, "of-recipe").text)
    value = float(find(browser, "value").get_attribute("value"))
    expected, _ = epochs_to(page, "sgd_fixed", "val_accuracy", value)
    assert [cell.split(" (")[0] for cell in column(browser, "epochs")] == expected


def test_units_and_single_replicates_redraw(browser, opened):
    opened("one_recipe")
    curves, panel = find(browser, "curves"), browser.find_element(By.CSS_SELECTOR, ".panel")
    assert "seconds" in curves.get_attribute("aria-label")
    for unit in ("updates", "epoch"):
        browser.find_element(By.CSS_SELECTOR, f"input[name=unit][value={unit}]").click()
        wait(browser, lambda unit=unit: unit in curves.text)
        assert unit in curves.get_attribute("aria-label")
    lines = "return arguments[0].querySelectorAll('.mark-line path').length"
    before = browser.execute_script(lines, panel)
    browser.find_element(By.CSS_SELECTOR, "input[name=show][value=runs]").click()
    wait(browser, lambda: browser.execute_script(lines, panel) > before + 5)


def test_hovering_shows_values(browser, opened):
    opened("one_recipe")
    ActionChains(browser).move_to_element(find(browser, "curves")).move_by_offset(5, 0).perform()
    tooltip = "return document.querySelector('.vg-tooltip.visible')?.textContent"
    text = wait(browser, lambda: browser.execute_script(tooltip))
    assert "batch size" in text and "validation loss" in text and "undefined" not in text


def test_another_target_than_the_study_s_is_told_as_such(browser, opened):
    opened("one_recipe")
    assert not find(browser, "moved").is_displayed()
    find(browser, "target").send_keys(Keys.HOME)
    assert find(browser, "moved").is_displayed()
    find(browser, "own").click()
    assert not find(browser, "moved").is_displayed()


def test_sorting_by_keyboard(browser, opened):
    opened("one_recipe")
    browser.find_element(By.TAG_NAME, "h1").click()
    head = next(
        button
        for button in browser.find_elements(By.CSS_SELECTOR, "#table thead button")
        if button.text == "ms per epoch"
    )
    before = browser.execute_script(SIZES)
    browser.execute_script("arguments[0].focus()", head)
    press(browser, Keys.ENTER)
    wait(browser, lambda: "smallest first" in find(browser, "sorted").text)
    rising = [float(cell.split(" ")[0]) for cell in column(browser, "ms per epoch")]
    assert rising == sorted(rising) and browser.execute_script(SIZES) != before
    press(browser, Keys.ENTER)
    wait(browser, lambda: "largest first" in find(browser, "sorted").text)
    falling = [float(cell.split(" ")[0]) for cell in column(browser, "ms per epoch")]
    assert falling == rising[::-1]


def test_the_keyboard_reaches_everything(browser, opened):
    opened("common_target")
    browser.execute_script(
        """
        // Of radio buttons one is enough: arrows reach the others.
        const all = "button, select, summary, .scroll, input:not([type=radio]), input:checked";
        window.missing = new Set(document.querySelectorAll(all));
        for (const one of window.missing) if (!one.checkVisibility()) window.missing.delete(one);
        document.addEventListener("focusin", ({ target }) => window.missing.delete(target));
        """
    )
    expected = browser.execute_script("return window.missing.size")
    assert expected > 30
    browser.find_element(By.TAG_NAME, "h1").click()
    for _ in range(expected + 20):
        press(browser, Keys.TAB)
    missing = "return [...window.missing].map((one) => one.outerHTML)"
    assert browser.execute_script(missing) == []


def test_definitions_show_on_focus_and_go_on_escape(browser, opened):
    opened("one_recipe")
    browser.find_element(By.TAG_NAME, "h1").click()
    press(browser, Keys.TAB)
    tooltip, term = find(browser, "tooltip"), browser.switch_to.active_element
    assert term.text == "batch sizes"
    wait(browser, tooltip.is_displayed)
    definition = find(browser, term.get_attribute("aria-describedby"))
    assert tooltip.text == definition.text and "training samples" in definition.text
    press(browser, Keys.ESCAPE)
    wait(browser, lambda: not tooltip.is_displayed())


def test_curves_are_read_by_keyboard(browser, opened):
    page = opened("one_recipe")
    find(browser, "read").send_keys(Keys.HOME)
    wait(browser, lambda: find(browser, "read-values").text.startswith("At epoch 1,"))
    for point in page.content["points"]:
        value = number(point["curves"]["val_loss"]["mean"][0])
        assert f"{point['batch_size']}: {value}" in find(browser, "read-values").text


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_needs_no_scrolling_sideways(browser, opened, name, scheme):
    opened(name)
    show(browser, 375, scheme)
    width = "return document.querySelector('#curves svg').getBoundingClientRect().width"
    wait(browser, lambda: 0 < browser.execute_script(width) <= 375)
    browser.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true"
    )
    root = "const root = document.documentElement; return [root.scrollWidth, root.clientWidth]"
    content, screen = browser.execute_script(root)
    assert content <= screen <= 375
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize("name", ["common_target", "imported", "regression"])
def test_the_table_is_saved_as_csv(browser, opened, tmp_path_factory, name):
    page = opened(name)
    folder = tmp_path_factory.mktemp("csv")
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    if len(page.content["recipes"]) > 1:
        find(browser, "all-recipes").click()
    wait(browser, lambda: len(browser.execute_script(SIZES)) == len(page.content["points"]))
    find(browser, "download").click()
    path = folder / "study.csv"
    wait(browser, path.exists)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(page.content["points"])
    summary = page.study.table.set_index(["recipe", "batch_size"])
    for row in rows:
        own = summary.loc[(row["recipe"], int(row["batch_size"]))]
        for name in ("target_epoch", "target_epoch_low", "target_updates_high", "target_seconds"):
            found = float(row[name] or "nan")
            np.testing.assert_allclose(found, float(own[name]), rtol=1e-6)
        assert int(row["target_reached"]) == own["target_reached"]


def test_the_map_is_shown_of_recipes_with_a_grid(browser, opened):
    page = opened("common_target")
    choose = Select(find(browser, "recipe"))
    marks = """return [...document.querySelectorAll('#rates-section .chart')].map(
      (chart) => chart.querySelectorAll('.mark-symbol path').length)"""
    choose.select_by_value("sgd_fixed")
    assert not find(browser, "rates-section").is_displayed()
    choose.select_by_value("sgd_tuned")
    assert find(browser, "rates-section").is_displayed()
    told = page.content["rate_maps"]["sgd_tuned"]
    cells = [len(own["cells"]) for own in told["measures"].values()]
    # Symbols of the legend are of another kind.
    wait(browser, lambda: min(browser.execute_script(marks)) > 0)
    drawn = browser.execute_script(marks)
    assert [count >= own for count, own in zip(drawn, cells, strict=False)] == [True, True]
    sentences = find(browser, "rates-sentences").find_elements(By.TAG_NAME, "li")
    assert [s.text for s in sentences] == [s.replace("**", "") for s in told["sentences"]]
    label = find(browser, "rates-best").get_attribute("aria-label")
    assert label.startswith("Best learning rate against batch size, of sgd_tuned: ")
