"""Distillation from a teacher whose classes are not the student's."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd import losses
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Shape, Tensor, WeightLike
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.distillation.form import as_classes, known_form
from keras_mtkd.distillation.head import Head, head_of
from keras_mtkd.losses.kinds import CLASS
from keras_mtkd.losses.soften import check_temperature, log_probability


@mtkd_export("keras_mtkd.CrossTaskDistillation")
class CrossTaskDistillation(Distillation):
    """Moves a teacher's class probabilities to the student's classes at the least cost.

    `loss = SinkhornDistance(softmax(teacher / T), softmax(student / T))`, in the ground cost
    between the two label spaces.

    Args:
        teacher: The teacher, or the name of a task for that task's teacher.
        cost: `(teacher classes, student classes)`, such as `selection.ground_cost` gives.
        task: The student's task that learns.
        weight: Factor on the distance.
        temperature: Softening `T` of both predictions, positive.
        epsilon: As in `losses.SinkhornDistance`.
        iterations: As in `losses.SinkhornDistance`.
        teacher_from_logits: Whether the teacher predicts logits; `None` to find out, as
            `LogitDistillation` does.
        use_sample_weight: Whether a task's sample weights count here too; False for all samples
            alike, `"missing"` for those without label alone.
        name: Name in logs.

    Raises:
        ValueError: If the cost, the temperature or the regularisation make no sense; when the
            distiller is made, if the cost does not fit the predictions; when it is compiled, if
            the task is not one of classes, or logits cannot be told from probabilities.

    Source: Lu et al., "Selective Cross-Task Distillation" (2022): transport from teacher to
    student predictions as a loss. Its ground cost, regularisation and temperature could not be
    read: reconstructed.
    """

    def __init__(
        self,
        teacher: keras.Model | str,
        cost: Any,
        task: str,
        weight: WeightLike = 1.0,
        temperature: float = 1.0,
        epsilon: float = 0.05,
        iterations: int = 50,
        teacher_from_logits: bool | None = None,
        use_sample_weight: bool | str = True,
        name: str = "cross_task",
    ) -> None:
        super().__init__([task], weight, use_sample_weight, name)
        self.teacher = teacher
        self.temperature = check_temperature(temperature)
        self.teacher_from_logits = teacher_from_logits
        self.transport = losses.SinkhornDistance(cost, epsilon, iterations)

    def check_shapes(self, task: str, student: Shape, teacher: Shape) -> None:
        classes = (teacher[-1], student[-1])
        if classes != self.transport.cost.shape or student[1:-1] != teacher[1:-1]:
            raise ValueError(
                f"Task '{task}': the cost is for {self.transport.cost.shape[0]} teacher and "
                f"{self.transport.cost.shape[1]} student classes at equal positions. The student "
                f"predicts shape {student}, the teacher {teacher}."
            )

    def head(self, task: str, found: Head) -> Head:
        return as_classes(found)

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        return self.distance_for(task, task_loss, self.head(task, head_of(None, task_loss)))

    def distance_for(
        self, task: str, task_loss: keras.losses.Loss, head: Head
    ) -> keras.losses.Loss:
        if head.kind != CLASS:
            raise ValueError(
                f"Task '{task}' must be compiled with a class loss such as "
                "`SparseCategoricalCrossentropy` to learn from another label space. "
                f"Received: {task_loss.name}."
            )
        from_logits = known_form(self.name, task, head)
        return _OfPredictions(self.transport, self.temperature, from_logits)

    def get_config(self) -> dict[str, Any]:
        teacher = self.teacher
        if isinstance(teacher, keras.Model):
            teacher = keras.saving.serialize_keras_object(teacher)
        return {
            "teacher": teacher,
            "cost": self.transport.cost.tolist(),
            "task": self.tasks[0],  # type: ignore[index]
            "weight": self.weight,
            "temperature": self.temperature,
            "epsilon": self.transport.epsilon,
            "iterations": self.transport.iterations,
            "teacher_from_logits": self.teacher_from_logits,
            "use_sample_weight": self.use_sample_weight,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CrossTaskDistillation":
        teacher = config["teacher"]
        if isinstance(teacher, dict):
            teacher = keras.saving.deserialize_keras_object(teacher)
        return cls(**{**config, "teacher": teacher, "cost": np.asarray(config["cost"])})


class _OfPredictions(keras.losses.Loss):
    """The transport between softened predictions."""

    def __init__(
        self,
        transport: losses.SinkhornDistance,
        temperature: float,
        from_logits: bool,
    ) -> None:
        super().__init__(name=transport.name, dtype="float32")
        self.transport, self.temperature = transport, temperature
        self.from_logits = from_logits

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.transport.call(self._soft(y_true), self._soft(y_pred))

    def _soft(self, predictions: Tensor) -> Tensor:
        logits = predictions if self.from_logits else log_probability(predictions)
        return ops.softmax(logits / self.temperature, axis=-1)
