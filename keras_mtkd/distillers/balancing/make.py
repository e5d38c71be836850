"""The balancer that a `Balancing` asks for."""

from collections.abc import Mapping, Sequence

import keras

from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing.balancing import Balancing
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.balancer import Balancer
from keras_mtkd.distillers.balancing.parameters import ParameterBalancer
from keras_mtkd.distillers.balancing.representation import RepresentationBalancer
from keras_mtkd.distillers.balancing.weighted_losses import LossWeightingBalancer


def make_balancer(
    balancing: Balancing | None,
    model: keras.Model,
    student: TappedModel,
    paths: Mapping[str, Sequence[str | None]],
) -> Balancer:
    """A new balancer.

    Args:
        balancing: What is balanced, where and how; `None` for a plain sum.
        model: The student, functional with dict outputs.
        student: The same with its taps.
        paths: `{task: taps}` that the distances of each task read, empty for a task that nothing
            teaches; `None` among them is the task's prediction.

    Raises:
        ValueError: If the student has no place for it.
    """
    taught = tuple(task for task, read in paths.items() if read)
    kind = "tasks" if balancing is None else balancing.objectives
    objectives = Objectives(tuple(paths), taught, kind)
    if balancing is None:
        return Balancer(student, objectives)
    if balancing.at_representation:
        return RepresentationBalancer(model, student, objectives, balancing, paths)
    if balancing.at_parameters:
        return ParameterBalancer(model, student, objectives, balancing)
    return LossWeightingBalancer(student, objectives, balancing)
