"""Keras' own distillation losses, as users may have them already."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor, WeightLike
from keras_mtkd._storage.arguments import pack
from keras_mtkd.distillation.base import Distillation


@mtkd_export("keras_mtkd.KerasDistillation")
class KerasDistillation(Distillation):
    """A `keras.distillation.DistillationLoss` for every task.

    A distiller wraps such losses by itself; use this class to give one tasks or a weight.
    Its layer names are read as taps. It reduces by itself, so sample weights cannot reach it.

    Args:
        loss: The Keras distillation loss.
        tasks: Tasks to distil; `None` for all that have a teacher.
        weight: Factor, or `{task: factor}`.
        name: Name in logs; by default the class name of the loss.
        teacher_from_logits: As in `LogitDistillation`: teachers' predictions are brought to the
            student's form first.

    Raises:
        TypeError: If `loss` is not a Keras distillation loss.
    """

    def __init__(
        self,
        loss: Any,
        tasks: Iterable[str] | None = None,
        weight: WeightLike = 1.0,
        name: str | None = None,
        teacher_from_logits: bool | Mapping[str, bool] | None = None,
    ) -> None:
        if not is_keras_distillation_loss(loss):
            raise TypeError(
                "`loss` must be a `keras.distillation.DistillationLoss`. "
                f"Received: {loss!r} of type {type(loss).__name__}."
            )
        super().__init__(tasks, weight, False, name or type(loss).__name__.lower())
        self.loss, self.teacher_from_logits = loss, teacher_from_logits

    def student_tap(self, task: str) -> str | None:
        return getattr(self.loss, "student_layer_name", None)

    def teacher_tap(self, task: str) -> str | None:
        return getattr(self.loss, "teacher_layer_name", None)

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        return _Scaled(self.loss, self.name)

    def get_config(self) -> dict[str, Any]:
        loss = pack(self.loss)
        if hasattr(self.loss, "loss"):
            loss["config"]["loss"] = pack(self.loss.loss)
        own = {"tasks": self.tasks, "weight": self.weight, "name": self.name}
        return {"loss": loss, **own, "teacher_from_logits": self.teacher_from_logits}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "KerasDistillation":
        return cls(**{**config, "loss": keras.saving.deserialize_keras_object(config["loss"])})


def is_keras_distillation_loss(loss: Any) -> bool:
    """Whether Keras has distillation losses, from 3.12 on, and this is one."""
    module = getattr(keras, "distillation", None)
    return module is not None and isinstance(loss, module.DistillationLoss)


class _Scaled(keras.losses.Loss):
    """Lets Keras divide the value by the number of replicas, as it does for any `Loss`."""

    def __init__(self, loss: Any, name: str) -> None:
        super().__init__(name=name)
        self.loss = loss

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.reshape(self.loss.compute_loss(y_true, y_pred), (1,))
