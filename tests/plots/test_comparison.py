import pytest
from experiments.test_compare import TestComparison
from matplotlib.figure import Figure

from keras_mtkd.plots import plot_comparison


def test_bars_are_the_changes():
    comparison = TestComparison().comparison()
    axes = plot_comparison(comparison)
    heights = [bar.get_height() for bar in axes.containers[-1]]
    assert heights == pytest.approx([0.0, 20.0, 10.0])
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["a", "b", "mean (Δ_MTL)"]


def test_axes_can_be_given():
    axes = Figure().subplots()
    assert plot_comparison(TestComparison().comparison(), axes) is axes
