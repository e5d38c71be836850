"""What methods that look at gradients beside the weights have in common."""

import pytest

import keras_mtkd as mtkd
from keras_mtkd.balancing import FSMTL, Balancing, CoGrad, SingleGradientStep


def test_names_stand_for_them():
    for name, cls in {"cograd": CoGrad, "fs_mtl": FSMTL}.items():
        assert type(mtkd.balancing.get(name)) is cls
    assert mtkd.balancing.get("single_gradient_step").head_rate == 0.01


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Balancing("cograd", level="representation"), r"works at `level='parameters'`"),
        (lambda: Balancing("cograd", weight_heads=True), "`weight_heads=True` needs a method"),
        (lambda: Balancing("fs_mtl", record=True), "`record=True` needs a method"),
        (lambda: Balancing("fs_mtl", "hierarchical"), "`objectives='hierarchical'` needs a method"),
        (lambda: CoGrad(-1), "`strength` must"),
        (lambda: CoGrad(hessian="exact"), "`hessian` must be one of"),
        (lambda: FSMTL(rho=-1), "`rho` must"),
        (lambda: SingleGradientStep(rate=-1), "Rates must"),
    ],
)
def test_errors_say_what_was_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_refused_by_the_layer():
    with pytest.raises(TypeError, match="`ParameterMethod`"):
        from keras_mtkd.layers.parameter_aggregator import ParameterAggregator

        ParameterAggregator("cagrad", 2)
