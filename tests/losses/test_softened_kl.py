import numpy as np
import pytest
from helpers import numeric_gradient
from scipy.special import expit, log_softmax

from keras_mtkd.losses import BinaryLogitKL, LogitKL
from losses.programs import with_gradient


def kl_oracle(teacher, student, temperature):
    t = log_softmax(np.asarray(teacher, "float64") / temperature, axis=-1)
    s = log_softmax(np.asarray(student, "float64") / temperature, axis=-1)
    return temperature**2 * (np.exp(t) * (t - s)).sum(-1)


def binary_oracle(teacher, student, temperature):
    p = expit(np.asarray(teacher, "float64") / temperature)
    q = expit(np.asarray(student, "float64") / temperature)
    values = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    return temperature**2 * values.mean(-1)


CASES = [(LogitKL, kl_oracle), (BinaryLogitKL, binary_oracle)]


@pytest.mark.parametrize(("loss", "oracle"), CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("shape", [(6, 5), (2, 3, 4, 5)], ids=str)
def test_values_of_the_formula(loss, oracle, temperature, shape):
    generator = np.random.default_rng(0)
    teacher, student = 2 * generator.normal(size=(2, *shape)).astype("float32")
    values = loss(temperature=temperature, reduction=None)(teacher, student)
    np.testing.assert_allclose(values, oracle(teacher, student, temperature), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("loss", "oracle"), CASES, ids=lambda case: case.__name__)
def test_gradient_of_the_formula(loss, oracle):
    generator = np.random.default_rng(1)
    teacher, student = generator.normal(size=(2, 3, 4))
    expected = numeric_gradient(lambda v: oracle(teacher, v, 2.0).mean(), student)
    _, result = with_gradient(loss(2.0))(teacher, student)
    np.testing.assert_allclose(result, expected, rtol=1e-3, atol=1e-5)


def test_gradient_survives_wide_gaps_between_logits():
    _, result = with_gradient(LogitKL(1.0))([[0.0, 40.0]], [[40.0, 0.0]])
    np.testing.assert_allclose(result, [[1.0, -1.0]], atol=1e-5)
    _, result = with_gradient(BinaryLogitKL(1.0))([[-40.0]], [[40.0]])
    np.testing.assert_allclose(result, [[1.0]], atol=1e-5)


def test_class_loss_ignores_a_shift_of_all_logits():
    teacher = np.random.default_rng(2).normal(size=(4, 3)).astype("float32")
    np.testing.assert_allclose(LogitKL(3.0)(teacher, teacher + 2.0), 0.0, atol=1e-5)


@pytest.mark.parametrize("loss", [LogitKL, BinaryLogitKL])
def test_probabilities_serve_as_well_as_logits(loss):
    generator = np.random.default_rng(3)
    teacher, student = generator.normal(size=(2, 4, 3)).astype("float32")
    squash = expit if loss is BinaryLogitKL else lambda z: np.exp(log_softmax(z, axis=-1))
    by_logits = loss(2.0)(teacher, student)
    by_probabilities = loss(2.0, from_logits=False)(squash(teacher), squash(student))
    assert float(by_probabilities) == pytest.approx(float(by_logits), rel=1e-4)


@pytest.mark.parametrize("loss", [LogitKL, BinaryLogitKL])
def test_certain_probabilities_stay_finite(loss):
    certain, wrong = np.array([[1.0, 0.0]], "float32"), np.array([[0.0, 1.0]], "float32")
    assert np.isfinite(float(loss(1.0, from_logits=False)(certain, wrong)))


@pytest.mark.parametrize("loss", [LogitKL, BinaryLogitKL])
@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_temperature_must_be_positive(loss, temperature):
    with pytest.raises(ValueError, match=r"`temperature` must be positive. Received"):
        loss(temperature)
