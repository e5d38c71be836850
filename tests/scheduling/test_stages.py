import pytest

from keras_mtkd.scheduling import stage_starts, stage_weights

QUEUE = [["a", "b"], ["c"], ["d"]]
# Equal stages of 30 epochs, in which what waits is off.
HARD = {"starts": [0, 10, 20], "waiting": (0.0, 0.0)}


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
