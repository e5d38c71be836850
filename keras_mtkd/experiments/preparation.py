"""What a comparison was asked for, and what trains it, in this process and in others."""

import contextlib
import os
import pickle
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._backend.makers import misfit
from keras_mtkd._backend.names import unknown
from keras_mtkd.experiments._registry import METHODS
from keras_mtkd.experiments.auto_method import AutoMethod
from keras_mtkd.experiments.few_labels import FewLabels, few_labels
from keras_mtkd.experiments.fitting_models import check_methods
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE, expand_methods
from keras_mtkd.experiments.online_method import OnlineMethod
from keras_mtkd.experiments.own_student import OwnStudent, StudentLike
from keras_mtkd.experiments.own_teachers import OwnTeachers, TeachersLike
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.trainer import Trainer
from keras_mtkd.experiments.trainings import Trainings
from keras_mtkd.problem import Problem


@dataclass(frozen=True)
class Asked:
    """The arguments of `compare`, for this process and for others.

    Args:
        problem: The problem, or what makes it.
        methods: Methods, by name or not.
        seeds: Seeds.
        settings: What all methods share.
        split: What is measured on.
        root: Where all is kept, or `None`.
        verbose: As in `train_teachers`.
        teachers: Teachers of one's own.
        student: What makes students of one's own.
    """

    problem: Problem | Callable[[], Problem]
    methods: Sequence[str | Method]
    seeds: Sequence[int]
    settings: Settings
    split: str
    root: Path | None
    verbose: int | str
    teachers: TeachersLike | None
    student: StudentLike | None


@dataclass(frozen=True)
class Prepared:
    """What trains a comparison.

    Attributes:
        problem: The problem.
        methods: `{name: method}`, without the single-task models.
        choosing: `{name: automatic choice}` among them, each made of trainings of others.
        trainings: The trainings.
        own_teachers: The teachers that the user brings for the first seed.
        titles: `{name: title}` in tables.
        few_labels: Tasks of which most training samples have no label.
    """

    problem: Problem
    methods: Mapping[str, Method]
    trainings: Trainings
    own_teachers: Mapping[str, keras.Model]
    titles: Mapping[str, str]
    few_labels: Mapping[str, FewLabels]
    trainer: Trainer

    @property
    def choosing(self) -> dict[str, AutoMethod]:
        return {n: each for n, each in self.methods.items() if isinstance(each, AutoMethod)}


def prepare(asked: Asked, workers: int = 1) -> Prepared:
    """Make problem, student and trainings, and refuse what would fail later.

    Args:
        asked: What was asked for.
        workers: Processes that are to train.

    Raises:
        ValueError: If data is malformed, or models do not fit the problem or a method.
        TypeError: If something is of another kind, or processes cannot import it.
    """
    _check_workers(asked, workers)
    problem = _problem(asked.problem)
    given = [method for method in expand_methods(asked.methods).values() if method is not None]
    _check_task_weights(problem, given, asked.settings)
    student = None if asked.student is None else OwnStudent(problem, asked.student)
    model = problem.student() if student is None else student.model
    labels = problem.validate(model)
    own = None
    if asked.teachers is not None:
        found = OwnTeachers(problem, asked.teachers, asked.seeds, model)
        # None for any task is as good as not given.
        own = found if found.tasks else None
    if student is not None:
        _check_heads(problem, model, () if own is None else own.tasks)
    methods = {method.name: _with_student(method, student) for method in given}
    _check(problem, list(methods.values()), asked.settings, own, student)
    # Those that an automatic choice may train are trained like others.
    everything = {each.name: each for each in given}
    for method in given:
        if isinstance(method, AutoMethod):
            method.trainings(asked.settings)
            expand_methods([*everything.values(), *method.members().values()])
            everything = {**method.members(), **everything}
    trainings = Trainings(
        problem,
        everything.values(),
        asked.settings,
        asked.split,
        asked.root,
        asked.verbose,
        own,
        student,
    )
    trained = {name: _with_student(method, student) for name, method in everything.items()}
    titles = {name: method.title for name, method in methods.items()}
    if own is not None:
        titles[SINGLE] = "Teachers"
    given_teachers = own.of(asked.seeds[0]) if own else {}
    few = few_labels(labels, problem, methods, asked.settings)
    trainer = Trainer(trainings, trained)
    return Prepared(problem, methods, trainings, given_teachers, titles, few, trainer)


def trainer_of(asked: Asked) -> Trainer:
    """What another process trains by."""
    return prepare(asked).trainer


@contextlib.contextmanager
def kept_in(directory: str | os.PathLike[str] | None, workers: int) -> Iterator[Path | None]:
    """Where results are kept; processes find each other's teachers there."""
    if directory is not None or workers == 1:
        yield None if directory is None else Path(directory)
    else:
        with tempfile.TemporaryDirectory(prefix="keras_mtkd_") as folder:
            yield Path(folder)


def _check_workers(asked: Asked, workers: int) -> None:
    if workers < 1:
        raise ValueError(f"`workers` must be at least 1. Received: workers={workers}.")
    if workers == 1:
        return
    if isinstance(asked.problem, Problem):
        raise TypeError(
            "Several `workers` make the problem anew, each for itself. Pass the function that "
            "makes it, as `compare(keras_mtkd.datasets.digits, ..., workers=2)`, and not what it "
            "returns."
        )
    try:
        pickle.dumps(asked)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            "Several `workers` need functions that they can import, those of a module, and no "
            f"lambda or inner function. Python says: {error}"
        ) from error


def _problem(given: Problem | Callable[[], Problem]) -> Problem:
    if isinstance(given, Problem):
        return given
    if (why := misfit(given, ())) is not None:
        raise TypeError(
            "`problem` must be a `Problem`, or a function without arguments that makes one. "
            f"Received: {why}."
        )
    made = given()
    if not isinstance(made, Problem):
        raise TypeError(f"`problem` must make a `Problem`. It made: {type(made).__name__}.")
    return made


def _check_task_weights(problem: Problem, methods: Sequence[Method], settings: Settings) -> None:
    """Refuse weights of tasks that there are not, or of methods that find their own."""
    if not settings.task_weights:
        return
    for task in settings.task_weights:
        if task not in problem.tasks:
            raise ValueError(f"`task_weights`: {unknown('task', task, problem.tasks)}")
    for method in methods:
        if isinstance(method, OnlineMethod):
            raise ValueError(
                f"'{method.name}' weighs the tasks by itself and takes no `task_weights`. Leave it "
                "out, or give the labels another scale."
            )


def _with_student(method: Method, own: OwnStudent | None) -> Method:
    """The method with the comparison's student, unless it brings one."""
    if own is None or method.student is not Problem.student:
        return method
    return replace(method, student=own.make)


def _check_heads(problem: Problem, student: keras.Model, taught: Collection[str]) -> None:
    """Refuse labels that do not fit the single-task models which are trained here.

    The data is read again only if their heads are unlike those of the user's student.
    """
    left = {task: problem.single(task) for task in problem.tasks if task not in taught}
    for task, model in left.items():
        if model.output[task].shape == student.output[task].shape:
            continue
        try:
            problem.validate(model)
        except ValueError as error:
            raise ValueError(
                f"There is no teacher of '{task}', so that one is trained here, of its task's head "
                f"on `Problem(backbone=...)`, which does not fit. {error} Give a teacher, "
                f"`teachers={{'{task}': model}}`, or a backbone and a head that fit."
            ) from cause_of(error)


def _check(
    problem: Problem,
    methods: Sequence[Method],
    settings: Settings,
    own: OwnTeachers | None,
    student: OwnStudent | None,
) -> None:
    """Refuse methods that do not fit what users bring: models, or the methods themselves."""
    if own is None and student is None:
        methods = [method for method in methods if method.name not in METHODS]
    if not methods:
        return
    singles = {task: problem.single(task) for task in problem.tasks}
    for teachers in [{}] if own is None else own.kinds():
        check_methods(methods, problem, {**singles, **teachers}, settings)
