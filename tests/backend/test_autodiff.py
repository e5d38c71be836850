"""Gradients as each backend computes them."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_mtkd._backend import autodiff


def cubes(values, factor):
    return factor * ops.sum(values**3)


def test_a_compiled_function_gives_what_it_gives_by_itself():
    values = np.array([1.0, -2.0], "float32")
    assert float(autodiff.compiled(cubes)(values, 2.0)) == -14.0


def test_the_gradient_is_by_the_first_argument_alone():
    values = ops.convert_to_tensor([1.0, -2.0])
    found = autodiff.compiled_gradient(cubes)(values, ops.convert_to_tensor(2.0))
    np.testing.assert_allclose(found, [6.0, 24.0], rtol=1e-6)


def test_the_gradient_has_the_structure_of_the_argument_and_zeros_where_nothing_depends_on_it():
    values = [ops.convert_to_tensor([1.0, 2.0]), ops.convert_to_tensor([[3.0]])]
    found = autodiff.compiled_gradient(lambda both: ops.sum(both[0] ** 2))(values)
    assert len(found) == 2
    np.testing.assert_allclose(found[0], [2.0, 4.0])
    np.testing.assert_array_equal(found[1], [[0.0]])


@pytest.fixture
def _another_backend(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")


@pytest.mark.usefixtures("_another_backend")
@pytest.mark.parametrize(
    "ask",
    [lambda: autodiff.compiled_gradient(cubes), lambda: autodiff.step_by_rows(None, None)],
    ids=["compiled_gradient", "step_by_rows"],
)
def test_other_backends_are_refused_by_name(ask):
    with pytest.raises(ValueError, match=r"available on the TensorFlow and JAX.*Received: torch"):
        ask()


class Rows(keras.Model):
    """Two means of squares and the 1 that `step_by_rows` wants last."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(2, use_bias=False, kernel_initializer="ones")

    def call(self, x, training=False):
        return self.dense(x)

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        return ops.stack([*ops.unstack(ops.mean((y_pred - y) ** 2, axis=0)), ops.ones(())])

    def _combine(self, rows, values, weights, gradients_at):
        pairs = zip(rows[0], gradients_at(1, weights), strict=True)
        return [2 * one + 10 * other for one, other in pairs]

    def train_step(self, *args):
        return autodiff.step_by_rows(self, self._combine, *args)


def test_a_step_applies_what_is_made_of_the_rows():
    x, y = np.array([[1.0], [3.0]], "float32"), np.array([[0.0, 1.0], [2.0, 5.0]], "float32")
    model = Rows()
    model(x)
    model.compile(keras.optimizers.SGD(0.01))
    logs = model.train_on_batch(x, y, return_dict=True)
    # Of `mean((w x - y)^2)` by `w`, at 1: `mean(2 x (x - y))`.
    slopes = (2 * x * (x - y)).mean(axis=0)
    expected = 1.0 - 0.01 * np.array([2 * slopes[0], 10 * slopes[1]])
    np.testing.assert_allclose(np.array(model.dense.kernel)[0], expected, rtol=1e-5)
    assert logs["loss"] == pytest.approx(((x - y) ** 2).mean(axis=0).sum(), rel=1e-6)
