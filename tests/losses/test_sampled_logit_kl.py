import numpy as np
import pytest
from scipy.special import softmax

from keras_mtkd import losses
from losses.programs import with_gradient

GENERATOR = np.random.default_rng(0)
TEACHER = GENERATOR.normal(size=(2, 3, 6)).astype("float32") * 2
STUDENT = GENERATOR.normal(size=(2, 3, 6)).astype("float32")
EXACT = losses.LogitKL(temperature=1.0, reduction=None)


def test_unbiased():
    loss = losses.SampledLogitKL(samples=4, seed=0, reduction=None)
    batch = [np.tile(side, (300, 1, 1)) for side in (TEACHER, STUDENT)]
    calls = [np.array(loss(*batch)) for _ in range(2)]
    assert not np.array_equal(*calls)
    draws = np.concatenate(calls).reshape(-1, *TEACHER.shape[:2])
    exact = np.array(EXACT(TEACHER, STUDENT))
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert len(draws) == 600
    assert draws.shape[1:] == (2, 3)
    assert (np.abs(draws.mean(axis=0) - exact) < 5 * error).all()
    assert (draws.std(axis=0) > 0).all()


@pytest.mark.parametrize(("power", "temperature"), [(1.0, 1.0), (0.5, 1.0), (1.0, 3.0), (0.0, 2.0)])
def test_many_draws_give_the_divergence(power, temperature):
    loss = losses.SampledLogitKL(100_000, power, temperature, seed=0, reduction=None)
    exact = losses.LogitKL(temperature, reduction=None)(TEACHER, STUDENT)
    assert np.array(loss(TEACHER, STUDENT)) == pytest.approx(np.array(exact), rel=0.1, abs=0.05)


def test_gradient_is_that_of_the_drawn_soft_label():
    loss = losses.SampledLogitKL(samples=3, seed=0, reduction=None)
    teacher, student = TEACHER[0, :1], STUDENT[0, :1]

    def value(teacher, student):
        return losses.SampledLogitKL(samples=3, seed=0)(teacher, student)

    _, slope = with_gradient(value)(teacher, student)
    drawn = (softmax(student, -1) - slope)[0]  # the soft label, multiples of 1/3
    assert drawn.sum() == pytest.approx(1.0, abs=1e-5)
    assert drawn * 3 == pytest.approx(np.round(drawn * 3), abs=1e-4)
    assert float(np.array(loss(teacher, student))[0]) == pytest.approx(
        float((drawn * (np.log(softmax(teacher, -1)) - np.log(softmax(student, -1)))).sum()),
        rel=1e-4,
    )


def test_probabilities():
    pair = [softmax(side, -1) for side in (TEACHER, STUDENT)]
    one = losses.SampledLogitKL(5, from_logits=False, seed=2)(*pair)
    other = losses.SampledLogitKL(5, seed=2)(TEACHER, STUDENT)
    assert float(one) == pytest.approx(float(other), rel=1e-4)


@pytest.mark.parametrize("bad", [{"samples": 0}, {"power": -1.0}, {"temperature": 0.0}])
def test_bad_arguments(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        losses.SampledLogitKL(**bad)
