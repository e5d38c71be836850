import numpy as np
import pytest
from balancing import loss_oracles as oracles
from balancing.gradient_sets import gradients, gram_of, step_of
from balancing.loss_sets import TASKS, losses, start
from balancing.published import LIBMTL

from keras_mtkd import balancing


@pytest.mark.parametrize("alpha", [0.0, 1.5])
def test_gradient_lengths_over_steps(alpha):
    method = balancing.GradNorm(alpha, 0.025)
    run, state = step_of(method), start(method)
    steps = [
        (gradients(seed, TASKS, scales=seed > 4) / 7, values.astype("float64"))
        for seed, values in enumerate(losses(9, 8))
    ]
    for (found, values), expected in zip(
        steps, oracles.gradient_normalised(steps, alpha, 0.025), strict=True
    ):
        weights, state = run(gram_of(found), values.astype("float32"), state)
        np.testing.assert_allclose(weights, expected, rtol=1e-4)
    np.testing.assert_allclose(state["first"], steps[0][1], rtol=1e-6)


@pytest.mark.traced
def test_gradient_lengths_become_equal_and_weights_stay_positive():
    method, scales = balancing.GradNorm(alpha=0.0, learning_rate=0.02), [1.0, 3.0, 10.0]
    run, state = step_of(method), start(method)
    for _ in range(200):
        weights, state = run(np.diag(np.square(scales)).astype("float32"), np.ones(3, "f"), state)
        assert np.all(weights > 0)
        assert weights.sum() == pytest.approx(TASKS, rel=1e-4)
    lengths = weights * scales
    np.testing.assert_allclose(lengths / lengths.mean(), 1, atol=0.15)


def test_gradient_lengths_leave_a_missing_task_and_rounding_alone():
    method = balancing.GradNorm()
    run = step_of(method)
    _, state = run(gram_of(gradients(0, 3)), losses(0)[0], start(method))
    before = state["weights"]
    missing = gram_of(gradients(1, 3) * np.array([[1], [0], [1]]))
    for gram, values in ((missing, losses(1)[0]), (gram_of(gradients(1, 3)), [1.0, 0.0, 2.0])):
        _, after = run(gram, np.array(values, "float32"), state)
        assert after["weights"][1] == before[1]
        assert after["weights"].sum() == pytest.approx(TASKS, rel=1e-5)
        assert after["weights"][0] != before[0]
    _, equal = run(0.1 * np.eye(3, dtype="float32"), np.full(3, 0.1, "float32"), start(method))
    np.testing.assert_array_equal(equal["weights"], np.ones(3))


def test_what_gradient_lengths_descend_is_the_published_one():
    case, method = LIBMTL["gradnorm"], balancing.GradNorm()
    state = start(method) | {"first": np.array(case["first"], "float32")}
    gram, values = gram_of(np.array(case["gradients"])), np.array(case["losses"], "float32")
    weights, after = step_of(method)(gram, values, state)
    np.testing.assert_allclose(weights, case["weights"], rtol=1e-6)
    # The first moment is a tenth of the first gradient; there the weights are a softmax.
    slopes = 10 * after["first_moment"]
    np.testing.assert_allclose(slopes - slopes.mean(), case["slopes"], rtol=1e-4, atol=1e-6)
