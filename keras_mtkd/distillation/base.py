"""What every way of distilling has in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Shape, Tensor, WeightLike
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.taps import differ


class Distillation(ABC):
    """One way in which teachers teach, such as one tap or the predictions.

    A distiller asks it which student and teacher tensors to compare (`None` means the task's
    prediction), for an adaptor between them, and for their distance. It holds no variables.

    Args:
        tasks: Tasks it applies to; `None` for all tasks that have a teacher.
        weight: Factor on the distance, one for all tasks or `{task: factor}`; a task that the
            dict leaves out has weight 1.
        use_sample_weight: Whether the task's `sample_weight` also weighs its distillation. False
            lets a teacher teach on all samples, `"missing"` only on those whose label is missing
            (weight 0): it fills in for the labels.
        name: Short name, unique in a distiller, used in logs and layer names.

    Raises:
        ValueError: If a weight is negative or `use_sample_weight` none of its choices.

    Attributes:
        teacher: Who teaches: `None` for each task's own teacher, a task's name for the teacher
            of that task, or a model.
        source: Task of the student itself whose prediction teaches instead of any teacher, or
            `None`.
    """

    teacher: keras.Model | str | None = None
    source: str | None = None

    def __init__(
        self,
        tasks: Iterable[str] | None,
        weight: WeightLike,
        use_sample_weight: bool | str,
        name: str,
    ) -> None:
        self.tasks = None if tasks is None else list(tasks)
        self.weight = dict(weight) if isinstance(weight, Mapping) else float(weight)
        self.use_sample_weight = use_sample_weight
        self.name = name
        values = self.weight.values() if isinstance(self.weight, dict) else [self.weight]
        if any(value < 0 for value in values):
            raise ValueError(f"`weight` must not be negative. Received: weight={weight}.")
        if use_sample_weight not in (True, False, "missing"):
            raise ValueError(
                "`use_sample_weight` must be True, False or 'missing'. "
                f"Received: use_sample_weight={use_sample_weight!r}."
            )

    def weight_of(self, task: str) -> float:
        """The factor on this distillation's distance for one task."""
        if isinstance(self.weight, dict):
            return float(self.weight.get(task, 1.0))
        return self.weight

    def student_tap(self, task: str) -> str | None:
        """Path of the student's layer to read, or `None` for its prediction of the task."""
        return None

    def teacher_tap(self, task: str) -> str | None:
        """Path of the teacher's layer to read, or `None` for its prediction of the task."""
        return None

    def adaptor(self, task: str, student: Shape, teacher: Shape) -> keras.layers.Layer | None:
        """A new layer from the student's tensor to the teacher's, or `None` for identity."""
        return None

    def projector(self, task: str, student: Shape, teacher: Shape) -> keras.layers.Layer | None:
        """A new layer for the teacher's tensor, trained like an adaptor, or `None`.

        Args:
            task: Name of the task.
            student: Shape of the adapted student tensor.
            teacher: Shape of the teacher's.
        """
        return None

    def check_shapes(self, task: str, student: Shape, teacher: Shape) -> None:
        """Refuse tensors that cannot be compared.

        Args:
            task: Name of the task.
            student: Shape of the student's prediction or adapted tap, batch first.
            teacher: Shape of the teacher's prediction or projected tap.

        Raises:
            ValueError: If they do not fit each other.
        """
        if differ(student, teacher):
            raise ValueError(
                f"Task '{task}', distillation '{self.name}': the student gives shape {student}, "
                f"its teacher {teacher}, which cannot be compared."
            )

    def target(self, task: str, prediction: Tensor, step: TrainingStep) -> Tensor:
        """What the student is compared with, from what the teacher gave, without gradient."""
        return prediction

    def sample_weight(self, task: str, step: TrainingStep) -> Tensor | None:
        """Weights of the samples for this distillation, from those of the labels."""
        given = step.sample_weight.get(task)
        if given is None or self.use_sample_weight is True:
            return given
        return ops.cast(given == 0, "float32") if self.use_sample_weight == "missing" else None

    @abstractmethod
    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        """The loss, called as `loss(teacher, student, sample_weight)`.

        Args:
            task: Name of the task.
            task_loss: The loss that the task was compiled with.
        """

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal object."""
        return {
            "tasks": self.tasks,
            "weight": self.weight,
            "use_sample_weight": self.use_sample_weight,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Distillation":
        """The object whose `get_config` gave `config`."""
        return cls(**config)


def per_sample(sample_weight: Tensor, rank: int) -> Tensor:
    """One weight a sample, shaped to multiply values of the given rank.

    A mask of positions `(batch, ...)` becomes the mean over each sample's positions, because a
    tap rarely has the resolution of the labels.
    """
    batch = ops.shape(sample_weight)[0]
    flat = ops.mean(ops.reshape(sample_weight, (batch, -1)), axis=-1)
    return ops.reshape(flat, (batch,) + (1,) * (rank - 1))
