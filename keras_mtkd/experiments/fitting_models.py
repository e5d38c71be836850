"""Whether methods can work with the models that a user brings, told before training."""

import re
from collections.abc import Iterable, Mapping, Sequence

import keras

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._graph.taps import tap_paths
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.own_teachers import distinct
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.problem import Problem

# A model may have hundreds; features to distil stand late in it.
_MOST_LAYERS = 12
# Keras calls the layers of one model `dense_1` and those of the next `dense_4`.
_COUNT = re.compile(r"_\d+$")


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
            ) from cause_of(error)


def _layers(student: keras.Model, teachers: Mapping[str, keras.Model]) -> str:
    """The layers of student and teachers; of teachers that are built alike once."""
    told = [f"Layers of the student: {_named([student])}."]
    alike: dict[tuple[str, ...], list[keras.Model]] = {}
    for model in distinct(teachers.values()):
        alike.setdefault(tuple(map(_uncounted, tap_paths(model))), []).append(model)
    for models in alike.values():
        tasks = [task for task, each in teachers.items() if any(each is one for one in models)]
        named = ", ".join(map(repr, tasks))
        told.append(f"Layers of the teacher{'s' * (len(models) > 1)} of {named}: {_named(models)}.")
    return "\n".join(told)


def _named(models: Sequence[keras.Model]) -> str:
    """Names of layers; without the numbers that Keras counts on, where they differ."""
    places = list(zip(*map(tap_paths, models), strict=True))
    names = [paths[0] if len(set(paths)) == 1 else _uncounted(paths[0]) for paths in places]
    shown = ", ".join(map(repr, names[-_MOST_LAYERS:]))
    more = len(names) - _MOST_LAYERS
    return f"{more} more, ..., {shown}" if more > 0 else shown


def _uncounted(path: str) -> str:
    return ".".join(_COUNT.sub("", part) + "_*" for part in path.split("."))
