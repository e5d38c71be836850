"""What all methods have in common, and which of them promise what."""

import inspect
import re

import keras
import numpy as np
import pytest
from arguments import other_arguments, own_arguments

from balancing.gradient_sets import compiled, gradients, gram_of, step_of, update
from balancing.method_contract import (
    assert_finite,
    assert_harms_no_task,
    assert_ignores_lengths,
    assert_permutation_equivariant,
    assert_scales_with_power,
)
from keras_mtkd import balancing
from keras_mtkd.balancing.registry import METHODS as METHODS_BY_NAME
from keras_mtkd.balancing.registry import names_of
from keras_mtkd.experiments.balancing_methods import BALANCING_METHODS

# Methods are called often: a traced function takes less time than its operations do.
pytestmark = pytest.mark.traced

NEED_LOSSES = ("cdtt", "gradnorm")
ORDER_MATTERS = ("pcgrad", "gradvac")
METHODS = names_of(balancing.GramMethod)
ALL = [vars(balancing)[name] for name in balancing.__all__]
RECONSTRUCTED = {kind.__name__ for kind in ALL if getattr(kind, "reconstructed", False)}


def test_what_is_reconstructed_says_so_everywhere():
    said = {kind.__name__ for kind in ALL if "reconstructed" in (inspect.getdoc(kind) or "")}
    assert said - {"Balancing"} == RECONSTRUCTED
    listed = balancing.__doc__.split("reconstructed, since")[1]
    assert set(re.findall(r"`(\w+)`", listed)) == RECONSTRUCTED
    for name, kind in METHODS_BY_NAME.items():
        compared = [BALANCING_METHODS.get(key) for key in (name, f"{name}-parameters")]
        for method in filter(None, compared):
            assert ("reconstruction" in method.summary) == kind.reconstructed


# Lengths of updates grow like this power of the gradients' lengths.
POWERS = dict.fromkeys(METHODS, 1.0) | {"nash_mtl": 0.0, "fairgrad": -1 / 3}
# All of three tasks, so that each method is compiled once.
DEGENERATE = {
    "equal": np.ones((3, 4)),
    "opposite": np.array([[1.0, 2.0], [-1.0, -2.0], [1.0, 2.0]]),
    "one zero": np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]),
    "one zero, others opposite": np.array([[1.0, 0.0], [0.0, 0.0], [-3.0, 0.0]]),
    "all but one zero": np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]),
    "all zero": np.zeros((3, 2)),
    "more tasks than parameters": np.random.default_rng(0).normal(size=(3, 2)),
    "without a common direction": np.array([[1.0, 0.0], [-0.5, 0.87], [-0.5, -0.87]]),
    "on one line": np.array([[1.0], [-2.0], [3.0]]),
    "very long and very short": np.array([[1e-9, 0.0], [1e-9, 1e9], [1.0, -1.0]]),
}


def losses_for(name, tasks):
    return (np.ones(tasks, "float32"),) if name in NEED_LOSSES else ()


@pytest.mark.parametrize("name", METHODS)
def test_updates_are_finite_whatever_the_gradients(name):
    for found in DEGENERATE.values():
        assert_finite(balancing.get(name), found, *losses_for(name, len(found)))


@pytest.mark.parametrize("name", [name for name in METHODS if name not in ORDER_MATTERS])
def test_order_of_tasks_does_not_matter(name):
    assert_permutation_equivariant(balancing.get(name), *losses_for(name, 3))


@pytest.mark.parametrize("name", ORDER_MATTERS)
def test_order_of_two_tasks_does_not_matter(name):
    assert_permutation_equivariant(balancing.get(name), tasks=2)


@pytest.mark.parametrize(
    "method",
    [
        balancing.MGDA(),
        balancing.EDM(),
        balancing.FairGrad(),
        balancing.NashMTL(),
        balancing.GDOD(),
        balancing.UPGrad(),
        balancing.IMTLG(),
    ],
    ids=repr,
)
def test_these_harm_no_task(method):
    sizes = (2,) if isinstance(method, balancing.IMTLG) else (2, 3)
    assert_harms_no_task(method, tasks=sizes)


def test_plain_sum_harms_tasks_which_the_assertion_notices():
    with pytest.raises(AssertionError):
        assert_harms_no_task(balancing.Sum())


@pytest.mark.parametrize("name", METHODS)
def test_length_of_the_update(name):
    assert_scales_with_power(balancing.get(name), POWERS[name], *losses_for(name, 3))


@pytest.mark.parametrize("method", [balancing.NashMTL(), balancing.EDM(), balancing.IMTLG()])
def test_direction_does_not_depend_on_lengths(method):
    assert_ignores_lengths(method)


@pytest.mark.parametrize("name", [*METHODS, *names_of(balancing.ParameterMethod)])
def test_saved_and_found_again(name):
    method = balancing.get(name)
    config = keras.saving.serialize_keras_object(method)
    again = balancing.get(config)
    assert type(again) is type(method)
    assert again.get_config() == method.get_config()
    assert repr(again) == repr(method)
    assert balancing.get(again) is again
    kind, others = type(method), other_arguments(type(method))
    assert own_arguments(kind).keys() <= method.get_config().keys()
    changed = kind(**others).get_config()
    assert {name: changed[name] for name in others} == others


@pytest.mark.parametrize(
    "method",
    [
        balancing.CAGrad(rescale="linear"),
        balancing.IMGrad(rescale="none"),
        balancing.GDOD("mean"),
    ],
    ids=repr,
)
def test_arguments_that_are_names_are_kept(method):
    config = keras.saving.serialize_keras_object(method)
    assert balancing.get(config).get_config() == method.get_config()
    assert method.get_config() != type(method)().get_config()


@pytest.mark.parametrize("name", ["cagrad", "cdtt", "gradnorm", "gradvac", "multibalance"])
def test_a_step_that_is_not_finite_leaves_the_state_alone(name):
    method, gram = balancing.get(name), gram_of(gradients(0, 3))
    (losses,) = losses_for(name, 3) or (None,)
    steps = step_of(method)
    _, state = steps(gram, losses, method.initial_state(3))
    for value in (np.inf, np.nan):
        broken = gram.copy()
        broken[0, 1] = value
        steps_taken = [steps(broken, losses, state)]
        if losses is not None:
            steps_taken.append(steps(gram, np.array([1, 1, value], "float32"), state))
        for weights, after in steps_taken:
            assert np.all(np.isnan(weights))
            keras.tree.map_structure(np.testing.assert_array_equal, after, state)


@pytest.mark.parametrize("name", ["mgda", "nash_mtl", "upgrad", "gdod"])
def test_one_task_keeps_its_direction(name):
    found = np.array([[3.0, 4.0]])
    step = update(balancing.get(name), found)
    np.testing.assert_allclose(step / np.linalg.norm(step), [0.6, 0.8], rtol=1e-5)


@pytest.mark.parametrize("name", ["cagrad", "upgrad", "fairgrad", "gdod", "pcgrad", "cdtt"])
def test_compiled_by_xla_and_not_compiled_are_the_same(name):
    method, found = balancing.get(name), gradients(4, 3)
    losses = losses_for(name, 3)
    plain = np.asarray(method.weights(gram_of(found), *losses))
    np.testing.assert_allclose(plain @ found, update(method, found, *losses), rtol=1e-3)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        by_xla = tf.function(method.weights, jit_compile=True)(gram_of(found), *losses)
        np.testing.assert_allclose(by_xla.numpy() @ found, plain @ found, rtol=1e-3)


def test_half_precision_is_computed_in_single():
    gram = gram_of(gradients(0, 3))
    low = keras.ops.cast(gram, "bfloat16")
    weights = compiled(balancing.CAGrad().weights)(low)
    expected = compiled(balancing.CAGrad().weights)(keras.ops.cast(low, "float32"))
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: balancing.CAGrad(c=1.0), "`c` must be"),
        (lambda: balancing.CAGrad(rescale="half"), "`rescale` must be"),
        (lambda: balancing.IMGrad(c=-0.1), "`c` must be"),
        (lambda: balancing.ConicGrad(c=1.1), "`c` must be"),
        (lambda: balancing.FairGrad(alpha=0), "`alpha` must be"),
        (lambda: balancing.GDOD(fallback="none"), "`fallback` must be"),
        (lambda: balancing.GradVac(beta=0), "`beta` must be"),
        (lambda: balancing.PCGrad(seed=-1), "`seed` must be"),
        (lambda: balancing.CDTT(alpha=2), "`alpha` must be"),
        (lambda: balancing.CDTT(window=0), "`window` must be"),
        (lambda: balancing.MultiBalance(beta=1), "`beta` must be"),
        (lambda: balancing.get("cagrd"), "must be one of"),
        (lambda: balancing.MGDA().weights(np.ones((2, 3))), "static shape"),
        (lambda: balancing.CDTT().weights(np.eye(2)), "losses"),
    ],
)
def test_errors_say_what_was_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()
