"""What a teacher teaches in a training step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Tensor
from keras_mtkd.distillation import Distillation
from keras_mtkd.distillation.base import per_sample
from keras_mtkd.layers.frozen_teacher import FrozenTeacher


@dataclass(eq=False)
class Lesson:
    """One distillation of one task: what the student compares with what, and how far off it is."""

    task: str
    distillation: Distillation
    adaptor: keras.layers.Layer | None = None
    projector: keras.layers.Layer | None = None
    distance: keras.losses.Loss = field(init=False)

    @property
    def key(self) -> str:
        """The name under which adaptor and adapted feature are kept."""
        return f"{self.task}/{self.distillation.name}"

    @property
    def layers(self) -> dict[str, keras.layers.Layer]:
        """The layers that are trained for this lesson and thrown away afterwards."""
        named = {self.key: self.adaptor, f"{self.key}/projector": self.projector}
        return {name: layer for name, layer in named.items() if layer is not None}

    @property
    def teacher_task(self) -> str:
        """The task whose prediction the teacher gives."""
        teacher = self.distillation.teacher
        return teacher if isinstance(teacher, str) else self.task

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
        target = _pick(self.distillation.teacher_tap(self.task), self.teacher_task, outputs, taps)
        if self.projector is not None:
            target = self.projector(target)
        sample_weight = self.distillation.sample_weight(sample_weight)
        if sample_weight is not None:
            sample_weight = per_sample(sample_weight, max(len(adapted.shape) - 1, 1))
        value = self.distance(target, adapted, sample_weight=sample_weight)
        return ops.cast(value, "float32")


@dataclass(eq=False)
class Course:
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


def prediction(outputs: Any, task: str) -> Any:
    """A task's prediction, from a model with one or several outputs."""
    if not isinstance(outputs, Mapping):
        return outputs
    if task not in outputs and len(outputs) == 1:
        return next(iter(outputs.values()))
    return outputs[task]


def _pick(tap: str | None, task: str, outputs: Any, taps: Mapping[str, Tensor]) -> Tensor:
    return prediction(outputs, task) if tap is None else taps[tap]
