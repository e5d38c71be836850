import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_mtkd.callbacks import GradientDiagnostics
from keras_mtkd.plots import plot_gradients

COSINES = [
    np.array([[1.0, -0.25, 0.5], [-0.25, 1.0, 0.75], [0.5, 0.75, 1.0]]),
    np.array([[1.0, -0.9, np.nan], [-0.9, 1.0, np.nan], [np.nan, np.nan, np.nan]]),
]
LENGTHS = [np.array([2.0, 30.0, 0.1]), np.array([1.0, 20.0, 0.0])]


@pytest.fixture
def diagnostics():
    made = GradientDiagnostics()
    made.names = ["a", "b", "a_distillation"]
    made.cosines, made.lengths = COSINES, LENGTHS
    return made


def test_cosines_of_the_last_epoch(diagnostics):
    axes, _ = plot_gradients(diagnostics)
    np.testing.assert_array_equal(axes.images[0].get_array().filled(np.nan), COSINES[1])
    assert axes.images[0].get_clim() == (-1.0, 1.0)
    assert [label.get_text() for label in axes.get_yticklabels()] == diagnostics.names
    assert [text.get_text() for text in axes.texts] == ["-0.90", "-0.90"]
    assert axes.get_title().endswith("epoch 2")


def test_cosines_of_another_epoch_on_given_axes(diagnostics):
    given = Figure().subplots(1, 2)
    axes = plot_gradients(diagnostics, epoch=0, axes=given)
    assert axes is given
    np.testing.assert_array_equal(axes[0].images[0].get_array(), COSINES[0])
    assert axes[0].get_title().endswith("epoch 1")


def test_conflict_is_red_and_agreement_blue(diagnostics):
    image = plot_gradients(diagnostics)[0].images[0]
    red, _, blue, _ = image.cmap(image.norm(-0.9))
    assert red > 2 * blue
    red, _, blue, _ = image.cmap(image.norm(0.9))
    assert blue > 2 * red


def test_lengths_by_epoch(diagnostics):
    _, axes = plot_gradients(diagnostics)
    assert axes.get_yscale() == "log"
    assert all(tick == int(tick) for tick in axes.get_xticks())
    lines = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(lines["a"].get_xdata(), [1, 2])
    np.testing.assert_array_equal(lines["a"].get_ydata(), [2.0, 1.0])
    np.testing.assert_array_equal(lines["b"].get_ydata(), [30.0, 20.0])
    np.testing.assert_array_equal(lines["a_distillation"].get_ydata(), [0.1, np.nan])
    assert lines["a_distillation"].get_color() == lines["a"].get_color() != lines["b"].get_color()
    styles = [lines[name].get_linestyle() for name in diagnostics.names]
    assert styles == ["-", "-", "--"]


def test_before_training():
    with pytest.raises(ValueError, match="no epoch to draw"):
        plot_gradients(GradientDiagnostics())
