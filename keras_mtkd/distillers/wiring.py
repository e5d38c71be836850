"""Who teaches what to whom: the wiring that a distiller carries out in every step."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._backend.names import unknown_task, valid_name
from keras_mtkd._backend.types import Tensor
from keras_mtkd._data import cached_features
from keras_mtkd._data.batches import first_inputs
from keras_mtkd._graph.ends import graph_ends, is_graph, prediction
from keras_mtkd._graph.inputs import check_same_inputs, has_names
from keras_mtkd._graph.subclassed import symbolic
from keras_mtkd._graph.taps import TappedModel, tap_paths
from keras_mtkd.distillation import Distillation, KerasDistillation
from keras_mtkd.distillation.keras_loss import is_keras_distillation_loss
from keras_mtkd.distillation.units import OtherUnits
from keras_mtkd.distillers.terms import StudentOutputs, TeacherBranch, Term
from keras_mtkd.layers.frozen_teacher import FrozenTeacher


class Wiring:
    """Which teacher gives which terms. Keras does not look into it: it would wrap dicts and lists.

    Args:
        student: Functional model with dict outputs.
        teachers: `{task: model}`.
        distillation: Ways of distilling, as users write them.

    Attributes:
        distillations: The ways of distilling.
        teachers: `{task: model}`.
        student: The student with its taps.
        branches: One for every distinct teacher that teaches anything.
        other_units: Tasks whose teacher answers in other units; `None` before that was looked at.

    Raises:
        TypeError: If something is no way of distilling.
        ValueError: If a distillation names an unknown task or one without teacher, or a tap does
            not exist or does not fit.
    """

    def __init__(
        self, student: keras.Model, teachers: Mapping[str, keras.Model], distillation: Iterable[Any]
    ) -> None:
        self.distillations = as_distillations(distillation)
        self.teachers = dict(teachers)
        self.student, self.branches = wire_student(student, teachers, self.distillations)
        self.other_units: dict[str, OtherUnits] | None = None
        self._tasks = list(student.output)

    @property
    def terms(self) -> list[Term]:
        """The terms of all teachers."""
        return [term for branch in self.branches for term in branch.terms]

    @property
    def taught(self) -> list[str]:
        """The tasks that some term teaches, which need no labels to be trained."""
        return list(dict.fromkeys(term.task for term in self.terms))

    @property
    def paths(self) -> dict[str, list[str | None]]:
        """`{task: taps}` that terms read, for all tasks; `None` is the task's prediction."""
        read: dict[str, list[str | None]] = {task: [] for task in self._tasks}
        for term in self.terms:
            read[term.task].append(term.distillation.student_tap(term.task))
        return read

    def adapted(self, seen: Callable[[str], StudentOutputs], features: Any) -> dict[str, Tensor]:
        """The student's side of every term, `{key: tensor}`, see `TeacherBranch.adapted`."""
        return {
            key: tensor
            for branch in self.branches
            for key, tensor in branch.adapted(seen, features)
        }

    def expect_features(self, data: Any, again: bool = True) -> None:
        """Prepare for features that come with the data, if any do, and else for the inputs.

        Args:
            data: What the distiller is given.
            again: Whether to look at the teachers' weights anew, if it was done before.

        Raises:
            ValueError: If they are not those of these teachers and taps, or a subclassed teacher
                cannot be called on the inputs of the data.
        """
        brought = cached_features.keys_of(data)
        if brought is None:
            self._try_subclassed(data)
            return
        for branch in self.branches:
            if again or branch.fingerprint is None:
                branch.mark()
            cached_features.require_features(dict.fromkeys(brought), branch.keys())

    def _try_subclassed(self, data: Any) -> None:
        """Call the teachers whose graph is not known on inputs like those of the data."""
        subclassed = [branch for branch in self.branches if branch.is_subclassed]
        inputs = symbolic(first_inputs(data)) if subclassed else None
        for branch in subclassed if inputs is not None else ():
            branch.outputs_on(inputs)


def as_distillations(distillation: Iterable[Any]) -> list[Distillation]:
    """Check the ways of distilling and wrap Keras' own.

    Raises:
        TypeError: If an element is no way of distilling.
        ValueError: If two have the same name.
    """
    if isinstance(distillation, Distillation) or is_keras_distillation_loss(distillation):
        distillation = [distillation]
    checked = []
    for element in distillation:
        if is_keras_distillation_loss(element):
            element = KerasDistillation(element)
        if not isinstance(element, Distillation):
            raise TypeError(
                "`distillation` must contain ways of distilling, such as `FeatureDistillation`, or "
                "`keras.distillation.DistillationLoss` objects. "
                f"Received: {element!r} of type {type(element).__name__}."
            )
        checked.append(element)
    names = [element.name for element in checked]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Two distillations are called '{name}'. Pass `name=` to tell them.")
    return checked


def wire_student(
    student: keras.Model,
    teachers: Mapping[str, keras.Model],
    distillations: Sequence[Distillation],
) -> tuple[TappedModel, list[TeacherBranch]]:
    """Work out which teacher runs for which tasks, and build the adaptors.

    Args:
        student: Functional model with dict outputs.
        teachers: One model a task.
        distillations: Ways of distilling.

    Returns:
        The student with its taps, and a branch for every distinct teacher that teaches anything;
        all terms that the student's own heads give are one branch.

    Raises:
        ValueError: If a distillation names an unknown task or one without teacher, a teacher takes
            other inputs than the student, or a tap does not exist or does not fit.
    """
    tasks = list(student.output)
    asked = [(way, task) for way in distillations for task in _tasks_of(way, teachers, tasks)]
    paths = [way.student_tap(task) for way, task in asked]
    try:
        tapped = TappedModel(student, [path for path in paths if path is not None])
    except ValueError as error:
        raise ValueError(f"Student: {error}") from cause_of(error)
    branches = _branches(distillations, teachers, tasks)
    for branch in branches:
        if branch.teacher is not None:
            try:
                check_same_inputs(student, branch.teacher.model)
            except ValueError as error:
                raise ValueError(f"Teacher of {branch.tasks}: {error}") from cause_of(error)
        outputs = _outputs(branch, student)
        for term in branch.terms:
            if branch.teacher is not None:
                term.connect(tapped.shapes, branch.teacher.shapes)
            _check_predictions(term, student, outputs)
    return tapped, branches


def wire_teachers(
    teachers: Mapping[str, keras.Model], distillations: Sequence[Distillation]
) -> list[TeacherBranch]:
    """Which teacher runs for which tasks, before there is a student.

    Args:
        teachers: One model a task.
        distillations: Ways of distilling.

    Returns:
        One branch for every distinct teacher that teaches anything.

    Raises:
        ValueError: If a distillation names a task without teacher, or a tap does not exist.
    """
    named = [task for way in distillations for task in way.tasks or ()]
    sources = [way.source for way in distillations if way.source is not None]
    tasks = list(dict.fromkeys([*teachers, *named, *sources]))
    return [c for c in _branches(distillations, teachers, tasks) if c.teacher is not None]


def _branches(
    distillations: Sequence[Distillation], teachers: Mapping[str, keras.Model], tasks: list[str]
) -> list[TeacherBranch]:
    given: dict[int, tuple[keras.Model | None, list[Term]]] = {}
    for distillation in distillations:
        for task in _tasks_of(distillation, teachers, tasks):
            term = Term(task, distillation)
            model = _teacher(term, teachers, tasks)
            given.setdefault(id(model), (model, []))[1].append(term)
    return [
        TeacherBranch(_name(model, terms, teachers), _frozen(model, terms), terms)
        for model, terms in given.values()
    ]


def _name(
    model: keras.Model | None, terms: Sequence[Term], teachers: Mapping[str, keras.Model]
) -> str:
    """The first task whose teacher it is, or the distillation that has it alone."""
    theirs = [task for task, teacher in teachers.items() if teacher is model]
    return theirs[0] if theirs else terms[0].distillation.name


def _tasks_of(
    distillation: Distillation, teachers: Mapping[str, Any], tasks: Iterable[str]
) -> list[str]:
    """The tasks a distillation applies to, checked."""
    wanted = list(teachers) if distillation.tasks is None else distillation.tasks
    weighted = distillation.weight if isinstance(distillation.weight, dict) else {}
    for task in [*wanted, *weighted]:
        if task not in tasks:
            by = f"Distillation '{distillation.name}' names the task"
            raise ValueError(unknown_task(by, task, tasks))
    for task in wanted:
        own = distillation.source is None and distillation.teacher is None
        if own and task not in teachers:
            raise ValueError(
                f"Distillation '{distillation.name}' names the task '{task}', which has no "
                f"teacher. Tasks with a teacher: {list(teachers)}."
            )
    return wanted


def _teacher(
    term: Term, teachers: Mapping[str, keras.Model], tasks: Iterable[str]
) -> keras.Model | None:
    """The model that teaches a term, `None` for the student's own head."""
    source = term.distillation.source
    if source is not None:
        others = [task for task in tasks if task != term.task]
        if source not in others:
            raise ValueError(
                f"Distillation '{term.distillation.name}' of task '{term.task}' has the source "
                f"'{source}'. It must be another task of the student: {others}."
            )
        return None
    teacher = term.distillation.teacher
    if isinstance(teacher, keras.Model):
        for task, model in teachers.items():
            if model is teacher:
                raise ValueError(
                    f"Distillation '{term.distillation.name}' has the teacher of task '{task}'. "
                    f"Pass `teacher='{task}'`, so that it runs and is saved once."
                )
        return teacher
    if term.teacher_task not in teachers:
        raise ValueError(
            f"Distillation '{term.distillation.name}' names the teacher of "
            f"'{term.teacher_task}', which has none. Tasks with a teacher: {list(teachers)}."
        )
    return teachers[term.teacher_task]


def _frozen(model: keras.Model | None, terms: Sequence[Term]) -> FrozenTeacher | None:
    """The teacher, run only as far as its terms need it."""
    if model is None:
        return None
    taps = [term.distillation.teacher_tap(term.task) for term in terms]
    paths = tuple(dict.fromkeys(path for path in taps if path is not None))
    tasks = list(dict.fromkeys(term.task for term in terms))
    name = valid_name("teacher_" + "_".join(tasks))
    try:
        return FrozenTeacher(model, paths, with_outputs=None in taps, name=name)
    except ValueError as error:
        hint = _left_out(model, terms)
        raise ValueError(f"Teacher of {tasks}: {error}{hint}") from cause_of(error)


def _left_out(model: keras.Model, terms: Sequence[Term]) -> str:
    """What to do about a task that a map of the teachers' layers leaves out."""
    for term in terms:
        way, task = term.distillation, term.task
        layers, path = getattr(way, "teacher_layer", None), way.teacher_tap(task)
        if not isinstance(layers, Mapping) or task in layers or not is_graph(model):
            continue
        if path not in tap_paths(model):
            return (
                f" Distillation '{way.name}': tasks left out of the map `teacher_layer` use "
                f"'{path}', the student's layer. Add '{task}' to the map, or pass "
                f"`tasks={list(layers)}`."
            )
    return ""


def _outputs(branch: TeacherBranch, student: keras.Model) -> Any:
    """The symbolic outputs of a branch, as far as they are known before there is data."""
    if branch.teacher is None:
        return student.output
    model = branch.teacher.model
    if is_graph(model):
        return graph_ends(model)[1]
    # Of inputs with names the data may have more, which only the teacher takes.
    return None if has_names(student) else branch.outputs_on(graph_ends(student)[0])


def _check_predictions(term: Term, student: keras.Model, outputs: Any) -> None:
    """Refuse to compare predictions of different shapes, where the teacher's shape is known."""
    taps = (
        term.distillation.student_tap(term.task),
        term.distillation.teacher_tap(term.task),
    )
    if taps != (None, None) or outputs is None:
        return
    theirs = prediction(outputs, term.teacher_task)
    mine = student.output[term.task]
    term.distillation.check_shapes(term.task, tuple(mine.shape), tuple(theirs.shape))
