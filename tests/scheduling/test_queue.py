import pytest

from keras_mtkd.scheduling import distillation_queue

QUEUE = [["a", "b"], ["c"], ["d"]]


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
