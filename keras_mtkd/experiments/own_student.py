"""A student that a user brings to a comparison."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.makers import misfit
from keras_mtkd._data.batches import probe_batches
from keras_mtkd._graph.ends import own_inputs
from keras_mtkd._storage.fingerprint import architecture, with_values
from keras_mtkd.losses.validation import check_data, check_student
from keras_mtkd.problem import Problem

MakeStudent = Callable[[Problem], keras.Model]
StudentLike = MakeStudent | Callable[[], keras.Model]

_WANTED = (
    "`student` must be a function that makes a new student, of the problem or without arguments, "
    "since every method and seed starts from a new one: `student=lambda problem: ...`."
)


class OwnStudent:
    """What makes the students of a comparison, checked.

    Args:
        problem: The problem.
        given: Makes a new student, from the problem or without arguments.

    Attributes:
        make: Makes a new student from a problem.
        model: One of them, untrained.
        fingerprint: A hash of the architecture and of the weights that every new student has
            alike, such as pretrained ones.

    Raises:
        TypeError: If a model is given instead of a function, or it needs other arguments.
        ValueError: If the students are one and the same, or do not fit the problem.
    """

    def __init__(self, problem: Problem, given: Any) -> None:
        self.make = _as_maker(given)
        # Keras draws the seeds of initial weights from Python's generator, which this sets too.
        keras.utils.set_random_seed(0)
        self.model = self.make(problem)
        keras.utils.set_random_seed(1)
        other = self.make(problem)
        check_student(self.model)
        mine = {id(variable) for variable in self.model.variables}
        if any(id(variable) in mine for variable in other.variables):
            raise ValueError(
                "`student` gives the same weights again when it is called twice, so that one "
                "method would go on with what another one trained. Make a new model in the "
                "function, for pretrained weights with `keras.models.clone_model` and "
                "`set_weights`."
            )
        self._check(problem)
        pairs = zip(self.model.weights, other.weights, strict=True)
        alike = [one for one, two in pairs if np.array_equal(np.asarray(one), np.asarray(two))]
        self.fingerprint = with_values(architecture(self.model), alike)

    def _check(self, problem: Problem) -> None:
        tasks = list(self.model.output)
        if set(tasks) != set(problem.tasks):
            raise ValueError(
                "`student` must predict the tasks of the problem, no more and no less: "
                f"{list(problem.tasks)}. Its outputs: {tasks}."
            )
        try:
            check_data(self.model, problem.losses(), problem.train)
        except ValueError as error:
            raise ValueError(
                f"The student '{self.model.name}' and the training data of problem "
                f"'{problem.name}' do not fit. {error}"
            ) from error
        x, _, _ = next(probe_batches(problem.train, 1))
        try:
            self.model(own_inputs(self.model, x), training=False)
        except Exception as error:
            raise ValueError(
                f"The student '{self.model.name}' does not take the inputs of problem "
                f"'{problem.name}'. Keras says: {error}"
            ) from error


def _as_maker(given: Any) -> MakeStudent:
    """What makes it from the problem; a function that needs no argument is left alone with it."""
    if isinstance(given, keras.Model) or not callable(given):
        raise TypeError(f"{_WANTED} Received: {given!r} of type {type(given).__name__}.")
    try:
        signature = inspect.signature(given)
    except (TypeError, ValueError):  # it does not tell
        return given
    several = any(each.kind is each.VAR_POSITIONAL for each in signature.parameters.values())
    if not several and misfit(given, ()) is None:
        return partial(_without_problem, given)
    if (why := misfit(given, ("problem",))) is not None:
        raise TypeError(f"{_WANTED} Received: {why}.")
    return given


def _without_problem(make: Callable[[], keras.Model], problem: Problem) -> keras.Model:
    return make()
