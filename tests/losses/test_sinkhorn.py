import functools

import keras
import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from scipy.optimize import linprog

from keras_mtkd.losses import SinkhornDistance
from losses.programs import program, with_gradient

# Eagerly, thousands of iterations would be as many calls of every operation.
pytestmark = pytest.mark.traced


def problem(seed, teacher=4, student=3, batch=2):
    """Distributions `(batch, K)` and `(batch, C)`, and a cost in [0, 1]."""
    generator = np.random.default_rng(seed)
    p = generator.dirichlet(np.ones(teacher), size=batch)
    q = generator.dirichlet(np.ones(student), size=batch)
    return p.astype("float32"), q.astype("float32"), generator.uniform(size=(teacher, student))


def exact(p, q, cost):
    """Cost of the optimal plan, by linear programming."""
    rows = np.kron(np.eye(len(p)), np.ones(len(q)))
    columns = np.kron(np.ones(len(p)), np.eye(len(q)))
    marginals = np.concatenate([p, q / q.sum() * p.sum()])
    constraints = np.vstack([rows, columns])[:-1]
    return linprog(cost.ravel(), A_eq=constraints, b_eq=marginals[:-1]).fun


def regularised(p, q, cost, epsilon):
    """`<P, cost> - epsilon * H(P)` of POT's plan, in float64."""
    p, q = p.astype("float64"), q.astype("float64")
    plan = ot.sinkhorn(
        p / p.sum(), q / q.sum(), cost, epsilon, "sinkhorn_log", 100_000, stopThr=1e-12
    )
    return float(np.sum(plan * cost) + epsilon * np.sum(plan * np.log(plan)))


def softmax(logits):
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)


@functools.cache
def distance_of_costs(epsilon, iterations):
    """Distances of every sample for `(p, q, cost)`, one program for all costs of a shape."""

    def values(p, q, cost):
        loss = SinkhornDistance(np.zeros(cost.shape), epsilon, iterations, reduction=None)
        loss.cost = cost
        return loss(p, q)

    return program(values)


class TestValue:
    @given(st.integers(0, 10_000), st.sampled_from([(4, 3), (1, 6), (6, 1), (5, 5)]))
    @settings(max_examples=12, deadline=None)
    def test_pot_gives_the_same(self, seed, classes):
        p, q, cost = problem(seed, *classes)
        found = distance_of_costs(0.1, 2000)(p, q, cost)
        expected = [regularised(*pair, cost, 0.1) for pair in zip(p, q, strict=True)]
        np.testing.assert_allclose(found, expected, atol=2e-5)

    @pytest.mark.parametrize("seed", range(5))
    def test_little_regularisation_is_the_linear_programme(self, seed):
        p, q, cost = problem(seed)
        found = distance_of_costs(0.002, 5000)(p, q, cost)
        expected = [exact(*pair, cost) for pair in zip(p, q, strict=True)]
        np.testing.assert_allclose(found, expected, atol=0.002 * np.log(12) + 1e-4)

    def test_more_iterations_raise_the_lower_bound(self):
        p, q, cost = problem(3)

        def values(p, q):
            return ops.stack(
                [
                    SinkhornDistance(cost, epsilon=0.02, iterations=number)(p, q)
                    for number in (1, 2, 5, 20, 500)
                ]
            )

        found = program(values)(p, q).tolist()
        assert found == sorted(found)
        assert found[0] < found[-1]

    def test_one_hot_student_has_a_closed_form(self):
        p, _, cost = problem(4)
        found = distance_of_costs(0.05, 50)(p, np.eye(3)[[2, 0]], cost)
        entropy = -np.sum(p * np.log(p), axis=1)
        expected = [p[0] @ cost[:, 2], p[1] @ cost[:, 0]] - 0.05 * entropy
        np.testing.assert_allclose(found, expected, atol=1e-5)

    def test_positions_and_sample_weights(self):
        p, q, cost = problem(5, batch=12)
        weight = np.arange(12, dtype="float32") % 2

        def values(p, q, weight):
            loss = SinkhornDistance(cost, reduction=None)
            maps = loss(ops.reshape(p, (2, 3, 2, 4)), ops.reshape(q, (2, 3, 2, 3)))
            return loss(p, q), maps, SinkhornDistance(cost)(p, q, sample_weight=weight)

        flat, maps, weighted = program(values)(p, q, weight)
        np.testing.assert_allclose(maps, flat.reshape(2, 3, 2), atol=1e-6)
        assert weighted == pytest.approx(np.mean(flat * weight), rel=1e-5)


class TestGradient:
    @pytest.mark.parametrize("epsilon", [0.01, 0.05, 1.0])
    def test_is_that_of_the_regularised_minimum(self, epsilon):
        p, _, cost = problem(6, batch=1)
        logits = np.random.default_rng(6).normal(size=(1, 3))
        loss = SinkhornDistance(cost, epsilon=epsilon, iterations=3000)

        found = with_gradient(lambda p, values: loss(p, ops.softmax(values)))(p, logits)[1][0]
        step, expected = 1e-4, []
        for place in range(3):
            sides = [logits + sign * step * np.eye(3)[place] for sign in (1, -1)]
            high, low = (regularised(p[0], softmax(side)[0], cost, epsilon) for side in sides)
            expected.append((high - low) / (2 * step))
        np.testing.assert_allclose(found, expected, rtol=2e-2, atol=2e-4)

    def test_trains_a_student(self):
        """The teacher's class 0 costs nothing to move to the student's class 2."""
        cost = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
        loss = SinkhornDistance(cost, epsilon=0.01)
        step = with_gradient(lambda teacher, values: loss(teacher, ops.softmax(values)))
        logits = np.zeros((1, 3), "float32")
        for _ in range(300):
            logits -= 5.0 * step([[0.9, 0.1]], logits)[1]
        np.testing.assert_allclose(softmax(logits), [[0.1, 0.0, 0.9]], atol=0.03)

    def test_survives_small_epsilon_and_saturated_students(self):
        p, _, cost = problem(7, batch=1)
        loss = SinkhornDistance(cost, epsilon=0.01)
        values = with_gradient(lambda p, v: loss(p, ops.softmax(v)))
        found = values(p, [[90.0, 0, 0]])[1]
        assert np.isfinite(found).all()

    def test_half_precision_is_computed_in_float32(self):
        p, q, cost = problem(8)
        keras.mixed_precision.set_global_policy("mixed_float16")
        try:
            half = SinkhornDistance(cost, epsilon=0.01)
            of_halves = program(lambda *pair: half(*(ops.cast(each, "float16") for each in pair)))
            found = of_halves(p, q)
        finally:
            keras.mixed_precision.set_global_policy("float32")
        loss = program(SinkhornDistance(cost, epsilon=0.01))
        expected = loss(p.astype("float16"), q.astype("float16"))
        assert found.dtype == "float32"
        assert float(found) == pytest.approx(float(expected), rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cost": [1.0, 2.0]}, "must be a finite matrix"),
        ({"cost": [[np.nan]]}, "must be a finite matrix"),
        ({"cost": [[1.0]], "epsilon": 0.0}, "`epsilon` must be positive"),
        ({"cost": [[1.0]], "iterations": 0}, "`iterations` must be at least 1"),
    ],
    ids=str,
)
def test_refusals(arguments, message):
    with pytest.raises(ValueError, match=message):
        SinkhornDistance(**arguments)


def test_classes_that_do_not_fit_the_cost():
    p, q, cost = problem(9)
    with pytest.raises(ValueError, match="for 4 teacher and 3 student classes.*of 3 and 4"):
        SinkhornDistance(cost)(q, p)
