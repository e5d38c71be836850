import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_mtkd.plots import plot_similarity

QUEUE = [["b"], ["a", "c"]]


class TestSimilarity:
    MATRIX = np.array([[1.0, 0.1, 0.8], [0.1, 1.0, 0.2], [0.8, 0.2, 1.0]])

    def test_blocks_lie_together_and_are_framed(self):
        axes = plot_similarity(self.MATRIX, ["a", "b", "c"], blocks=QUEUE)
        assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a", "c"]
        shown = axes.images[0].get_array()
        np.testing.assert_allclose(shown, self.MATRIX[np.ix_([1, 0, 2], [1, 0, 2])])
        assert [line.get_xdata().tolist()[:2] for line in axes.lines] == [[-0.5, 0.5], [0.5, 2.5]]

    def test_without_blocks_on_given_axes(self):
        axes = Figure().subplots()
        assert plot_similarity(self.MATRIX, ["a", "b", "c"], axes=axes) is axes
        assert not axes.lines

    def test_blocks_must_hold_the_tasks(self):
        with pytest.raises(ValueError, match="must hold the tasks"):
            plot_similarity(self.MATRIX, ["a", "b", "c"], blocks=[["a"]])
