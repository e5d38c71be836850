"""What a step does where nothing is balanced."""

import numpy as np
import pytest
from helpers import toy_model

from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.balancer import Balancer

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")


def balancer(**options):
    student = TappedModel(toy_model(**options), ["hidden"])
    return Balancer(student, Objectives(("a", "b"), ("a",), "tasks"))


def test_objectives_are_added_up_with_all_else():
    made = balancer()
    values = np.array([2.0, 3.0], "float32")
    assert float(made.total(values, 0.0, {}, 4)) == 5.0
    assert float(made.total(values, np.float32(0.5), {}, 4)) == 5.5


def test_the_student_runs_once_and_every_task_sees_the_same():
    made = balancer()
    outputs, seen, carried = made.run(X)
    assert carried == {}
    assert seen("a")[0] is seen("b")[0] is outputs
    assert list(seen("a")[1]) == ["hidden"]
    assert {task: out.shape for task, out in outputs.items()} == {"a": (4, 3), "b": (4, 1)}


def test_it_runs_in_training():
    made = balancer(batch_norm=True)
    (norm,) = (layer for layer in made._student.graph.layers if layer.name == "norm")
    before = np.array(norm.moving_mean)
    made.run(X)
    assert not np.array_equal(before, norm.moving_mean)


def test_a_step_is_the_usual_one_and_nothing_else_is_trained():
    made = balancer()
    assert made.train_step(None, lambda *given: given, 1, 2) == (1, 2)
    assert (made.layer, made.means, made.optimizers(), made.callbacks()) == (None, {}, [], [])
    made.check([])
