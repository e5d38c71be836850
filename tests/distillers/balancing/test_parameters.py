import pytest
from helpers import toy_losses, toy_model

import keras_mtkd as mtkd


def test_nothing_shared_to_balance_over_is_said():
    student = toy_model()
    for name in ("hidden", "features"):
        student.get_layer(name).trainable = False
    model = mtkd.MultiTaskDistiller(student, {}, balancing="pcgrad")
    balanced = mtkd.balancing.Balancing("pcgrad", level="parameters")
    model = mtkd.MultiTaskDistiller(student, {}, balancing=balanced)
    with pytest.raises(ValueError, match="No trainable weight is shared.*frozen"):
        model.compile("sgd", loss=toy_losses())
