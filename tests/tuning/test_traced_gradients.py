"""TensorFlow's list of gradients, with a stand-in where it is not loaded."""

import sys
from types import SimpleNamespace

import pytest
from helpers import BACKEND

from keras_mtkd.tuning.traced_gradients import forget_gradients

OPERATIONS = "tensorflow.python.framework.ops"


@pytest.fixture
def registered(monkeypatch):
    gradients = {"CustomGradient-1": "before", "MatMul": "of TensorFlow"}
    registry = SimpleNamespace(_registry=gradients)
    monkeypatch.setitem(sys.modules, OPERATIONS, SimpleNamespace(gradient_registry=registry))
    return gradients


def test_only_what_was_traced_inside_is_dropped(registered):
    with forget_gradients():
        registered["CustomGradient-2"] = "traced"
        registered["Own"] = "of the user"
    assert set(registered) == {"CustomGradient-1", "MatMul", "Own"}


def test_also_after_an_error(registered):
    with pytest.raises(KeyboardInterrupt), forget_gradients():
        registered["CustomGradient-2"] = "traced"
        raise KeyboardInterrupt
    assert set(registered) == {"CustomGradient-1", "MatMul"}


@pytest.mark.parametrize(
    "operations", [None, SimpleNamespace(), SimpleNamespace(gradient_registry=1)]
)
def test_without_such_a_list_nothing_happens(operations, monkeypatch):
    monkeypatch.setitem(sys.modules, OPERATIONS, operations)
    with forget_gradients():
        reached = True
    assert reached


@pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's own list")
def test_tensorflow_keeps_custom_gradients_on_that_list():
    import tensorflow as tf
    from tensorflow.python.framework import ops

    @tf.custom_gradient
    def same(x):
        return tf.identity(x), lambda upstream: upstream

    def found():
        return {name for name in ops.gradient_registry._registry if "CustomGradient" in str(name)}

    before = found()
    with forget_gradients():
        with tf.Graph().as_default():
            same(tf.constant(1.0))
        assert found() - before
    assert found() == before
