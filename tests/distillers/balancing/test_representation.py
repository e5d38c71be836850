"""One copy of the shared tensor an objective, and who reads which."""

import functools

import keras
import numpy as np
import pytest
from balancing.linear_problem import LossesAsWeights
from helpers import toy_model
from keras import ops

from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing import Balancing, RotoGrad
from keras_mtkd.balancing.gradient_assignment import GradientAssignment
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.representation import RepresentationBalancer
from keras_mtkd.layers import Rotation
from keras_mtkd.layers.rotating_balancer import RotatingBalancer

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

# Balancers change no model.
toy_student = functools.cache(toy_model)
X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")


def balancer(objectives="tasks", paths=None, model=None, method=None, **options):
    paths = {"a": ["features"], "b": []} if paths is None else paths
    model = model or toy_student()
    taps = [path for read in paths.values() for path in read if path is not None]
    taught = tuple(task for task, read in paths.items() if read)
    return RepresentationBalancer(
        model,
        TappedModel(model, taps),
        Objectives(tuple(paths), taught, objectives),
        Balancing(method or LossesAsWeights(), objectives, **options),
        paths,
    )


class Marking(keras.layers.Layer):
    """Gives copies that can be told apart: the number of each is added."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    def call(self, shared):
        return [shared + number for number in range(self.count)], ops.zeros(self.count + 1)


def marked(*arguments, **options):
    """A balancer whose copies can be told apart, and the shared tensor."""
    made = balancer(*arguments, **options)
    count = made.layer.objectives + made.layer.plain
    made.layer = Marking(count)
    return made, np.array(made._split.trunk(X, training=True)[0])


def test_outputs_are_the_students_own():
    model = toy_student()
    outputs, _, carried = balancer(model=model).run(X)
    for task, expected in model(X).items():
        np.testing.assert_allclose(outputs[task], expected, rtol=1e-5, atol=1e-6)
    assert list(carried) == ["signal"]
    assert carried["signal"].shape == (3,)


@pytest.mark.parametrize(
    ("objectives", "place"),
    # With its task; as a third objective; as the plain copy, which is the third too.
    [("tasks", 0), ("all", 2), ("losses", 2)],
)
def test_a_tap_of_the_shared_tensor_is_the_copy_of_its_objective(objectives, place):
    made, shared = marked(objectives)
    _, seen, _ = made.run(X)
    np.testing.assert_allclose(seen("a")[1]["features"], shared + place, rtol=1e-6)


@pytest.mark.parametrize(("objectives", "place"), [("tasks", 0), ("all", 2), ("losses", 2)])
def test_a_distance_of_predictions_runs_the_head_on_its_own_copy(objectives, place):
    made, shared = marked(objectives, {"a": [None], "b": []})
    outputs, seen, _ = made.run(X)
    head = made._split.heads["a"]
    np.testing.assert_allclose(outputs["a"], head(shared)[0], rtol=1e-5, atol=1e-6)
    expected = head(shared + place)[0]
    np.testing.assert_allclose(seen("a")[0]["a"], expected, rtol=1e-5, atol=1e-6)


def test_each_head_reads_the_copy_of_its_task():
    made, shared = marked()
    outputs, _, _ = made.run(X)
    expected = made._split.heads["b"](shared + 1)[0]
    np.testing.assert_allclose(outputs["b"], expected, rtol=1e-5, atol=1e-6)


def test_the_signal_adds_nothing_to_the_total():
    made = balancer()
    values = np.array([2.0, 3.0], "float32")
    for carried in ({"signal": np.zeros(3, "float32")}, {}):
        assert float(made.total(values, np.float32(1.0), carried, 4)) == 6.0
    # It brings the values to the layer.
    assert float(made.total(values, 0.0, {"signal": np.ones(3, "float32")}, 4)) == 11.0


def test_a_plain_copy_for_distances_that_are_not_balanced():
    assert balancer("losses").layer.plain
    assert not balancer("losses", {"a": [], "b": []}).layer.plain
    assert not balancer("tasks").layer.plain


def test_what_is_remembered_is_assigned_and_rotations_have_an_adam():
    ((optimizer, layers),) = balancer().optimizers()
    assert type(optimizer) is GradientAssignment
    inputs = keras.Input((6,))
    shared = keras.layers.Dense(4, name="features")(inputs)
    heads = {t: keras.layers.Dense(1)(Rotation(name=f"r_{t}")(shared)) for t in "ab"}
    turning = balancer(model=keras.Model(inputs, heads), method=RotoGrad(learning_rate=0.25))
    assert type(turning.layer) is RotatingBalancer
    _, (adam, rotations) = turning.optimizers()
    assert type(adam) is keras.optimizers.Adam
    assert float(adam.learning_rate) == 0.25
    assert [rotation.name for rotation in rotations] == ["r_a", "r_b"]
    assert [type(layer).__name__ for layer in layers] == ["GradientBalancer"]


def test_a_tap_in_the_head_of_another_task():
    inputs = keras.Input((6,))
    shared = keras.layers.Dense(4, name="features")(inputs)
    inner = keras.layers.Dense(4, name="inner")(shared)
    model = keras.Model(
        inputs, {"a": keras.layers.Dense(1)(inner), "b": keras.layers.Dense(1)(shared)}
    )
    assert balancer(model=model, paths={"a": ["inner"], "b": []})
    with pytest.raises(ValueError, match=r"'inner' of task 'b' is in the head of another task"):
        balancer(model=model, paths={"a": [], "b": ["inner"]})


def test_a_layer_that_not_all_tasks_pass():
    with pytest.raises(ValueError, match="There is no layer 'nowhere'"):
        balancer(layer="nowhere")
