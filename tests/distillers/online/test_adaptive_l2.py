import numpy as np
import pytest
from helpers import gradient, numeric_gradient
from keras import ops

from keras_mtkd.distillers.online.adaptive_l2 import AdaptiveL2
from keras_mtkd.losses import NormalizedL2

RANDOM = np.random.default_rng(0)
TEACHER = RANDOM.normal(size=(4, 3, 5)).astype("float32")
STUDENT = RANDOM.normal(size=(4, 3, 5)).astype("float32")


def oracle(teacher, student, sigma):
    """The formula as it stands, with unit vectors written out."""

    def unit(values):
        return values / np.sqrt((values**2).sum(-1, keepdims=True) + 1e-6)

    return ((unit(student) - sigma * unit(teacher)) ** 2).sum(-1)


def distance(sigma, **like):
    return AdaptiveL2(NormalizedL2(**like), ops.convert_to_tensor(sigma, dtype="float32"))


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.0, -0.5])
def test_value(sigma):
    found = distance(sigma)(TEACHER, STUDENT)
    assert float(found) == pytest.approx(oracle(TEACHER, STUDENT, sigma).mean(), rel=1e-5)
    each = distance(sigma, reduction=None)(TEACHER, STUDENT)
    np.testing.assert_allclose(each, oracle(TEACHER, STUDENT, sigma), rtol=1e-4)


def test_equals_normalized_l2_at_one():
    plain = float(NormalizedL2()(TEACHER, STUDENT))
    assert float(distance(1.0)(TEACHER, STUDENT)) == pytest.approx(plain, rel=1e-6)


def test_gradient_of_the_student():
    found = gradient(lambda values: distance(0.4)(TEACHER, values), STUDENT)
    expected = numeric_gradient(lambda values: oracle(TEACHER, values, 0.4).mean(), STUDENT)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_gradient_of_sigma():
    found = gradient(lambda sigma: distance(sigma)(TEACHER, STUDENT), 0.4)
    expected = numeric_gradient(lambda sigma: oracle(TEACHER, STUDENT, sigma).mean(), 0.4)
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("angle", [0.0, 0.5, 1.5, 3.0])
def test_the_best_sigma_is_the_cosine(angle):
    teacher = np.array([[1.0, 0.0]], "float32")
    student = 7 * np.array([[np.cos(angle), np.sin(angle)]], "float32")
    slope = gradient(lambda sigma: distance(sigma)(teacher, student), np.cos(angle))
    assert slope == pytest.approx(0.0, abs=1e-5)
    least = float(distance(np.cos(angle))(teacher, student))
    assert least == pytest.approx(1 - np.cos(angle) ** 2, abs=1e-5)
    for other in (-0.1, 0.1):
        assert float(distance(np.cos(angle) + other)(teacher, student)) > least + 5e-3


def test_no_gradient_of_the_student_at_zero_sigma_but_along_itself():
    found = gradient(lambda values: distance(0.0)(TEACHER, values), STUDENT)
    np.testing.assert_allclose(found, 0.0, atol=1e-6)
