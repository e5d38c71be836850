"""Loss weightings against their published formulas in NumPy, over steps and epochs."""

import loss_oracles as oracles
import numpy as np
import pytest
from gradient_sets import gradients, gram_of, step_of
from loss_sets import TASKS, after_epochs, losses, start, step

from keras_mtkd import balancing


def test_equal_and_fixed():
    for method, expected in (
        (balancing.EqualWeights(), [1, 1, 1]),
        (balancing.FixedWeights([3.0, 0.0, 0.5]), [3, 0, 0.5]),
    ):
        weights, state = step(method, losses(0)[0], start(method))
        np.testing.assert_array_equal(weights, expected)
        assert state == {}


def test_geometric_mean():
    for seed in range(5):
        values = losses(seed)[0].astype("float64")
        weights, _ = step(balancing.GLS(), values, {})
        assert weights @ values == pytest.approx(oracles.geometric_mean(values), rel=1e-5)
        expected = oracles.derivative(oracles.geometric_mean, values)
        np.testing.assert_allclose(weights, expected, rtol=1e-5)


@pytest.mark.parametrize("temperature", [2.0, 0.5])
def test_dynamic_average_of_epochs(temperature):
    method = balancing.DWA(temperature)
    epochs = [losses(seed, 2) for seed in range(6)]
    weights, _ = after_epochs(method, epochs)
    means = [epoch.mean(axis=0, dtype="float64") for epoch in epochs]
    for number, found in enumerate(weights):
        expected = oracles.dynamic_average(means[:number], temperature)
        np.testing.assert_allclose(found, expected * np.ones(TASKS), rtol=1e-5)
        assert found.sum() == pytest.approx(TASKS, rel=1e-5)


def test_dynamic_average_counts_only_steps_with_a_loss():
    first, second = np.ones((2, TASKS)), np.array([[0.5, 0.0, 1.0], [0.5, 0.5, 0.0]])
    _, state = after_epochs(balancing.DWA(), [first, second])
    expected = oracles.dynamic_average([np.ones(3), np.array([0.5, 0.5, 1.0])], 2.0)
    np.testing.assert_allclose(state["weights"], expected, rtol=1e-5)


def test_dynamic_average_takes_a_task_without_two_epochs_for_unchanged():
    missing = np.array([[0.5, 0.0, 1.0]])
    _, state = after_epochs(balancing.DWA(), [np.ones((1, TASKS)), missing])
    expected = oracles.dynamic_average([np.ones(3), np.array([0.5, 1.0, 1.0])], 2.0)
    np.testing.assert_allclose(state["weights"], expected, rtol=1e-5)


@pytest.mark.parametrize(("temperature", "clip"), [(0.1, None), (1.0, None), (1.0, 1.2)])
def test_online_weights_of_epochs(temperature, clip):
    reference = [0.5, 1.0, 2.0]
    method = balancing.OnlineTaskWeighting(reference, temperature, clip)
    epochs = [losses(seed, 2) for seed in range(3)]
    weights, _ = after_epochs(method, epochs)
    np.testing.assert_array_equal(weights[0], np.ones(TASKS))
    for found, epoch in zip(weights[1:], epochs, strict=False):
        mean = epoch.mean(axis=0, dtype="float64")
        expected = oracles.online(mean, reference, temperature, clip or np.inf)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_online_weights_of_tasks_that_are_missing():
    method = balancing.OnlineTaskWeighting([1.0, 1.0, 1.0], temperature=1.0)
    seen, state = after_epochs(method, [[[0.5, 0.0, 1.0]], [[0.5, 2.0, 0.0]]])
    np.testing.assert_array_equal(seen[0], np.ones(TASKS))
    np.testing.assert_allclose(seen[1], oracles.online(np.array([0.5, 0.75, 1]), 1, 1), rtol=1e-5)
    np.testing.assert_allclose(
        state["weights"], oracles.online(np.array([0.5, 2, 1]), 1, 1), rtol=1e-5
    )


def test_online_references_may_be_replaced_in_the_state():
    method = balancing.OnlineTaskWeighting([1.0, 1.0, 1.0], temperature=1.0)
    state = start(method) | {"reference": np.array([0.5, 1.0, 2.0], "float32")}
    _, state = after_epochs(method, [[[0.4, 1.0, 2.6]]], state=state)
    np.testing.assert_allclose(
        state["weights"], oracles.online(np.array([0.8, 1, 1.3]), 1, 1), rtol=1e-5
    )


def test_priorities_follow_logged_indicators():
    names = ["a", "b", "c"]
    method = balancing.DynamicTaskPrioritization(names, gamma=2.0, alpha=0.3)
    rng = np.random.default_rng(0)
    indicators = rng.uniform(0.1, 0.95, (4, TASKS))
    logs = [dict(zip(names, each, strict=True)) for each in indicators]
    weights, state = after_epochs(method, [losses(seed, 1) for seed in range(4)], logs)
    np.testing.assert_array_equal(weights[0], np.ones(TASKS))
    for number, found in enumerate([*weights[1:], state["weights"]], start=1):
        expected = oracles.prioritised(indicators[:number], 2.0, 0.3)
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_priorities_without_indicators_follow_losses():
    epochs = [losses(seed, 2) / 5 for seed in range(3)]
    _, state = after_epochs(balancing.DynamicTaskPrioritization(), epochs)
    indicators = [np.exp(-epoch.mean(axis=0, dtype="float64")) for epoch in epochs]
    expected = oracles.prioritised(indicators, 1.0, 0.5)
    np.testing.assert_allclose(state["weights"], expected, rtol=1e-4)


def test_priorities_at_the_ends_of_the_scale():
    method = balancing.DynamicTaskPrioritization(["a", "b", None], gamma=1.0)
    _, state = after_epochs(method, [[[1.0, 1.0, 0.0]]], [{"a": 1.7, "b": 0.0}])
    np.testing.assert_allclose(state["weights"], [0.0, 0.999 * np.log(1e3), 1.0], rtol=1e-5)


@pytest.mark.traced
def test_random_weights_are_those_of_normal_draws():
    method, state, seen = balancing.RLW(seed=3), start(balancing.RLW()), []
    for _ in range(400):
        weights, state = step(method, losses(0)[0], state)
        seen.append(weights)
    logs = np.log(seen)
    centred = logs - logs.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(np.sum(seen, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(centred.mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(centred.var(axis=0), 1 - 1 / TASKS, atol=0.15)
    assert centred.var() == pytest.approx(1 - 1 / TASKS, abs=0.06)
    assert len(np.unique(np.round(seen, 6), axis=0)) == 400
    assert abs(np.corrcoef(centred[1:, 0], centred[:-1, 0])[0, 1]) < 0.15


@pytest.mark.traced
def test_random_weights_depend_on_seed_and_step_only():
    def draw(seed, number, values):
        state = {"step": np.array(number, "int32")}
        return step(balancing.RLW(seed), values, state)[0]

    one = draw(3, 7, losses(0)[0])
    np.testing.assert_array_equal(one, draw(3, 7, losses(1)[0]))
    assert np.abs(one - draw(4, 7, losses(0)[0])).max() > 1e-3
    assert np.abs(one - draw(3, 8, losses(0)[0])).max() > 1e-3
    eager, _ = balancing.RLW(3).step(losses(0)[0], {"step": np.array(7, "int32")})
    np.testing.assert_allclose(one, np.asarray(eager), rtol=1e-6)


@pytest.mark.parametrize("mu", [1.0, 0.3])
def test_smooth_maximum_after_the_nadir(mu):
    epochs = [losses(seed, 3).astype("float64") for seed in range(4)]
    method = balancing.STCH(mu, warmup_epochs=1)
    weights, state = after_epochs(method, epochs)
    nadir = epochs[1].mean(axis=0)
    np.testing.assert_allclose(state["nadir"], nadir, rtol=1e-5)
    for number, found in enumerate(weights):
        last = epochs[number][-1]
        after = oracles.derivative(lambda at: oracles.smooth_tchebycheff(at, nadir, mu), last)
        before = oracles.derivative(lambda at: np.sum(np.log(at)), last)
        np.testing.assert_allclose(found, after if number > 1 else before, rtol=1e-4)


def test_smooth_maximum_finds_the_nadir_of_a_late_task_later():
    method, late = balancing.STCH(1.0, warmup_epochs=0), losses(1, 2)
    _, state = after_epochs(method, [losses(0, 2) * [1, 0, 1], late, losses(2, 2)])
    expected = losses(0, 2).mean(axis=0)
    expected[1] = late.mean(axis=0)[1]
    np.testing.assert_allclose(state["nadir"], expected, rtol=1e-5)


@pytest.mark.parametrize(("rate", "decay"), [(0.025, 0.01), (0.3, 0.0)])
def test_fast_adaptive_weights_over_steps(rate, decay):
    method, steps = balancing.FAMO(rate, decay), losses(4, 12).astype("float64")
    state = start(method)
    for values, expected in zip(steps, oracles.fast_adaptive(steps, rate, decay), strict=True):
        weights, state = step(method, values, state)
        np.testing.assert_allclose(weights, expected, rtol=1e-3)
        assert weights.sum() == pytest.approx(1, rel=1e-5)


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
