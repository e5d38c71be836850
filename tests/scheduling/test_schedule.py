import inspect

import numpy as np
import pytest

from keras_mtkd.callbacks import SequentialDistillation
from keras_mtkd.scheduling import (
    complexity_from_losses,
    complexity_from_scores,
    distillation_queue,
    stage_starts,
    stage_weights,
    student_excess,
)
from keras_mtkd.scheduling.adaptive import adaptive_starts
from keras_mtkd.scheduling.complexity import student_gap
from keras_mtkd.scheduling.scales import loss_scales

QUEUE = [["a", "b"], ["c"], ["d"]]
# Equal stages of 30 epochs, in which what waits is off.
HARD = {"starts": [0, 10, 20], "waiting": (0.0, 0.0)}


@pytest.mark.parametrize("function", [stage_starts, stage_weights, adaptive_starts])
def test_defaults_are_those_of_the_callback(function):
    theirs = inspect.signature(SequentialDistillation).parameters
    for name, argument in inspect.signature(function).parameters.items():
        if argument.default is not argument.empty and name in theirs and name != "complexity":
            assert argument.default == theirs[name].default, name


class TestComplexity:
    def test_scores(self):
        result = complexity_from_scores({"a": 0.9, "b": 0.4})
        assert result == pytest.approx({"a": 0.1, "b": 0.6})
        for score in (0.0, 1.2):
            with pytest.raises(ValueError, match="score of 'a' must lie in"):
                complexity_from_scores({"a": score})

    def test_losses_have_no_unit(self):
        final, initial = {"a": 0.5, "b": 3.0, "c": 9.0}, {"a": 2.0, "b": 4.0, "c": 3.0}
        result = complexity_from_losses(final, initial)
        assert result == {"a": 0.25, "b": 0.75, "c": 1.0}
        scaled = complexity_from_losses({"a": 500.0}, {"a": 2000.0})
        assert scaled["a"] == result["a"]
        with pytest.raises(ValueError, match="'a' has no initial loss"):
            complexity_from_losses({"a": 1.0}, {})
        with pytest.raises(ValueError, match="must not be negative.*'a'"):
            complexity_from_losses({"a": -1.0}, {"a": 1.0})

    def test_gap(self):
        gaps = student_gap({"a": 2.0, "b": 1.0, "c": 0.0, "d": 9.0}, {"a": 1.0, "b": 3.0, "c": 0.0})
        assert gaps == {"a": 0.5, "b": 0.0, "c": 0.0}

    def test_excess_has_no_unit(self):
        student, teacher, constant = (
            {"a": 3.0, "b": 1.0},
            {"a": 1.0, "b": 2.0},
            {"a": 8.0, "b": 4.0},
        )
        assert student_excess(student, teacher, constant) == {"a": 0.25, "b": 0.0}
        thousandfold = [{"a": 1000 * each["a"]} for each in (student, teacher, constant)]
        assert student_excess(*thousandfold) == {"a": 0.25}

    def test_excess_is_at_most_one(self):
        assert student_excess({"a": 9.0}, {"a": 1.0}, {"a": 2.0}) == {"a": 1.0}
        assert student_excess({"a": 0.0}, {"a": 0.0}, {"a": 0.0}) == {"a": 0.0}


class TestQueue:
    def test_complex_blocks_first(self):
        complexity = {"a": 0.2, "b": 0.4, "c": 0.9, "d": 0.1}
        assert distillation_queue(QUEUE, complexity) == [["c"], ["b", "a"], ["d"]]

    def test_ties_go_by_name(self):
        equal = dict.fromkeys("abcd", 0.5)
        assert distillation_queue(QUEUE[::-1], equal) == QUEUE

    def test_refusals(self):
        with pytest.raises(ValueError, match="'d' has no complexity"):
            distillation_queue(QUEUE, dict.fromkeys("abc", 0.5))
        with pytest.raises(ValueError, match="'a' is in two blocks"):
            distillation_queue([["a"], ["a"]], {"a": 1.0})
        with pytest.raises(ValueError, match="must not be empty"):
            distillation_queue([["a"], []], {"a": 1.0})


class TestStarts:
    def test_equal(self):
        assert stage_starts(QUEUE, 30, last_start=None) == [0, 10, 20]
        assert stage_starts(QUEUE, 10, last_start=None) == [0, 3, 7]
        assert stage_starts([["a"]], 5) == [0]

    def test_in_proportion_to_complexity(self):
        complexity = {"a": 0.5, "b": 0.7, "c": 0.3, "d": 0.1}
        assert stage_starts(QUEUE, 20, complexity, None) == [0, 12, 18]
        assert stage_starts(QUEUE, 30, dict.fromkeys("abcd", 0.0), None) == [0, 10, 20]

    def test_last_start_moves_all_stages_in_proportion(self):
        assert stage_starts(QUEUE, 40) == [0, 5, 10]
        assert stage_starts(QUEUE, 40, last_start=0.5) == [0, 10, 20]
        complexity = {"a": 0.3, "b": 0.3, "c": 0.1, "d": 0.9}
        assert stage_starts(QUEUE, 40, complexity, last_start=0.5) == [0, 15, 20]
        assert stage_starts([["a"]], 40, last_start=0.5) == [0]
        with pytest.raises(ValueError, match="Received: last_start=1.5"):
            stage_starts(QUEUE, 40, last_start=1.5)

    def test_fewer_epochs_than_blocks(self):
        assert stage_starts(QUEUE, 1) == [0, 0, 0]
        with pytest.raises(ValueError, match="Received: epochs=0"):
            stage_starts(QUEUE, 0)


def active(weights):
    return "".join(task for task, weight in sorted(weights.items()) if weight)


class TestWeights:
    @pytest.mark.parametrize(
        ("mode", "task_stages", "distillation_stages"),
        [
            ("cumulative", ["abcd", "abcd", "abcd"], ["ab", "abc", "abcd"]),
            ("strict", ["ab", "abc", "abcd"], ["ab", "abc", "abcd"]),
            ("exclusive", ["abcd", "abcd", "abcd"], ["ab", "c", "d"]),
        ],
    )
    def test_modes(self, mode, task_stages, distillation_stages):
        for epoch in range(30):
            task, distillation = stage_weights(QUEUE, epoch, 30, mode, **HARD)
            assert active(task) == task_stages[epoch // 10]
            assert active(distillation) == distillation_stages[epoch // 10]
            assert set(task.values()) | set(distillation.values()) <= {0.0, 1.0}

    def test_cycle_goes_round_step_by_step(self):
        seen = [stage_weights(QUEUE, step, 0, "cycle", waiting=(0, 0)) for step in range(6)]
        assert [active(task) for task, _ in seen] == ["ab", "c", "d"] * 2
        assert [active(distillation) for _, distillation in seen] == ["ab", "c", "d"] * 2

    @pytest.mark.parametrize("mode", ["cumulative", "strict", "exclusive", "cycle"])
    def test_one_block_is_mtlkd(self, mode):
        for epoch in (0, 3, 9):
            task, distillation = stage_weights([["a", "b"]], epoch, 10, mode)
            assert task == distillation == {"a": 1.0, "b": 1.0}

    @pytest.mark.parametrize("mode", ["cumulative", "strict"])
    def test_the_last_stage_is_mtlkd(self, mode):
        task, distillation = stage_weights(QUEUE, 29, 30, mode)
        assert task == distillation == dict.fromkeys("abcd", 1.0)

    def test_ramp(self):
        epochs = range(9, 15)
        values = [stage_weights(QUEUE, epoch, 30, ramp=3, **HARD)[1]["c"] for epoch in epochs]
        assert values == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
        assert stage_weights(QUEUE, 0, 30, ramp=3)[1]["a"] == 1.0
        strict = stage_weights(QUEUE, 10, 30, ramp=1, **HARD)
        assert strict[0]["c"] == strict[1]["c"] == 0.5

    @pytest.mark.parametrize("mode", ["cumulative", "strict", "exclusive", "cycle"])
    def test_waiting_weights_replace_zeros(self, mode):
        hard = stage_weights(QUEUE, 4, 30, mode, waiting=(0.0, 0.0))
        soft = stage_weights(QUEUE, 4, 30, mode, waiting=(0.1, 0.25))
        for one, other, least in zip(hard, soft, (0.1, 0.25), strict=True):
            assert other == {task: weight or least for task, weight in one.items()}

    def test_starts_can_be_given(self):
        given = {"starts": [0, 4, 30], "waiting": (0.0, 0.0)}
        assert active(stage_weights(QUEUE, 4, 30, **given)[1]) == "abc"

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received: mode='slow'"):
            stage_weights(QUEUE, 0, 10, "slow")
        with pytest.raises(ValueError, match="Received: ramp=-1"):
            stage_weights(QUEUE, 0, 10, ramp=-1)
        with pytest.raises(ValueError, match=r"Received: waiting=\(-1, 0\)"):
            stage_weights(QUEUE, 0, 10, waiting=(-1, 0))


class TestLossScales:
    def test_powers(self):
        losses = {"a": 0.25, "b": 4.0}
        assert loss_scales(losses, 0.0) == {"a": 1.0, "b": 1.0}
        scales = loss_scales(losses, 1.0)
        assert scales["a"] * 0.25 == pytest.approx(scales["b"] * 4.0)
        assert sum(scales.values()) == pytest.approx(2.0)
        assert all(np.isfinite(list(loss_scales({"a": 0.0, "b": 1.0}, 1.0).values())))

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received for 'a': -1"):
            loss_scales({"a": -1.0}, 0.5)
        with pytest.raises(ValueError, match="Received: power=2"):
            loss_scales({"a": 1.0}, 2)


class TestAdaptive:
    def test_next_block_joins_when_the_gap_stops_shrinking(self):
        shrinking = [[g, 1.0] for g in np.linspace(0.9, 0.1, 20)]
        assert adaptive_starts(shrinking[:10], 2, 100) == [0]
        flat = shrinking[:5] + [shrinking[4]] * 2
        assert adaptive_starts(flat, 2, 100, patience=2) == [0, 7]
        assert adaptive_starts(flat, 2, 100, patience=3) == [0]

    def test_the_mean_of_all_current_blocks_counts(self):
        gaps = [[0.5, 1.0, 1.0]] * 2 + [[0.5, 0.9, 1.0], [0.5, 0.8, 1.0], [0.5, 0.7, 1.0]]
        assert adaptive_starts(gaps, 3, 100, patience=1) == [0, 2]

    def test_every_block_joins_in_time(self):
        gaining = [[1 - 0.02 * epoch] * 4 for epoch in range(40)]
        starts = adaptive_starts(gaining, 4, 40, last_start=0.75)
        assert starts == [0, 10, 20, 30]

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received: patience=0"):
            adaptive_starts([], 2, 10, patience=0)
        with pytest.raises(ValueError, match="Received: last_start=0"):
            adaptive_starts([], 2, 10, last_start=0.0)
