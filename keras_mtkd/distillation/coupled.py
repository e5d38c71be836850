"""Two heads of one student tied together by how their classes meet."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Shape, Tensor, WeightLike
from keras_mtkd.distillation._correction import classes_of
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.distillation.form import as_classes, known_form
from keras_mtkd.distillation.head import Head, as_probabilities, head_of
from keras_mtkd.distillation.label_coupling import LabelCoupling
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.losses.kinds import CLASS
from keras_mtkd.losses.labelled import labelled_positions
from keras_mtkd.losses.positions import product_of_weights


class Coupled(Distillation):
    """What both ways have in common: a table, a task that is known and one that learns.

    Args:
        coupling: `P(task's class | source's class)`.
        source: Task of the student that the table starts from.
        task: Task of the student that learns.
        weight: Factor on the cross-entropy.
        use_sample_weight: Which samples learn: True as their labels weigh, False all alike,
            `"missing"` those without label for `task`; `None` as the subclass says.
        name: Name in logs.
    """

    source: str
    learning: bool | str
    """`use_sample_weight`, by default."""
    title: str
    """`name`, by default."""

    def __init__(
        self,
        coupling: LabelCoupling,
        source: str,
        task: str,
        weight: WeightLike = 1.0,
        use_sample_weight: bool | str | None = None,
        name: str | None = None,
    ) -> None:
        chosen = self.learning if use_sample_weight is None else use_sample_weight
        super().__init__([task], weight, chosen, name or self.title)
        self.coupling, self.source = coupling, source

    def check_shapes(self, task: str, student: Shape, teacher: Shape) -> None:
        classes = (teacher[-1], student[-1])
        if classes != self.coupling.table.shape or student[1:-1] != teacher[1:-1]:
            known, learned = self.coupling.table.shape
            raise ValueError(
                f"Distillation '{self.name}': the table ties {known} classes to {learned}, at "
                f"equal positions. The head '{self.source}' predicts shape {teacher}, '{task}' "
                f"shape {student}."
            )

    def head(self, task: str, found: Head) -> Head:
        return as_classes(found)

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        return self.distance_for(task, task_loss, self.head(task, head_of(None, task_loss)))

    def distance_for(
        self, task: str, task_loss: keras.losses.Loss, head: Head
    ) -> keras.losses.Loss:
        self._check_kind(task, task_loss, head)
        from_logits = known_form(self.name, task, head)
        return keras.losses.CategoricalCrossentropy(from_logits, dtype="float32")

    def _check_kind(self, task: str, loss: keras.losses.Loss, head: Head) -> None:
        if head.kind != CLASS:
            raise ValueError(
                f"Distillation '{self.name}' ties classes, so task '{task}' must be compiled with "
                f"a class loss such as `SparseCategoricalCrossentropy`. Received: {loss.name}."
            )

    def get_config(self) -> dict[str, Any]:
        return {
            "coupling": self.coupling.get_config(),
            "source": self.source,
            "task": self.tasks[0],  # type: ignore[index]
            "weight": self.weight,
            "use_sample_weight": self.use_sample_weight,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Coupled":
        return cls(**{**config, "coupling": LabelCoupling(**config["coupling"])})


@mtkd_export("keras_mtkd.DistributionMatching")
class DistributionMatching(Coupled):
    """What one head predicts, carried over by the table, is the other head's soft label.

    `loss = CE(q, student_task)` with `q(b) = sum_a student_source(a) P(b | a)`, without gradient
    to the source's head. It needs neither labels nor teachers.

    Args:
        coupling: `P(task's class | source's class)`.
        source: Task whose prediction is carried over.
        task: Task that learns.
        weight: Factor on the cross-entropy.
        use_sample_weight: Which samples learn: False, the default, all alike, True as their labels
            of `task` weigh, `"missing"` those without.
        name: Name in logs, by default `"distribution_matching"`.

    Raises:
        ValueError: When the distiller is made, if the table does not fit the heads; when it is
            compiled, if a task has no class loss.

    Source: Kollias, Sharmanska and Zafeiriou (2024), read in descriptions; formula reconstructed.
    """

    learning = False
    title = "distribution_matching"

    def target(self, task: str, prediction: Tensor, step: TrainingStep) -> Tensor:
        loss = step.losses[self.source]
        self._check_kind(self.source, loss, as_classes(head_of(None, loss)))
        # It comes in the form of the head that learns.
        return self.coupling.carried_over(as_probabilities(prediction, step.head))


@mtkd_export("keras_mtkd.SoftCoAnnotation")
class SoftCoAnnotation(Coupled):
    """What one task's label says about the other task, by the table, is its soft label.

    `loss = CE(P(. | label_source), student_task)` for samples whose source label is known: its
    sample weight, if given, is positive, and the class not negative.

    Args:
        coupling: `P(task's class | source's class)`; `LabelCoupling.reversed` gives the other
            direction.
        source: Task whose label is used.
        task: Task that learns.
        weight: Factor on the cross-entropy.
        use_sample_weight: Which of those samples learn: `"missing"`, the default, those without
            label for `task` (all, where no sample weights are given), False all alike.
        name: Name in logs, by default `"soft_co_annotation"`.

    Raises:
        ValueError: As for `DistributionMatching`.

    Source: Kollias, Sharmanska and Zafeiriou (2024), read in descriptions; formula reconstructed.
    """

    learning = "missing"
    title = "soft_co_annotation"

    def compares_predictions(self, task: str) -> bool:
        return False

    def target(self, task: str, prediction: Tensor, step: TrainingStep) -> Tensor:
        classes, told = classes_of(step.y[self.source], prediction), self._told(step)
        if told is not None:
            classes = ops.where(told > 0, classes, -1)
        return self.coupling.of_labels(classes)

    def sample_weight(self, task: str, step: TrainingStep) -> Tensor | None:
        known = step.sample_weight.get(self.source)
        factors = [
            super().sample_weight(task, step),
            None if known is None else ops.cast(known > 0, "float32"),
            self._told(step),
        ]
        return product_of_weights([factor for factor in factors if factor is not None])

    def _told(self, step: TrainingStep) -> Tensor | None:
        """1 where the source's loss leaves out no label, `None` if it leaves out none."""
        source = self.source
        told = labelled_positions(step.losses[source], step.y[source], step.y_pred[source])
        return None if told is None else ops.cast(told, "float32")
