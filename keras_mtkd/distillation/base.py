"""What every way of distilling has in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names
from keras_mtkd._backend.types import Shape, Tensor, WeightLike
from keras_mtkd._graph.resizing import positions_remedy
from keras_mtkd._graph.shapes import differ
from keras_mtkd.distillation.head import Head
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.losses.labelled import labelled_positions
from keras_mtkd.losses.positions import spread_weights


@mtkd_export("keras_mtkd.Distillation")
class Distillation(ABC):
    """One way in which teachers teach, such as one tap or the predictions.

    A distiller asks it which student and teacher tensors to compare (`None` means the task's
    prediction), for an adaptor between them, and for their distance. It holds no variables.

    Args:
        tasks: Tasks it applies to; `None` for all tasks that have a teacher.
        weight: Factor on the distance, one for all tasks or `{task: factor}`; a task that the
            dict leaves out has weight 1.
        use_sample_weight: Whether the task's `sample_weight` also weighs its distillation. False
            lets a teacher teach on all samples and positions, `"missing"` only on those whose label
            is missing: it fills in for the labels. Missing is a label of weight 0 and, where
            predictions are compared, one that the task's loss leaves out (`ignore_class`, or
            `invalid` of `losses.MaskedMeanAbsoluteError`), so that by default it is not taught.
            Weights of positions weigh those of predictions and features that have the same ones;
            elsewhere every sample has the mean of its weights.
        name: Short name, unique in a distiller, used in logs and layer names.

    Raises:
        TypeError: If `tasks` is a text.
        ValueError: If a weight is negative or `use_sample_weight` none of its choices.

    Attributes:
        teacher: Who teaches: `None` for each task's own teacher, a task's name for the teacher
            of that task, or a model.
        source: Task of the student itself whose prediction teaches instead of any teacher, or
            `None`.
        teacher_from_logits: Whether teachers predict logits, `{task: bool}` where they differ;
            `None` to find out by their graphs and the losses that they are compiled with.
    """

    teacher: keras.Model | str | None = None
    source: str | None = None
    teacher_from_logits: bool | Mapping[str, bool] | None = None

    def __init__(
        self,
        tasks: Iterable[str] | None,
        weight: WeightLike,
        use_sample_weight: bool | str,
        name: str,
    ) -> None:
        check_names("tasks", tasks, "`None` for all tasks that have a teacher")
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
                f"{positions_remedy(student, teacher, task)}"
            )

    def target(self, task: str, prediction: Tensor, step: TrainingStep) -> Tensor:
        """What the student is compared with, from what the teacher gave, without gradient."""
        return prediction

    def sample_weight(self, task: str, step: TrainingStep) -> Tensor | None:
        """Weights of the samples or positions for this distillation, from those of the labels."""
        given = step.sample_weight.get(task)
        if self.use_sample_weight is True:
            return given
        if self.use_sample_weight is False:
            return None
        missing = None if given is None else ops.cast(ops.equal(given, 0), "float32")
        labelled = self._labelled(task, step)
        if labelled is None:
            return missing
        left_out = 1.0 - ops.cast(labelled, "float32")
        if missing is None:
            return left_out
        return ops.maximum(left_out, spread_weights(missing, left_out))

    def known_positions(self, task: str, step: TrainingStep) -> Tensor | None:
        """A mask of the positions that are compared, `None` for all."""
        return self._labelled(task, step) if self.use_sample_weight is True else None

    def _labelled(self, task: str, step: TrainingStep) -> Tensor | None:
        """Where the task's loss leaves out no label, if it is predictions that are compared."""
        label = (step.y or {}).get(task)
        if label is None or self.student_tap(task) is not None:
            return None
        return labelled_positions(step.losses[task], label, step.y_pred[task])

    def stated_form(self, task: str) -> bool | None:
        """What `teacher_from_logits` says of a task's teacher, `None` if nothing."""
        stated = self.teacher_from_logits
        return stated.get(task) if isinstance(stated, Mapping) else stated

    def compares_predictions(self, task: str) -> bool:
        """Whether the teacher's prediction is compared with the student's.

        It then reaches `target` in the student's form: as logits, or as probabilities.
        """
        return self.student_tap(task) is None and self.teacher_tap(task) is None

    def head(self, task: str, found: Head) -> Head:
        """What the student's head is taken for, from what its graph and its loss say."""
        return found

    def distance_for(
        self, task: str, task_loss: keras.losses.Loss, head: Head
    ) -> keras.losses.Loss:
        """`distance`, for ways to which it matters how predictions are to be read.

        Args:
            task: Name of the task.
            task_loss: The loss that the task was compiled with.
            head: What the student's head is taken for.
        """
        return self.distance(task, task_loss)

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


def per_sample(sample_weight: Tensor) -> Tensor:
    """One weight a sample: of weights of positions, the mean."""
    batch = ops.shape(sample_weight)[0]
    return ops.mean(ops.reshape(sample_weight, (batch, -1)), axis=-1)
