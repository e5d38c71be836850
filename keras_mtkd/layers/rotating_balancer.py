"""A balancer that also turns the tasks' representations towards one another."""

from collections.abc import Sequence
from typing import Any, Self

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.distribution.replicas import sum_over_replicas
from keras_mtkd.layers.gradient_balancer import GradientBalancer
from keras_mtkd.layers.rotation import Rotation


class _Untracked:
    """Hides the student's layers from Keras' attribute tracking."""

    def __init__(self, rotations: Sequence[Rotation]) -> None:
        self.all = list(rotations)


@mtkd_saved
class RotatingBalancer(GradientBalancer):
    """A `GradientBalancer` that gives rotations their gradients.

    `Gᵢ` is the gradient of objective `i` with respect to the representation before the rotations,
    of the whole batch, and `G` the mean of the `Gᵢ`. `V` is the mean of the `Gᵢ ‖G‖ / ‖Gᵢ‖`, which
    all have the length of `G`; a gradient of zero stays zero. Rotation `Rᵢ`, at the start of the
    head of objective `i`, descends on the mean over the samples of `‖Rᵢ V - Ĝᵢ‖²`. There
    `Ĝᵢ = Rᵢ Gᵢ`, the gradient after the rotation, has its own length, and like `V` it is constant.
    Only the channels that are rotated enter this distance; the lengths above are those of all.

    Args:
        method: A `keras_mtkd.balancing.GramMethod`, or the name or config of one.
        objectives: Number of objectives.
        plain: As in `GradientBalancer`.
        times_tasks: As in `GradientBalancer`.
        rotations: The rotation of every objective. They belong to the heads, not to this layer.
        name: Name of the layer.

    Raises:
        ValueError: If there is not one rotation an objective.

    Source: Javaloy and Valera, "RotoGrad: Gradient Homogenization in Multitask Learning" (2022),
    and the authors' code; that all of it is one backward pass is this package's own.
    """

    def __init__(
        self,
        method: Any,
        objectives: int,
        plain: bool = False,
        times_tasks: bool = False,
        rotations: Sequence[Rotation] = (),
        name: str | None = "gradient_balancer",
    ) -> None:
        super().__init__(method, objectives, plain, times_tasks, name)
        if len(rotations) != objectives:
            raise ValueError(
                f"There must be one rotation an objective, {objectives}. "
                f"Received: {len(rotations)}."
            )
        self._rotations = _Untracked(rotations)

    @property
    def rotations(self) -> list[Rotation]:
        """The rotation of every objective."""
        return list(self._rotations.all)

    def also_trained(self) -> list[Tensor]:
        return [ops.convert_to_tensor(rotation.skew) for rotation in self.rotations]

    def gradients_of_trained(
        self, trained: Sequence[Tensor], gradients: Sequence[Tensor], gram: Tensor
    ) -> list[Tensor]:
        wanted = gramian.length(gram, gramian.equal(self.objectives))
        factors = wanted * gramian.inverse(gramian.norms(gram))
        same = [factors[i] * gradient for i, gradient in enumerate(gradients)]
        target = sum(same[1:], same[0]) / len(same)
        batch = sum_over_replicas(ops.cast(ops.shape(target)[0], "float32"))
        slopes = []
        for rotation, skew, gradient in zip(self.rotations, trained, gradients, strict=True):
            here, there = (
                ops.reshape(tensor[..., : rotation.turned], (-1, rotation.turned))
                for tensor in (gradient, target)
            )
            products = ops.matmul(ops.transpose(there - here), there)
            of_matrix = 2.0 / batch * ops.matmul(rotation.matrix(skew), products)
            slopes.append(rotation.slope(skew, of_matrix))
        return slopes

    def get_config(self) -> dict[str, Any]:
        rotations = [keras.saving.serialize_keras_object(one) for one in self.rotations]
        return {**super().get_config(), "rotations": rotations}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        rotations = map(keras.saving.deserialize_keras_object, config["rotations"])
        return cls(**{**config, "rotations": list(rotations)})
