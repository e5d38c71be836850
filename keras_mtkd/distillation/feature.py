"""Distillation of inner features through adaptors."""

from collections.abc import Iterable
from typing import Any

import keras

from keras_mtkd import losses
from keras_mtkd._export import mtkd_export
from keras_mtkd._types import AdaptorLike, LossLike, Shape, WeightLike
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.layers.adaptor import linear_adaptor
from keras_mtkd.taps import differ


@mtkd_export("keras_mtkd.FeatureDistillation")
class FeatureDistillation(Distillation):
    """Brings a shared feature of the student close to the same feature of every teacher.

    `sum_t weight_t * distance(teacher_t, adaptor_t(student))`: each task has an adaptor of its
    own, so the shared feature need not equal any teacher's, only contain them all.

    Args:
        student_layer: Path of the student's layer to tap (`"features"`, `"backbone.block3"`).
        teacher_layer: Path of the teachers' layer, `{task: path}` where they differ; by default
            the student's path.
        tasks: Tasks to distil; `None` for all that have a teacher.
        weight: Factor, or `{task: factor}`.
        adaptor: `"linear"` (Dense for vectors, 1×1 convolution for maps), `"none"`/`None`, a
            layer (copied for every task by its config), or a function that makes a new layer.
        loss: Distance of `(teacher, student)`: a name, function or `keras.losses.Loss`.
        use_sample_weight: Whether a task's sample weights count here too; False for all samples
            alike, `"missing"` for those without label alone.
        name: Name in logs; by default made of the layers' paths.
        adaptor_regularizer: Penalty on the weights of linear adaptors, as Keras layers take it.

    Raises:
        ValueError: If a weight is negative or the adaptor is not known.

    Example:
    >>> tap = FeatureDistillation("features", weight={"depth": 2.0})
    >>> tap.weight_of("depth"), tap.weight_of("normals")
    (2.0, 1.0)

    Source: Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020); weights 1, 1
    and 2 for segmentation, depth and normals in the authors' released code.
    """

    def __init__(
        self,
        student_layer: str,
        teacher_layer: str | dict[str, str] | None = None,
        tasks: Iterable[str] | None = None,
        weight: WeightLike = 1.0,
        adaptor: AdaptorLike = "linear",
        loss: LossLike = "normalized_l2",
        use_sample_weight: bool | str = True,
        name: str | None = None,
        adaptor_regularizer: Any = None,
    ) -> None:
        super().__init__(tasks, weight, use_sample_weight, name or student_layer.replace(".", "_"))
        self.student_layer = student_layer
        self.teacher_layer = teacher_layer if teacher_layer is not None else student_layer
        self.adaptor_like = adaptor
        self.adaptor_regularizer = keras.regularizers.get(adaptor_regularizer)
        self.loss = losses.get(loss)
        if isinstance(adaptor, str) and adaptor not in ("linear", "none"):
            raise ValueError(
                "`adaptor` must be 'linear', 'none', a layer or a function that makes one. "
                f"Received: adaptor={adaptor!r}."
            )

    def student_tap(self, task: str) -> str:
        return self.student_layer

    def teacher_tap(self, task: str) -> str:
        if isinstance(self.teacher_layer, dict):
            return self.teacher_layer.get(task, self.student_layer)
        return self.teacher_layer

    def adaptor(self, task: str, student: Shape, teacher: Shape) -> keras.layers.Layer | None:
        self._check_positions(task, student, teacher)
        layer = self._make_adaptor(task, student, teacher)
        adapted = student if layer is None else layer.compute_output_shape(student)
        if differ(tuple(adapted), teacher) and isinstance(self.loss, losses.NormalizedL2):
            raise ValueError(
                f"Task '{task}': at tap '{self.student_layer}' the adapted student feature has "
                f"shape {tuple(adapted)}, the teacher's '{self.teacher_tap(task)}' {teacher}. "
                "Use adaptor='linear' or a layer that ends in the teacher's channels."
            )
        return layer

    def _make_adaptor(self, task: str, student: Shape, teacher: Shape) -> keras.layers.Layer | None:
        like = self.adaptor_like
        if like is None or like == "none":
            return None
        name = f"adaptor_{task}_{self.name}"
        if like == "linear":
            channels = int(teacher[-1] or 0)
            return linear_adaptor(student, channels, name, self.adaptor_regularizer)
        if isinstance(like, keras.layers.Layer):
            layer = type(like).from_config({**like.get_config(), "name": name})
        else:
            layer = like()
        if not layer.built:
            layer.build(student)
        return layer

    def _check_positions(self, task: str, student: Shape, teacher: Shape) -> None:
        custom = isinstance(self.adaptor_like, keras.layers.Layer) or callable(self.adaptor_like)
        if not custom and differ(student[1:-1], teacher[1:-1]):
            raise ValueError(
                f"Task '{task}': at tap '{self.student_layer}' the student has shape {student}, "
                f"the teacher's '{self.teacher_tap(task)}' {teacher}: their positions do not "
                "match. Tap layers of the same resolution, or pass an `adaptor` that resizes."
            )

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        return self.loss

    def get_config(self) -> dict[str, Any]:
        like = self.adaptor_like
        if like is not None and not isinstance(like, str):
            like = keras.saving.serialize_keras_object(like)
        return {
            **super().get_config(),
            "student_layer": self.student_layer,
            "teacher_layer": self.teacher_layer,
            "adaptor": like,
            "adaptor_regularizer": keras.regularizers.serialize(self.adaptor_regularizer)
            if self.adaptor_regularizer
            else None,
            "loss": keras.saving.serialize_keras_object(self.loss),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FeatureDistillation":
        config = dict(config)
        for key in ("adaptor", "loss"):
            if isinstance(config[key], dict):
                config[key] = keras.saving.deserialize_keras_object(config[key])
        return cls(**config)
