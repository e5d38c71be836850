"""Who teaches what to whom: the plan that a distiller carries out in every step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Tensor
from keras_mtkd.distillation import Distillation, KerasDistillation
from keras_mtkd.distillation.base import per_sample
from keras_mtkd.distillation.keras_loss import is_keras_distillation_loss
from keras_mtkd.layers.frozen_teacher import FrozenTeacher
from keras_mtkd.taps import TappedModel


@dataclass(eq=False)
class Lesson:
    """One distillation of one task: what the student compares with what, and how far off it is."""

    task: str
    distillation: Distillation
    adaptor: keras.layers.Layer | None = None
    distance: keras.losses.Loss = field(init=False)

    @property
    def key(self) -> str:
        """The name under which adaptor and adapted feature are kept."""
        return f"{self.task}/{self.distillation.name}"

    @property
    def weight(self) -> float:
        """The fixed factor on the distance."""
        return self.distillation.weight_of(self.task)

    def adapted(self, outputs: Mapping[str, Tensor], taps: Mapping[str, Tensor]) -> Tensor:
        """The student's side of the comparison."""
        tensor = _pick(self.distillation.student_tap(self.task), self.task, outputs, taps)
        return tensor if self.adaptor is None else self.adaptor(tensor)

    def measure(
        self, adapted: Tensor, outputs: Any, taps: Mapping[str, Tensor], sample_weight: Tensor
    ) -> Tensor:
        """The distance to the teacher, a float32 scalar."""
        target = _pick(self.distillation.teacher_tap(self.task), self.task, outputs, taps)
        if not self.distillation.use_sample_weight:
            sample_weight = None
        if sample_weight is not None:
            sample_weight = per_sample(sample_weight, max(len(adapted.shape) - 1, 1))
        value = self.distance(target, adapted, sample_weight=sample_weight)
        return ops.cast(value, "float32")


@dataclass(eq=False)
class Class:
    """One distinct teacher and all lessons that it gives."""

    teacher: FrozenTeacher
    lessons: list[Lesson]

    @property
    def tasks(self) -> list[str]:
        """The tasks that it teaches."""
        return list(dict.fromkeys(lesson.task for lesson in self.lessons))

    def teach(
        self,
        x: Any,
        adapted: Mapping[str, Tensor],
        sample_weight: Mapping[str, Tensor],
        active: Tensor,
    ) -> Tensor:
        """Distances of all lessons, `(lessons,)` in float32; zeros, and no forward, if inactive."""

        def run() -> Tensor:
            outputs, taps = self.teacher(x)
            distances = [
                lesson.measure(adapted[lesson.key], outputs, taps, sample_weight.get(lesson.task))
                for lesson in self.lessons
            ]
            return ops.stack(distances)

        def skip() -> Tensor:
            return ops.zeros((len(self.lessons),), dtype="float32")

        return ops.cond(active, run, skip)


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
                "`distillation` must contain `FeatureDistillation`, `LogitDistillation` or "
                "`keras.distillation.DistillationLoss` objects. "
                f"Received: {element!r} of type {type(element).__name__}."
            )
        checked.append(element)
    names = [element.name for element in checked]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Two distillations are called '{name}'. Pass `name=` to tell them.")
    return checked


def plan_classes(
    student: keras.Model,
    teachers: Mapping[str, keras.Model],
    distillations: Sequence[Distillation],
) -> tuple[TappedModel, list[Class]]:
    """Work out which teacher runs for which tasks, and build the adaptors.

    Args:
        student: Functional model with dict outputs.
        teachers: One model a task.
        distillations: Ways of distilling.

    Returns:
        The student with its taps, and one class for every distinct teacher that teaches anything.

    Raises:
        ValueError: If a distillation names an unknown task or one without teacher, or a tap does
            not exist or does not fit.
    """
    given: dict[int, list[Lesson]] = {}
    for distillation in distillations:
        for task in _tasks_of(distillation, teachers, student.output):
            given.setdefault(id(teachers[task]), []).append(Lesson(task, distillation))
    classes = [
        Class(_frozen(teachers[lessons[0].task], lessons), lessons) for lessons in given.values()
    ]
    lessons = [lesson for group in classes for lesson in group.lessons]
    paths = [lesson.distillation.student_tap(lesson.task) for lesson in lessons]
    tapped = TappedModel(student, [path for path in paths if path is not None])
    for group in classes:
        for lesson in group.lessons:
            lesson.adaptor = _adaptor(lesson, tapped, group.teacher)
    return tapped, classes


def _tasks_of(
    distillation: Distillation, teachers: Mapping[str, Any], tasks: Iterable[str]
) -> list[str]:
    """The tasks a distillation applies to, checked."""
    wanted = list(teachers) if distillation.tasks is None else distillation.tasks
    weighted = distillation.weight if isinstance(distillation.weight, dict) else {}
    for task in [*wanted, *weighted]:
        if task not in tasks:
            raise ValueError(
                f"Distillation '{distillation.name}' names the task '{task}', which the student "
                f"does not have. Its tasks: {list(tasks)}."
            )
    for task in wanted:
        if task not in teachers:
            raise ValueError(
                f"Distillation '{distillation.name}' names the task '{task}', which has no "
                f"teacher. Tasks with a teacher: {list(teachers)}."
            )
    return wanted


def _frozen(model: keras.Model, lessons: Sequence[Lesson]) -> FrozenTeacher:
    """The teacher, run only as far as its lessons need it."""
    taps = [lesson.distillation.teacher_tap(lesson.task) for lesson in lessons]
    paths = tuple(dict.fromkeys(path for path in taps if path is not None))
    tasks = list(dict.fromkeys(lesson.task for lesson in lessons))
    name = "teacher_" + "_".join(tasks)
    try:
        return FrozenTeacher(model, paths, with_outputs=None in taps, name=name)
    except ValueError as error:
        raise ValueError(f"Teacher of {tasks}: {error}") from error


def _adaptor(
    lesson: Lesson, tapped: TappedModel, teacher: FrozenTeacher
) -> keras.layers.Layer | None:
    distillation, task = lesson.distillation, lesson.task
    student_tap, teacher_tap = distillation.student_tap(task), distillation.teacher_tap(task)
    if student_tap is None or teacher_tap is None:
        return None
    mine, theirs = tapped.shapes[student_tap], teacher.shapes[teacher_tap]
    return distillation.adaptor(task, mine, theirs)


def _pick(tap: str | None, task: str, outputs: Any, taps: Mapping[str, Tensor]) -> Tensor:
    """A tap, or the prediction of a task from a model with one or several outputs."""
    if tap is not None:
        return taps[tap]
    if isinstance(outputs, Mapping):
        return outputs[task]
    return outputs
