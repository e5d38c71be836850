import pytest
from matplotlib import pyplot

from keras_mtkd.plots._axes import new_axes


def test_those_that_are_given():
    axes = object()
    assert new_axes(axes, (1, 2)) is axes


def test_one_on_a_figure_of_its_own():
    axes, other = new_axes(None, (3, 2)), new_axes(None, (3, 2))
    assert axes.figure is not other.figure
    assert axes.figure.get_size_inches().tolist() == [3, 2]
    assert axes.figure.axes == [axes]


def test_several_side_by_side_by_their_widths():
    left, right = new_axes(None, (6, 2), widths=(3, 1))
    assert left.figure is right.figure
    assert left.get_position().width == pytest.approx(3 * right.get_position().width)


def test_figures_are_none_of_pyplots():
    before = pyplot.get_fignums()
    new_axes(None, (1, 1))
    assert pyplot.get_fignums() == before
