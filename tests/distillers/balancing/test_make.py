"""Which balancer carries out which `Balancing`."""

import functools

import pytest
from helpers import toy_model

from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing import Balancing
from keras_mtkd.distillers.balancing.balancer import Balancer
from keras_mtkd.distillers.balancing.make import make_balancer
from keras_mtkd.distillers.balancing.parameters import ParameterBalancer
from keras_mtkd.distillers.balancing.representation import RepresentationBalancer
from keras_mtkd.distillers.balancing.weighted_losses import LossWeightingBalancer

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

# Balancers change no model.
toy_student = functools.cache(toy_model)
PATHS = {"a": ["features", None], "b": []}


def made(*arguments, **options):
    balancing = Balancing(*arguments, **options) if arguments else None
    student = toy_student()
    return make_balancer(balancing, student, TappedModel(student, ["features"]), PATHS)


@pytest.mark.parametrize(
    ("arguments", "level", "kind", "kept_as"),
    [
        ((), None, Balancer, ""),
        (("dwa",), None, LossWeightingBalancer, "loss_weighting"),
        (("mgda",), None, RepresentationBalancer, "gradient_balancer"),
        (("mgda",), "parameters", ParameterBalancer, "gradient_aggregator"),
        (("cograd",), None, ParameterBalancer, "gradient_aggregator"),
    ],
)
def test_the_kind(arguments, level, kind, kept_as):
    balancer = made(*arguments, **({"level": level} if level else {}))
    assert type(balancer) is kind
    assert balancer.kept_as == kept_as


@pytest.mark.parametrize(
    ("objectives", "names", "groups"),
    [
        ("tasks", ["a", "b"], None),
        ("losses", ["a", "b"], None),
        ("all", ["a", "b", "a_distillation"], None),
        ("hierarchical", ["a", "b", "a_distillation"], [[0, 1], [2]]),
    ],
)
def test_distances_are_those_of_tasks_that_are_taught(objectives, names, groups):
    balancer = made("dwa", objectives)
    assert (balancer.objectives.names, balancer.objectives.groups) == (names, groups)
    assert balancer.objectives.taught == ("a",)
    assert balancer.layer.objectives == len(names)


def test_without_balancing_tasks_are_the_objectives():
    assert made().objectives.kind == "tasks"
