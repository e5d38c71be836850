"""Teachers that a user brings to a comparison."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._backend.makers import misfit
from keras_mtkd._backend.names import unknown
from keras_mtkd._backend.warn import warn
from keras_mtkd._data.batches import probe_batches
from keras_mtkd._graph.ends import graph_ends, own_inputs, prediction
from keras_mtkd._graph.inputs import remedy
from keras_mtkd._graph.modes import forget_defaults
from keras_mtkd._graph.resizing import positions_remedy
from keras_mtkd._graph.shapes import differ
from keras_mtkd._graph.taps import require_functional
from keras_mtkd._storage.fingerprint import architecture, digest, of_model
from keras_mtkd.distillation.against_labels import against_labels
from keras_mtkd.distillation.head import Head, head_of_model
from keras_mtkd.distillation.reversed_answers import may_be_reversed
from keras_mtkd.losses.kinds import REGRESSION, kind_of
from keras_mtkd.losses.validation import check_output_name
from keras_mtkd.problem import Problem

Teachers = dict[str, keras.Model]
TeachersLike = Mapping[str, keras.Model] | Callable[[int], Mapping[str, keras.Model]]


class OwnTeachers:
    """The teachers that were given, checked, for every seed.

    Args:
        problem: The problem.
        given: `{task: model}` for all seeds, or a function from the seed to that, which is called
            once a seed.
        seeds: The seeds.
        student: A student, whose predictions theirs must be like.

    Attributes:
        tasks: The tasks that have one, in the problem's order.

    Raises:
        TypeError: If they are no dict of Keras models, and no function of the seed.
        ValueError: If a task is not known, a model is not functional, does not take the data's
            inputs or does not predict its task, or the seeds have teachers of other tasks.
    """

    def __init__(
        self, problem: Problem, given: TeachersLike, seeds: Iterable[int], student: keras.Model
    ) -> None:
        x, _, _ = next(probe_batches(problem.train, 1))
        self._models: dict[int, Teachers] = {}
        if isinstance(given, keras.Model) or not callable(given):
            shared = _checked(problem, given, student, x)
            self._models = dict.fromkeys(seeds, shared)
        else:
            if (why := misfit(given, ("seed",))) is not None:
                raise TypeError(
                    "`teachers` must be `{task: keras.Model}`, or a function from the seed to "
                    f"that: `teachers=lambda seed: ...`. Received: {why}."
                )
            for seed in seeds:
                made = given(seed)
                try:
                    self._models[seed] = _checked(problem, made, student, x)
                except (TypeError, ValueError) as error:
                    raise type(error)(f"`teachers`, for seed {seed}: {error}") from cause_of(error)
        covered = {tuple(models) for models in self._models.values()}
        if len(covered) > 1:
            raise ValueError(
                "`teachers` must give teachers of the same tasks for every seed. Received: "
                f"{ {seed: list(models) for seed, models in self._models.items()} }."
            )
        self.tasks = list(next(iter(covered)))
        self._hashes: dict[int, str] = {}

    def of(self, seed: int) -> Teachers:
        """`{task: model}` of a seed."""
        return dict(self._models[seed])

    def fingerprint(self, seed: int) -> dict[str, str]:
        """`{task: hash of architecture and weights}` of a seed."""
        return {task: self._hash(model) for task, model in self._models[seed].items()}

    def kinds(self) -> list[Teachers]:
        """The teachers of one seed for every architecture that they have."""
        found: dict[str, Teachers] = {}
        for models in self._models.values():
            told = [architecture(model) for model in models.values()]
            found.setdefault(digest(told), models)
        return list(found.values())

    def _hash(self, model: keras.Model) -> str:
        if id(model) not in self._hashes:
            self._hashes[id(model)] = of_model(model)
        return self._hashes[id(model)]


def distinct(models: Iterable[keras.Model]) -> list[keras.Model]:
    """The models, each once: one may teach several tasks."""
    return list({id(model): model for model in models}.values())


def _checked(problem: Problem, given: Any, student: keras.Model, x: Any) -> Teachers:
    if not isinstance(given, Mapping):
        raise TypeError(
            "`teachers` must be `{task: keras.Model}`, or a function from the seed to that. "
            f"Received: {type(given).__name__}."
        )
    for task, teacher in given.items():
        if task not in problem.tasks:
            raise ValueError(unknown("task", task, problem.tasks))
        _check(problem, task, teacher, student, x)
    return {task: given[task] for task in problem.tasks if task in given}


def _check(problem: Problem, task: str, teacher: Any, student: keras.Model, x: Any) -> None:
    role = f"teacher of '{task}'"
    require_functional(teacher, role)
    forget_defaults(teacher)
    check_output_name(role, task, teacher, list(problem.tasks))
    theirs = tuple(prediction(graph_ends(teacher)[1], task).shape)
    mine = tuple(student.output[task].shape)
    if differ(theirs, mine):
        raise ValueError(
            f"The {role} predicts {theirs}, a student {mine}, batch first. A teacher must predict "
            "what its task's head does."
            + (
                positions_remedy(mine, theirs, task)
                or " Pass a model that ends there: `keras.Model(teacher.input, ...)`."
            )
        )
    try:
        teacher(own_inputs(teacher, x), training=False)
    except Exception as error:
        shapes = keras.tree.map_structure(lambda part: tuple(part.shape), x)
        told = remedy()
        if isinstance(shapes, tuple) and len(teacher.inputs) == 1:
            told = remedy(tuple(teacher.inputs[0].shape), shapes)
        raise ValueError(
            f"The {role}, '{teacher.name}', does not take the inputs of problem '{problem.name}', "
            f"of which one batch has the shape {shapes}. {told} Keras says: {error}"
        ) from error
    _tell_against(problem, task, teacher, mine[-1])


def _tell_against(problem: Problem, task: str, teacher: keras.Model, size: int | None) -> None:
    """Warn of a teacher whose first answers do not mean what the labels do."""
    loss = problem.losses()[task]
    read = kind_of(loss, size)
    head = Head(read.predicts, head_of_model(teacher, task).from_logits, read.axis)
    if head.kind != REGRESSION and not may_be_reversed(head, size):
        return

    def predict(x: Any) -> dict[str, Any]:
        return {task: prediction(teacher(own_inputs(teacher, x), training=False), task)}

    for found in against_labels(problem.train, {task: loss}, {task: head}, predict).values():
        warn(found.warning(task))
