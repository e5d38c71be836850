import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_mtkd.plots import plot_gaps, plot_schedule, plot_similarity

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


class TestSchedule:
    def bars(self, axes):
        """Rows and epochs with distillation, and with hatching."""
        shown = [(round(p.get_y() + 0.35), int(p.get_x()), p.get_hatch()) for p in axes.patches]
        taught = {(row, epoch) for row, epoch, hatch in shown if hatch is None}
        return taught, {(row, epoch) for row, epoch, hatch in shown if hatch}

    def test_plan(self):
        plan = {"starts": [0, 2], "waiting": (0.0, 0.0)}
        taught, off = self.bars(plot_schedule(QUEUE, epochs=4, **plan))
        late = {(row, epoch) for row in (1, 2) for epoch in (2, 3)}
        assert taught == {(0, epoch) for epoch in range(4)} | late
        assert off == {(row, epoch) for row in (1, 2) for epoch in (0, 1)}

    def test_run(self):
        history = {f"{task}_task_weight": [1.0, 1.0] for task in "abc"}
        history |= {f"{task}_distillation_weight": [0.0, 0.5] for task in "abc"}
        taught, off = self.bars(plot_schedule(QUEUE, history=history))
        assert taught == {(0, 1), (1, 1), (2, 1)}
        assert not off

    def test_plan_or_run(self):
        with pytest.raises(ValueError, match="Pass `epochs`.* or `history`"):
            plot_schedule(QUEUE)


def test_gaps_of_validation_losses():
    history = {"a_loss": [9.0, 9.0], "val_a_loss": [2.0, 1.0], "val_b_loss": [4.0, 8.0]}
    axes = plot_gaps(history, {"a": 1.0, "b": 2.0})
    lines = {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
    assert lines == {"a": [0.5, 0.0], "b": [0.5, 0.75]}
