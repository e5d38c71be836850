"""What all loss weightings have in common."""

import keras
import numpy as np
import pytest
from arguments import own_arguments

from balancing.loss_sets import TASKS, after_epochs, losses, methods, start, step
from keras_mtkd import balancing

METHODS = methods()
LEARNED = {"uncertainty": "log_variances", "imtl_l": "log_scales"}
EXTREME = {
    "equal": [1.0, 1.0, 1.0],
    "one zero": [0.5, 0.0, 2.0],
    "two zero": [0.0, 0.0, 2.0],
    "all zero": [0.0, 0.0, 0.0],
    "one negative": [0.5, -1.0, 2.0],
    "too small for single precision": [1e-45, 1.0, 1e30],
    "very unequal": [1e-19, 1.0, 1e30],
    "very large": [1e37, 3e38, 3e38],
}
NOT_FINITE = {"infinite": [np.inf, 1.0, 2.0], "not a number": [0.5, np.nan, np.inf]}


def trained(method):
    """A state after three epochs."""
    return after_epochs(method, [losses(seed, 2) for seed in range(3)])[1]


@pytest.mark.parametrize("name", METHODS)
def test_weights_and_states_are_finite_whatever_the_losses(name):
    method = METHODS[name]
    for values in (EXTREME | NOT_FINITE).values():
        state = start(method)
        for epoch in range(3):
            for _ in range(2):
                weights, state = step(method, values, state)
                assert weights.shape == (TASKS,)
                assert weights.dtype == np.float32
                assert np.all(np.isfinite(weights)), (epoch, values)
                assert np.all(weights >= 0)
                assert all(np.all(np.isfinite(each)) for each in state.values())
            state = method.end_epoch(state)
            assert all(np.all(np.isfinite(each)) for each in state.values())


@pytest.mark.parametrize("name", METHODS)
def test_a_step_that_is_not_finite_leaves_the_state_alone(name):
    method = METHODS[name]
    before = trained(method)
    for values in NOT_FINITE.values():
        _, after = step(method, values, before)
        keras.tree.map_structure(np.testing.assert_array_equal, after, before)


@pytest.mark.parametrize("name", METHODS)
def test_states_keep_their_names_shapes_and_types(name):
    method = METHODS[name]
    first = start(method)
    _, stepped = step(method, losses(0)[0], first)
    ended = method.end_epoch(stepped, {"loss": 1.0})
    for state in (stepped, ended):
        assert set(state) == set(first)
        for key, value in state.items():
            assert isinstance(value, np.ndarray)
            assert value.shape == first[key].shape
            assert value.dtype == first[key].dtype
    assert set(method.trainable) <= set(first)


@pytest.mark.parametrize("name", METHODS)
def test_what_is_remembered_of_a_missing_task_stays(name):
    method = METHODS[name]
    before = trained(method)
    _, after = step(method, [0.7, 0.0, 0.1], before)
    for key in set(before) - {"present"}:
        if before[key].shape == (TASKS,):
            assert after[key][1] == before[key][1], key


@pytest.mark.parametrize("name", ["gls", "famo", "stch"])
def test_a_missing_task_does_not_move_the_others(name):
    method = METHODS[name]
    values = losses(3)[0]
    weights, _ = step(method, [values[0], 0.0, values[2]], start(method))
    others = np.asarray(method.weights(values[[0, 2]]))
    np.testing.assert_allclose(weights[[0, 2]], others, rtol=1e-5)
    assert weights[1] == 0


@pytest.mark.parametrize("name", ["gls", "famo", "stch"])
def test_a_task_that_waited_is_weighted_once_it_starts(name):
    method = METHODS[name]
    waiting = losses(0, 2) * [1, 0, 1]
    (*_, first, second), state = after_epochs(method, [waiting] * 4 + [losses(1, 2)] * 2)
    weights, _ = step(method, losses(2)[0], state)
    for each in (first, second, weights):
        assert each[1] > 0


@pytest.mark.parametrize("name", [name for name in METHODS if name not in ("fixed", "rlw", "otw")])
def test_order_of_tasks_does_not_matter(name):
    method, order = METHODS[name], np.array([2, 0, 1])
    epochs = [losses(seed, 2) for seed in range(4)]
    one, _ = after_epochs(method, epochs)
    other, _ = after_epochs(method, [epoch[:, order] for epoch in epochs])
    np.testing.assert_allclose(np.array(one)[:, order], other, rtol=1e-4)


@pytest.mark.parametrize("name", [name for name in METHODS if name not in ("fixed", "rlw", "otw")])
def test_equal_losses_get_equal_weights(name):
    weights, _ = after_epochs(METHODS[name], [np.full((2, TASKS), value) for value in (2, 1, 0.5)])
    np.testing.assert_allclose(weights, np.array(weights)[:, :1] * np.ones(TASKS), rtol=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_no_penalty_but_of_what_is_learned(name):
    method = METHODS[name]
    penalty = float(method.penalty(step(method, losses(0)[0], start(method))[1]))
    assert (penalty != 0) == (name == "uncertainty")
    assert method.trainable == ((LEARNED[name],) if name in LEARNED else ())


@pytest.mark.parametrize("name", METHODS)
def test_saved_and_found_again(name):
    method = METHODS[name]
    again = balancing.get(keras.saving.serialize_keras_object(method))
    assert type(again) is type(method)
    assert again.get_config() == method.get_config()
    assert own_arguments(type(method)).keys() <= method.get_config().keys()
    assert repr(again) == repr(method)
    assert balancing.get(again) is again


def test_arguments_are_kept():
    changed = [
        (balancing.DWA(3.0), balancing.DWA()),
        (balancing.RLW(seed=4), balancing.RLW()),
        (balancing.FAMO(0.1, 0.0), balancing.FAMO()),
        (balancing.STCH(0.2, 1), balancing.STCH()),
        (balancing.UncertaintyWeights(0.5), balancing.UncertaintyWeights()),
        (balancing.GradNorm(0.5, 0.1), balancing.GradNorm()),
        (
            balancing.DynamicTaskPrioritization(["a", None], 2.0, 0.1),
            balancing.DynamicTaskPrioritization(),
        ),
        (
            balancing.OnlineTaskWeighting([1.0, 2.0], 0.5, 1.2),
            balancing.OnlineTaskWeighting([2.0, 2.0]),
        ),
        (balancing.FixedWeights([1.0, 2.0]), balancing.FixedWeights([2.0, 2.0])),
    ]
    for method, other in changed:
        again = balancing.get(keras.saving.serialize_keras_object(method)).get_config()
        assert again == method.get_config()
        assert all(again[key] != other.get_config()[key] for key in again)


@pytest.mark.traced
@pytest.mark.parametrize("name", ["famo", "gls", "stch", "uncertainty"])
def test_compiled_by_xla_and_not_compiled_are_the_same(name):
    method, state = METHODS[name], trained(METHODS[name])
    values = losses(5)[0]
    expected = step(method, values, state)
    plain = method.step(keras.ops.convert_to_tensor(values), state)
    results = [keras.tree.map_structure(keras.ops.convert_to_numpy, plain)]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        by_xla = tf.function(method.step, jit_compile=True)(values, state)
        results.append(keras.tree.map_structure(keras.ops.convert_to_numpy, by_xla))
    for weights, new in results:
        np.testing.assert_allclose(weights, expected[0], rtol=1e-5)
        for key in new:
            np.testing.assert_allclose(new[key], expected[1][key], rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: balancing.FixedWeights([]), "`values` must be"),
        (lambda: balancing.FixedWeights([1.0, -1.0]), "`values` must be"),
        (lambda: balancing.FixedWeights([1.0]).weights(np.ones(2)), "of which there are 2"),
        (lambda: balancing.DWA(0.0), "`temperature` must be"),
        (lambda: balancing.RLW(-1), "`seed` must be"),
        (lambda: balancing.STCH(mu=0), "`mu` must be"),
        (lambda: balancing.STCH(warmup_epochs=-1), "`warmup_epochs` must be"),
        (lambda: balancing.FAMO(learning_rate=0), "`learning_rate` must be"),
        (lambda: balancing.FAMO(decay=-1), "`decay` must be"),
        (lambda: balancing.GradNorm(alpha=-1), "`alpha` must be"),
        (lambda: balancing.GradNorm(learning_rate=0), "`learning_rate` must be"),
        (lambda: balancing.GradNorm().weights(np.eye(2)), "losses"),
        (lambda: balancing.DynamicTaskPrioritization("a"), "`kpi` must be a list"),
        (lambda: balancing.DynamicTaskPrioritization(gamma=-1), "`gamma` must be"),
        (lambda: balancing.DynamicTaskPrioritization(alpha=0), "`alpha` must be"),
        (lambda: balancing.DynamicTaskPrioritization(["a"]).weights(np.ones(2)), "are 2"),
        (lambda: balancing.OnlineTaskWeighting([1.0, 0.0]), "`reference` must be"),
        (lambda: balancing.OnlineTaskWeighting([1.0], 0.0), "`temperature` must be"),
        (lambda: balancing.OnlineTaskWeighting([1.0], clip=0.0), "`clip` must be"),
        (lambda: balancing.OnlineTaskWeighting([1.0]).weights(np.ones(2)), "are 2"),
        (lambda: balancing.EqualWeights().weights(np.ones((2, 2))), "static shape"),
        (lambda: balancing.get("fixed"), "FixedWeights"),
        (lambda: balancing.get("otw"), "OnlineTaskWeighting"),
        (lambda: balancing.get("dwaa"), "'cagrad'.*'dwa'"),
    ],
)
def test_errors_say_what_was_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_abstract_methods_cannot_be_made():
    for kind in (balancing.LossWeighting, balancing.GramMethod):
        with pytest.raises(TypeError, match="abstract"):
            kind()
