from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from keras_mtkd.distillation.head import Head
from keras_mtkd.distillation.training_step import TrainingStep


def test_nothing_is_known_of_head_and_features_at_first():
    step = TrainingStep(np.ones(2), {}, {}, {}, None)
    assert (step.features, step.head) == (None, Head())


def test_a_step_of_another_head_shares_the_batch():
    step = TrainingStep(np.ones(2), {"a": 1}, {"a": 2}, {"a": 3}, None, {"k": 4})
    other = replace(step, head=Head("class", True))
    assert step.head == Head()
    for name in ("x", "y", "y_pred", "sample_weight", "features"):
        assert getattr(other, name) is getattr(step, name)
    with pytest.raises(FrozenInstanceError):
        step.head = Head("class", True)
