import pytest

from keras_mtkd.plots import plot_schedule

QUEUE = [["b"], ["a", "c"]]


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
