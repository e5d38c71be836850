"""Where a relative change says little."""

import numpy as np
import pytest

from keras_mtkd import Task
from keras_mtkd.experiments.cautions import caution

UP = Task("kind", None, "mse", ["accuracy"])
DOWN = Task("depth", None, "mse", ["mae"])


def said(task, base, **changes):
    return caution(task, np.array(base), changes or {"MTLKD": -10.0}, "the teachers")


@pytest.mark.parametrize(
    ("task", "base", "reason"),
    [
        (UP, [0.0, 0.0], "is 0: nothing is relative to it, so there is no Δ_MTL"),
        (DOWN, [0.0], "is 0: nothing is relative to it"),
        (UP, [-0.12], "is −0.12, below 0: changes relative to it say little"),
        (UP, [0.01, 0.0102], "is 0.0101, near 0: small differences"),
        (UP, [0.2, 0.1], "varies by ±0.0707 from seed to seed"),
        (DOWN, [0.2, 0.1], "varies by ±0.0707 from seed to seed"),
        (UP, [np.nan, 0.5], "is not a number"),
    ],
)
def test_a_score_near_0_is_told(task, base, reason):
    assert reason in said(task, base)
    assert said(task, base).startswith(f"The {task.score} of the teachers")


def test_a_change_that_outweighs_all_others_is_told_with_its_method():
    told = said(DOWN, [1e-4, 1e-4], MTLKD=-150.0, SCD=-900.4, Lost=np.nan)
    assert "is 0.0001, small beside SCD's, a change of −900 %" in told


def test_a_teacher_far_behind_its_students_is_asked_about():
    """It answers in other units, or to another task."""
    told = said(DOWN, [40.4], MTLKD=98.0, SCD=97.0)
    assert "is 40.4, far behind MTLKD's, a change of +98 %. Is that what they answer to" in told
    assert "far behind MTLKD's, a change of +180 %" in said(UP, [0.3], MTLKD=180.0)
    assert said(DOWN, [0.5], MTLKD=40.0) is None
    assert said(UP, [0.4], MTLKD=60.0) is None


def test_an_ordinary_score_is_not_told():
    assert said(UP, [0.9, 0.8]) is None
    # Small, but errors have any unit.
    assert said(DOWN, [0.003, 0.0031]) is None
    assert said(DOWN, [0.5], MTLKD=np.nan) is None
    assert said(UP, [0.06]) is None
