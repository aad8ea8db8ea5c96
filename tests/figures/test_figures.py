"""The figures: how many panels, what they show, what they say."""

import warnings

import numpy as np
import pandas as pd
import pytest
from saved import SETTINGS, Study, job, out_of_memory, saved_point

from batchscope.figures import drawing
from batchscope.figures.comparison import comparison
from batchscope.figures.law_figure import law_figure
from batchscope.figures.learning_curves import learning_curves
from batchscope.figures.rate_map import rate_map_figure

# isort: split
import matplotlib.pyplot as plt

NAN = np.nan
FLAT = [[2, 1, 1, 1]] * 3


@pytest.fixture(autouse=True)
def closed():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


def draw(points):
    study = Study({("sgd", size): point for size, point in points.items()}, SETTINGS)
    return learning_curves(study.saved, study.convergence)


@pytest.mark.parametrize(("sizes", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (3, 2, 2), (8, 4, 2)])
def test_a_panel_per_batch_size_and_no_empty_one(sizes, rows, columns):
    figure = draw({2**index: saved_point(FLAT) for index in range(sizes)})
    assert len(figure.axes) == sizes
    grid = figure.axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (rows, columns)
    for panel in figure.axes[-columns:]:
        assert panel.get_xlabel() == "epoch"
        assert panel.xaxis.get_tick_params()["labelbottom"]


def test_panels_are_in_reading_order_and_share_axes():
    figure = draw({4: saved_point(FLAT), 512: saved_point([[2] * 4] * 3)})
    titles = [panel.get_title(loc="left") or panel.get_title() for panel in figure.axes]
    assert titles[0].startswith("batch 4 ·") and titles[1].startswith("batch 512 ·")
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


@pytest.mark.parametrize("sizes", [(4,), (4, 8)])
@pytest.mark.parametrize("metric", ["val_loss", "val_mean_absolute_error"])
def test_the_legend_is_within_the_figure(metric, sizes):
    study = Study({("sgd", size): saved_point(FLAT) for size in sizes}, SETTINGS)
    convergence = study.convergence.replace({"metric": {"val_loss": metric}})
    figure = learning_curves(study.saved, convergence)
    figure.canvas.draw()
    [legend] = figure.legends
    extent = legend.get_window_extent()
    assert extent.x0 >= 0 and extent.x1 <= figure.bbox.width


def title(figure, index):
    panel = figure.axes[index]
    return panel.get_title(loc="left") or panel.get_title()


def test_titles_say_what_happened():
    figure = draw(
        {
            32: saved_point(FLAT, seconds=[0.04, 0.06, 0.08]),
            64: saved_point([[9, 9, 9, 9], [9, 9, 9, 1], [9, 9, 9, 9]], seconds=2),
        }
    )
    assert title(figure, 0) == "batch 32 · reaches target at epoch 2, after 0.030 s"
    assert title(figure, 1) == "batch 64 · target not reached (1 of 3)"


def test_unknown_seconds_are_in_no_title():
    figure = draw({32: saved_point(FLAT, seconds=NAN)})
    assert title(figure, 0) == "batch 32 · reaches target at epoch 2"


def test_lines_are_means_and_bands_percentiles():
    losses = [[4, 2], [5, 3], [9, 1]]
    figure = draw({4: saved_point(losses)})
    training = figure.axes[0].lines[0]
    np.testing.assert_allclose(training.get_ydata(), 1 - np.mean(losses, axis=0) / 10)
    band = figure.axes[0].collections[0].get_paths()[0].get_extents()
    assert band.ymax == pytest.approx(np.percentile(1 - np.array(losses) / 10, 90, axis=0).max())


def test_one_replicate_is_just_a_line():
    figure = draw({4: saved_point([[3, 2, 1]])})
    assert len(figure.axes[0].collections) == 0
    assert "replicates" not in "".join(text.get_text() for text in figure.legends[0].get_texts())


def test_diverged_replicates_are_drawn_up_to_there_and_counted():
    figure = draw({4: saved_point([[3, 2, 1], [3, NAN]])})
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [0.7, 0.8, 0.9])
    assert figure.axes[0].texts[0].get_text() == "1 of 2 diverged"


def test_everything_diverged_still_draws(tmp_path):
    figure = draw({4: saved_point([[NAN], [NAN]])})
    figure.savefig(tmp_path / "figure.png")
    assert figure.axes[0].texts[0].get_text() == "2 of 2 diverged"


def test_a_single_epoch_can_be_seen():
    assert draw({4: saved_point([[1]])}).axes[0].lines[0].get_marker() == "."


def test_runs_of_other_lengths_have_axes_of_their_own():
    figure = draw({4: saved_point(FLAT), 512: saved_point([[2] * 40] * 3)})
    assert figure.axes[0].get_xlim()[1] < 5 and figure.axes[1].get_xlim()[1] > 39
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_what_did_not_fit_has_an_empty_panel_that_says_so():
    figure = draw({32: saved_point(FLAT), 64: out_of_memory(3)})
    assert title(figure, 1) == "batch 64 · out of memory"
    assert not figure.axes[1].lines


TARGET = SETTINGS | {"target": SETTINGS["target"] | {"value": 1.0}}


def sweep(replicates=5, recipe="sgd"):
    """Sizes 4, 8 and 16 reach at epochs 2, 3 and 4 of 5; 64 never; 128 did not fit."""
    curves = {size: [2] * (index + 1) + [1] * (4 - index) for index, size in enumerate((4, 8, 16))}
    curves[64] = [2] * 5
    points = {(recipe, size): saved_point([curve] * replicates) for size, curve in curves.items()}
    return points | {(recipe, 128): out_of_memory(replicates)}


def draw_law(histories):
    return law_figure(Study(histories, TARGET, 5).law("sgd"))


def lines(panel, **properties):
    return [
        line
        for line in panel.lines
        if all(getattr(line, f"get_{name}")() == value for name, value in properties.items())
    ]


def test_the_law_has_three_panels_over_one_axis():
    figure = draw_law(sweep())
    titles = ["epochs to the target", "updates to the target", "seconds to the target"]
    assert [panel.get_title(loc="left") or panel.get_title() for panel in figure.axes] == titles
    for panel in figure.axes:
        assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
        assert panel.get_xlim() == figure.axes[0].get_xlim()
        assert panel.get_xlabel() == "effective batch size"
    # Two updates an epoch, and a second for five epochs.
    for panel, scale in zip(figure.axes, (1, 2, 0.2), strict=True):
        [measured] = lines(panel, marker="o")
        np.testing.assert_array_equal(measured.get_xdata(), [4, 8, 16])
        assert list(measured.get_ydata()) == pytest.approx([2 * scale, 3 * scale, 4 * scale])
        # An arrow at the end of the runs that did not get there; nothing where nothing was run.
        [later] = lines(panel, marker=r"$\uparrow$")
        assert (*later.get_xdata(), *later.get_ydata()) == (64, pytest.approx(5 * scale))


def test_perfect_scaling_starts_at_the_smallest_size_that_reached():
    figure = draw_law(sweep())
    for panel, expected in zip(
        figure.axes, ([2] * 5, [4, 2, 1, 0.25, 0.125], [0.4, 0.2, 0.1, 0.025, 0.0125]), strict=True
    ):
        [perfect] = lines(panel, linestyle="--")
        np.testing.assert_allclose(perfect.get_ydata(), expected)


def test_the_fitted_law_is_solid_within_the_sizes_that_reached_and_dotted_beyond():
    table = Study(sweep(), TARGET, 5).law("sgd")
    figure = law_figure(table)
    for panel, scale in zip(figure.axes, (0.5, 1, 0.1), strict=True):
        solid, dotted = (
            next(line for line in lines(panel, linestyle=style) if line.get_color() == "0.15")
            for style in ("-", ":")
        )
        expected = table["law_updates"].to_numpy() * scale
        np.testing.assert_array_equal(solid.get_xdata(), [4, 8, 16])
        np.testing.assert_allclose(solid.get_ydata(), expected[:3])
        np.testing.assert_allclose(dotted.get_ydata()[:4], expected[:4])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[-1] == "extrapolated" and any("fitted law" in text for text in texts)


def test_the_law_passes_a_size_at_which_all_runs_diverged():
    points = sweep()
    points["sgd", 64] = saved_point([[2, NAN]] * 5, seconds=1.0)
    table = Study(points, TARGET, 5).law("sgd")
    assert np.isnan(table["last_updates"][3])
    # Two updates an epoch, and half a second for each of its two epochs.
    for panel, scale in zip(law_figure(table).axes, (0.5, 1, 0.25), strict=True):
        [dotted] = [line for line in lines(panel, linestyle=":") if line.get_color() == "0.15"]
        assert dotted.get_ydata()[3] == pytest.approx(table["law_updates"][3] * scale)


def test_axes_are_limited_to_what_was_measured():
    figure = draw_law(sweep())
    for panel, scale in zip(figure.axes, (1, 2, 0.2), strict=True):
        low, high = panel.get_ylim()
        # From 2 epochs to the 5 of those that did not get there.
        assert scale < low < 2 * scale and 5 * scale < high < 8 * scale
    labels = [label.get_text() for label in figure.axes[2].get_yticklabels()]
    assert any(label.endswith(" ms") for label in labels)


def test_one_replicate_and_no_law_still_draw(tmp_path):
    for histories in (sweep(1), {("sgd", 4): saved_point([[2, 2]])}):
        draw_law(histories).savefig(tmp_path / "law.png")


def compared(recipes, rates=None):
    """The comparison of recipes of these optimizers, {name: optimizer}, on the same sweep, and at
    each of several learning rates."""
    points, jobs = {}, {}
    for recipe, optimizer in recipes.items():
        points |= sweep(recipe=recipe)
        for name in points:
            if name[0] == recipe:
                jobs[name] = job(name[1], 5)
                jobs[name]["point"]["optimizer"] = optimizer
    if rates:
        points = {name: dict.fromkeys(rates, own) for name, own in points.items()}
    return comparison(Study(points, TARGET, 5, jobs).table)


def test_the_comparison_has_a_column_per_optimizer_and_a_line_per_recipe():
    figure = compared({"sgd": "SGD", "adam": "Adam", "adam_tuned": "Adam"})
    assert [title(figure, index) for index in range(4)] == [
        "SGD: seconds to the target",
        "Adam: seconds to the target",
        "SGD: best validation loss",
        "Adam: best validation loss",
    ]
    above, below = figure.axes[1], figure.axes[3]
    assert above.get_yscale() == "log"
    names = [text.get_text() for text in below.get_legend().get_texts()]
    assert names == ["adam", "adam_tuned"]
    measured = lines(above, marker="o")[0], lines(above, marker="s")[0]
    for line in measured:
        assert list(line.get_ydata()) == pytest.approx([0.4, 0.6, 0.8])
    # The bars of the two recipes stand beside each other.
    assert np.less(*(line.get_xdata() for line in measured)).all()
    # Not reached at 64: an arrow at the end of its runs.
    later = lines(above, marker=r"$\uparrow$")
    assert [line.get_ydata().tolist() for line in later] == [[1.0], [1.0]]
    np.testing.assert_array_equal(lines(below, marker="o")[0].get_ydata(), [1, 1, 1, 2])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["median or mean over replicates, with its limits", "median is later than this"]


def test_many_recipes_of_one_optimizer_stand_in_several_columns():
    """Sixteen would need sixteen colours in one."""
    names = [f"adam_{index}" for index in range(16)]
    figure = compared(dict.fromkeys(names, "Adam"))
    columns = [axis.get_legend() for axis in figure.axes if axis.get_legend()]
    told = [[text.get_text() for text in legend.get_texts()] for legend in columns]
    assert told == [names[:6], names[6:12], names[12:]]
    assert title(figure, 1) == "Adam, part 2 of 3: seconds to the target"
    for legend in columns:
        handles = legend.legend_handles
        assert len({(h.get_color(), h.get_marker()) for h in handles}) == len(handles)
        assert len({h.get_color() for h in handles}) == len(handles)


def test_what_tuning_took_stands_beside_its_recipe():
    """Four sizes with five runs of a second each, at each of two rates that were not taken."""
    figure = compared({"sgd": "SGD"}, rates=[0.1, 0.3, 1.0])
    [name] = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert name == "sgd (tuning took 40 s)"


def test_one_line_joins_what_was_trained_on_two_devices():
    jobs = {("sgd", 16): job(16, 5, device="GPU: other")}
    above = comparison(Study(sweep(), TARGET, 5, jobs).table).axes[0]
    assert [line.get_xdata().tolist() for line in lines(above, linestyle="-")] == [[4, 8, 16]]


def test_targets_of_their_own_are_told_in_the_comparison():
    study = Study(sweep(), TARGET, 5)
    study.table["target"] = [1.0, 1.0, 1.0, 1.0, 2.0]
    figure = comparison(study.table)
    assert title(figure, 0).endswith(", each recipe's own target")


def draw_map(rates=(0.01, 0.1, 1.0)):
    """At 4 the middle rate is the soonest, at 8 the highest; at 4 the highest reaches never."""
    reach = {4: (3, 2, 9), 8: (4, 3, 2)}
    points = {}
    for size, epochs in reach.items():
        own = [
            saved_point([[2] * (e - 1) + [1] * (6 - e) if e < 6 else [2] * 5] * 5) for e in epochs
        ]
        points["sgd", size] = dict(zip(rates, own, strict=True))
    return rate_map_figure(Study(points, TARGET, 5).rate_map("sgd"))


def test_the_map_shows_each_rate_and_where_the_best_is():
    figure = draw_map()
    soonest, best_loss, best_rate = figure.axes
    curves = [line.get_xydata().tolist() for line in soonest.lines]
    assert curves == [[[0.01, 3], [0.1, 2]], [[0.01, 4], [0.1, 3], [1, 2]]]
    assert len(best_loss.lines) == 2
    # Of the grid the best is within it at 4, and at its end at 8.
    [later] = [line for line in lines(best_rate, marker=r"$\uparrow$") if len(line.get_xdata())]
    assert (*later.get_xdata(), *later.get_ydata()) == (8, 1)
    [known] = lines(best_rate, marker="o")
    assert known.get_xdata() == [4] and 0.01 < known.get_ydata()[0] < 0.1
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["batch 4", "batch 8"]


def test_the_same_figure_is_the_same_file(tmp_path):
    """Also under the settings of a user's matplotlibrc."""
    contents = []
    for name, settings in (("one", {}), ("two", {"font.family": "serif", "figure.dpi": 30})):
        paths = [tmp_path / f"{name}.{ending}" for ending in ("png", "svg")]
        with plt.rc_context(settings):
            drawing.save(lambda: draw({4: saved_point(FLAT)}), map(str, paths))
        contents.append([path.read_bytes() for path in paths])
    assert contents[0] == contents[1]


def test_of_many_recipes_some_are_drawn_and_the_picture_says_how_many():
    table = Study(sweep(), TARGET, 5).table
    many = [table.assign(recipe=f"recipe_{number}") for number in range(60)]
    figure = comparison(pd.concat(many, ignore_index=True))
    # Two rows of eight columns, of seven recipes each.
    assert len(figure.axes) == 16
    assert figure.legends[0].get_title().get_text() == "56 of 60 recipes are drawn"
    assert not comparison(table).legends[0].get_title().get_text()


def test_an_axis_names_some_of_many_batch_sizes():
    panel = plt.figure().subplots()
    drawing.label_batch_sizes(panel, np.arange(1, 301))
    named = [label.get_text() for label in panel.get_xticklabels()]
    assert (named[0], named[-1]) == ("1", "300") and len(named) <= drawing.TICKS
    drawing.label_batch_sizes(panel, [4, 8, 512])
    assert [label.get_text() for label in panel.get_xticklabels()] == ["4", "8", "512"]
