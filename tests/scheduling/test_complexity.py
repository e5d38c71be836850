import pytest

from keras_mtkd.scheduling import complexity_from_losses, complexity_from_scores, student_excess
from keras_mtkd.scheduling.complexity import student_gap


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
