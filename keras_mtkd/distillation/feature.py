"""Distillation of inner features through adaptors."""

import math
from collections.abc import Iterable
from typing import Any

import keras

from keras_mtkd import losses
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_name
from keras_mtkd._backend.types import AdaptorLike, LossLike, Shape, WeightLike
from keras_mtkd._graph.shapes import differ
from keras_mtkd._storage.arguments import pack
from keras_mtkd.distillation._misfit import misfit
from keras_mtkd.distillation.base import Distillation
from keras_mtkd.layers.adaptor import linear_adaptor
from keras_mtkd.losses.batch_distance import BatchDistance
from keras_mtkd.losses.kinds import ALIKE, kind_of


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
        adaptor: `"linear"` (over the channels, alike at every position), `"none"`/`None`, a
            layer (copied for every task by its config), or a function that makes a new layer.
        loss: Distance of `(teacher, student)`: a name, function or `keras.losses.Loss`.
        use_sample_weight: Whether a task's sample weights count here too; False for all samples
            alike, `"missing"` for those without label alone.
        name: Name in logs; by default made of the layers' paths.
        adaptor_regularizer: Penalty on the weights of linear adaptors and projectors, as Keras
            layers take it.
        projector: As `adaptor`, for the teacher's feature. `"linear"` with `adaptor=None` is the
            inverted projector (Auty et al., 2024), which may drop what only the teacher's task
            needs; with both, teacher and student meet in a common space.
        rank: Rank of linear adaptors and projectors, by default full.

    Raises:
        TypeError: If the arguments come in the order of `keras.distillation.FeatureDistillation`.
        ValueError: If a weight is negative, or adaptor or projector are not known; when the
            distiller is made, if features do not fit or the rank is not positive.

    Examples:
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
        projector: AdaptorLike = None,
        rank: int | None = None,
    ) -> None:
        if isinstance(tasks, str) and isinstance(teacher_layer, str):
            raise TypeError(
                "`FeatureDistillation` of this package takes the layers first, and its third "
                f"argument is `tasks`. Received: {student_layer!r}, {teacher_layer!r}, {tasks!r}. "
                "For `keras.distillation.FeatureDistillation`, which takes the loss first, write "
                f"`FeatureDistillation({tasks!r}, {teacher_layer!r}, loss={student_layer!r})`."
            )
        super().__init__(tasks, weight, use_sample_weight, name or student_layer.replace(".", "_"))
        self.student_layer = student_layer
        self.teacher_layer = teacher_layer if teacher_layer is not None else student_layer
        self.adaptor_like, self.projector_like = adaptor, projector
        self.adaptor_regularizer = keras.regularizers.get(adaptor_regularizer)
        self.rank = rank
        self.loss = losses.get(loss)
        for role, like in (("adaptor", adaptor), ("projector", projector)):
            if isinstance(like, str) and like not in ("linear", "none"):
                raise ValueError(
                    f"`{role}` must be 'linear', 'none', a layer or a function that makes one. "
                    f"Received: {role}={like!r}."
                )

    def student_tap(self, task: str) -> str:
        return self.student_layer

    def teacher_tap(self, task: str) -> str:
        if isinstance(self.teacher_layer, dict):
            return self.teacher_layer.get(task, self.student_layer)
        return self.teacher_layer

    def adaptor(self, task: str, student: Shape, teacher: Shape) -> keras.layers.Layer | None:
        self._check_positions(task, student, teacher)
        name = valid_name(f"adaptor_{task}_{self.name}")
        return self._made(self.adaptor_like, name, student, teacher)

    def projector(self, task: str, student: Shape, teacher: Shape) -> keras.layers.Layer | None:
        name = valid_name(f"projector_{task}_{self.name}")
        return self._made(self.projector_like, name, teacher, student)

    def check_shapes(self, task: str, student: Shape, teacher: Shape) -> None:
        if _apart(self.loss, student, teacher):
            raise ValueError(
                f"Task '{task}': at tap '{self.student_layer}' the adapted student feature has "
                f"shape {student}, the teacher's '{self.teacher_tap(task)}' {teacher}: "
                f"{misfit(student, teacher)}"
            )

    def _made(
        self, like: AdaptorLike, name: str, here: Shape, there: Shape
    ) -> keras.layers.Layer | None:
        """A new layer from a feature of shape `here` to the channels of `there`."""
        if like is None or like == "none":
            return None
        if like == "linear":
            channels = int(there[-1] or 0)
            return linear_adaptor(here, channels, name, self.adaptor_regularizer, self.rank)
        if isinstance(like, keras.layers.Layer):
            layer = type(like).from_config({**like.get_config(), "name": name})
        else:
            layer = like()
        if not layer.built:
            layer.build(here)
        return layer

    def _check_positions(self, task: str, student: Shape, teacher: Shape) -> None:
        custom = any(
            isinstance(like, keras.layers.Layer) or callable(like)
            for like in (self.adaptor_like, self.projector_like)
        )
        free = custom or isinstance(self.loss, BatchDistance)
        if not free and differ(student[1:-1], teacher[1:-1]):
            raise ValueError(
                f"Task '{task}': at tap '{self.student_layer}' the student has shape {student}, "
                f"the teacher's '{self.teacher_tap(task)}' {teacher}: {misfit(student, teacher)}"
            )

    def distance(self, task: str, task_loss: keras.losses.Loss) -> keras.losses.Loss:
        return self.loss

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "student_layer": self.student_layer,
            "teacher_layer": self.teacher_layer,
            "adaptor": _pack(self.adaptor_like),
            "projector": _pack(self.projector_like),
            "rank": self.rank,
            "adaptor_regularizer": keras.regularizers.serialize(self.adaptor_regularizer)
            if self.adaptor_regularizer
            else None,
            "loss": pack(self.loss),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FeatureDistillation":
        config = dict(config)
        for key in ("adaptor", "projector", "loss"):
            if isinstance(config.get(key), dict):
                config[key] = keras.saving.deserialize_keras_object(config[key])
        return cls(**config)


def _apart(loss: keras.losses.Loss, student: Shape, teacher: Shape) -> bool:
    """Whether a distance cannot be of features of these shapes; some are of any."""
    if isinstance(loss, losses.LogSumDistance):
        sizes = [None if None in one[1:] else math.prod(one[1:]) for one in (student, teacher)]  # type: ignore[arg-type]
        return None not in sizes and sizes[0] != sizes[1]
    # Keras' would broadcast, or fail in the first step.
    elementwise = isinstance(loss, losses.NormalizedL2) or kind_of(loss).labels == ALIKE
    return elementwise and differ(student, teacher)


def _pack(like: AdaptorLike) -> Any:
    if like is None or isinstance(like, str):
        return like
    return keras.saving.serialize_keras_object(like)
