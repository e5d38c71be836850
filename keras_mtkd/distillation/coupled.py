"""Two heads of one student tied together by how their classes meet."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Shape, Tensor, WeightLike
from keras_mtkd.distillation._correction import classes_of
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.distillation.logit import loss_kind
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.label_coupling import LabelCoupling


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

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        from_logits = self._from_logits(task, task_loss)
        return keras.losses.CategoricalCrossentropy(from_logits, dtype="float32")

    def _from_logits(self, task: str, loss: keras.losses.Loss) -> bool:
        kind, from_logits = loss_kind(loss)
        if kind != "class":
            raise ValueError(
                f"Distillation '{self.name}' ties classes, so task '{task}' must be compiled with "
                f"a class loss such as `SparseCategoricalCrossentropy`. Received: {loss.name}."
            )
        return from_logits

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
        from_logits = self._from_logits(self.source, step.losses[self.source])
        prediction = ops.cast(prediction, "float32")
        return self.coupling.carried_over(
            ops.softmax(prediction, axis=-1) if from_logits else prediction
        )


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

    def target(self, task: str, prediction: Tensor, step: TrainingStep) -> Tensor:
        return self.coupling.of_labels(classes_of(step.y[self.source], prediction))

    def sample_weight(self, task: str, step: TrainingStep) -> Tensor | None:
        weight, known = super().sample_weight(task, step), step.sample_weight.get(self.source)
        if known is None:
            return weight
        known = ops.cast(known > 0, "float32")
        return known if weight is None else known * weight
