"""Whether methods can work with the models that a user brings, told before training."""

from collections.abc import Iterable, Mapping

import keras

from keras_mtkd._graph.taps import tap_paths
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.own_teachers import distinct
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.problem import Problem

# A model may have hundreds; features to distil stand late in it.
_MOST_LAYERS = 12


def check_methods(
    methods: Iterable[Method],
    problem: Problem,
    teachers: Mapping[str, keras.Model],
    settings: Settings,
) -> None:
    """Refuse a method whose taps student or teachers do not have, or whose features do not fit.

    Args:
        methods: The methods.
        problem: The problem.
        teachers: `{task: model}` for every task.
        settings: What all methods share.

    Raises:
        ValueError: Naming method and layers, and how to name other ones.
    """
    for method in methods:
        try:
            method.check(problem, teachers, settings)
        except ValueError as error:
            raise ValueError(
                f"Method '{method.title}' does not fit these models. {error}\n"
                f"{_layers(method.student(problem), teachers)}\n"
                "The methods with names distil the layers `Problem(taps=...)`, here "
                f"{list(problem.taps)}, which must be in student and teachers alike. Where they "
                "are called otherwise, name them in a method of your own: "
                "`experiments.Method('Mine', lambda problem, settings: "
                "[keras_mtkd.FeatureDistillation('layer of the student', {'task': 'layer of its "
                "teacher'}, weight=settings.weight)])`."
            ) from error


def _layers(student: keras.Model, teachers: Mapping[str, keras.Model]) -> str:
    told = [f"Layers of the student: {_named(student)}."]
    for model in distinct(teachers.values()):
        tasks = ", ".join(f"'{task}'" for task, each in teachers.items() if each is model)
        told.append(f"Layers of the teacher of {tasks}: {_named(model)}.")
    return "\n".join(told)


def _named(model: keras.Model) -> str:
    paths = tap_paths(model)
    shown = ", ".join(f"'{path}'" for path in paths[-_MOST_LAYERS:])
    more = len(paths) - _MOST_LAYERS
    return f"{more} more, ..., {shown}" if more > 0 else shown
