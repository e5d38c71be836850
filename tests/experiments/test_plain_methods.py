"""Methods without teachers, and of features or predictions: which ways each goes."""

from types import SimpleNamespace

import pytest

from keras_mtkd.distillation import FeatureDistillation, LogitDistillation
from keras_mtkd.experiments import METHODS, Settings

PROBLEM = SimpleNamespace(taps=("features",))


@pytest.mark.parametrize(
    ("name", "kinds", "weighted"),
    [
        ("uniform", [], None),
        ("mtlkd", [FeatureDistillation], True),
        ("logits", [LogitDistillation], True),
        ("mtlkd-fill", [FeatureDistillation], False),
        ("logits-fill", [LogitDistillation], False),
    ],
)
def test_what_each_distils_and_on_which_samples(name, kinds, weighted):
    method = METHODS[name]
    found = method.distillation(PROBLEM, Settings())
    assert [type(way) for way in found] == kinds
    assert {way.use_sample_weight for way in found} <= {weighted}
    assert method.callbacks(PROBLEM, {}, Settings(), 0) == []
    assert method.balancing(PROBLEM, {}, Settings()) is None
