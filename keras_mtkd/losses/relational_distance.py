"""Relational distillation: distances and angles among the samples of a batch."""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses._registry import register
from keras_mtkd.losses.batch_distance import BatchDistance, chosen

_LEAST = 1e-12


@mtkd_export("keras_mtkd.losses.RelationalDistance")
@register("relational")
class RelationalDistance(BatchDistance):
    """Huber loss between the pairwise distances, and the angles of triples, of both sides.

    Distances are divided by their mean over the batch; an angle is the cosine at one sample
    between the directions to two others. Both sides may have different widths. Angles take
    memory with the cube of the batch: leave them out (`angle=0`) for batches above some hundred.

    Call arguments:
        y_true: Teacher features, `(batch, ...)`.
        y_pred: Student features, `(batch, ...)`.
        sample_weight: Optional, `(batch,)` or of positions; a pair or triple weighs the product of
            its samples. Positions without weight, or left out by a mask, are 0 on both sides.

    Args:
        distance: Weight of the distances, not negative.
        angle: Weight of the angles, not negative.
        name: Name of the loss.
        dtype: Dtype of the features and of the value, float32 by default also under mixed
            precision; the arithmetic is in float32 or wider.

    Raises:
        ValueError: If a weight is negative.

    Source: Park et al., "Relational Knowledge Distillation" (2019); distances to angles 1 : 2 as
    in its experiments.
    """

    def __init__(
        self,
        distance: float = 1.0,
        angle: float = 2.0,
        name: str = "relational_distance",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        if min(distance, angle) < 0:
            raise ValueError(
                "`distance` and `angle` must not be negative. "
                f"Received: distance={distance}, angle={angle}."
            )
        self.distance, self.angle = float(distance), float(angle)

    def between(
        self,
        teacher: Tensor,
        student: Tensor,
        weight: Tensor,
        of_teacher: Tensor | None = None,
        of_student: Tensor | None = None,
    ) -> Tensor:
        teacher, student = chosen(teacher, of_teacher), chosen(student, of_student)
        pair = weight[:, None] * weight[None, :]
        total = ops.zeros((), weight.dtype)
        if self.distance:
            one, other = (_distances(each, pair) for each in (teacher, student))
            total += self.distance * ops.sum(pair * _huber(one - other))
        if self.angle:
            triple = pair[:, :, None] * weight[None, None, :]
            one, other = (_angles(each) for each in (teacher, student))
            total += self.angle * ops.sum(triple * _huber(one - other))
        return total

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "distance": self.distance, "angle": self.angle}


def _distances(features: Tensor, pair: Tensor) -> Tensor:
    """`(batch, batch)`, with mean 1 over pairs of different samples; 0 if there are none."""
    difference = features[:, None, :] - features[None, :, :]
    # Inside the root: the distance of a sample to itself has a finite gradient.
    distances = ops.sqrt(ops.sum(ops.square(difference), axis=-1) + _LEAST)
    others = pair * ops.cast(distances > 1e-5, distances.dtype)
    mean = ops.sum(others * distances) / ops.maximum(ops.sum(others), _LEAST)
    return ops.where(mean > 0, distances / ops.maximum(mean, _LEAST), ops.zeros_like(distances))


def _angles(features: Tensor) -> Tensor:
    """Cosines at the first sample between the second and the third, `(batch, batch, batch)`."""
    difference = features[None, :, :] - features[:, None, :]
    squares = ops.sum(ops.square(difference), axis=-1, keepdims=True)
    unit = difference * ops.rsqrt(squares + _LEAST)
    return ops.matmul(unit, ops.transpose(unit, (0, 2, 1)))


def _huber(difference: Tensor) -> Tensor:
    size = ops.abs(difference)
    return ops.where(size < 1.0, 0.5 * ops.square(difference), size - 0.5)
