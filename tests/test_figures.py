"""The figure's panels: how many, what they show, what they say."""

import warnings

import matplotlib
import numpy as np
import pytest
from saved import SETTINGS, saved_point

from batchscope.epochs import convergence_table
from batchscope.figures import learning_curves

matplotlib.use("agg")
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
    histories = {("sgd", size): point for size, point in points.items()}
    return learning_curves(histories, convergence_table(histories, SETTINGS))


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
    figure = draw({4: saved_point(FLAT), 512: saved_point([[2, 2]] * 3)})
    titles = [panel.get_title(loc="left") or panel.get_title() for panel in figure.axes]
    assert titles[0].startswith("batch 4 ·") and titles[1].startswith("batch 512 ·")
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def title(figure, index):
    panel = figure.axes[index]
    return panel.get_title(loc="left") or panel.get_title()


def test_titles_say_what_happened():
    figure = draw(
        {
            32: saved_point(FLAT, seconds=[0.05, 0.055, 0.06]),
            64: saved_point([[9, 9, 9, 9], [9, 9, 9, 1], [9, 9, 9, 9]], seconds=2),
        }
    )
    assert title(figure, 0) == "batch 32 · 0.055 s per run · reaches target at epoch 2"
    assert title(figure, 1) == "batch 64 · 2.0 s per run · target not reached (1 of 3)"


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
