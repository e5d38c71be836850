"""A layer through which several objectives reach one shared representation."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, get_gram_method
from keras_mtkd.balancing.linalg.gramian_of import gram_of
from keras_mtkd.distribution.replicas import replica_count, sum_over_replicas
from keras_mtkd.layers.method_memory import MethodMemory


@mtkd_saved
class GradientBalancer(MethodMemory):
    """Hands a representation to every objective and mixes the gradients they send back.

    Forward it copies its input. Backward the input receives `Σ wᵢ gᵢ` instead of the sum, with
    the weights of a method of gradient aggregation: one backward pass, whatever the backend. On
    several replicas the inner products are those of the whole batch.

    What a method remembers, and the losses that some look at, cannot pass between the forward and
    the backward half of a step on every backend. So the losses come as the gradient of `signal`,
    and what is remembered is trainable: its "gradient" is its next value, which
    `GradientAssignment` assigns.

    Args:
        method: A `keras_mtkd.balancing.GramMethod`, or the name or config of one.
        objectives: Number of objectives.
        plain: Whether to give one more copy, whose gradient is added as it is.
        times_tasks: Whether the combined gradient is multiplied by the number of objectives.
        name: Name of the layer.

    Call arguments:
        shared: The representation, `(batch, ...)`.

    Returns `(copies, signal)`: a list of tensors like `shared`, one an objective and then the
    plain one; and zeros `(objectives + 1,)`. Add `Σ signal * stop_gradient([*losses, 1])` to what
    is minimised, with the value of every objective.

    Raises:
        ValueError: If there is no objective.
        TypeError: If the method is none of gradients.

    Source: the place is that of Sener and Koltun (2018) and of LibMTL's `rep_grad`; the form is
    this package's own.
    """

    method: GramMethod

    def __init__(
        self,
        method: Any,
        objectives: int,
        plain: bool = False,
        times_tasks: bool = False,
        name: str | None = "gradient_balancer",
    ) -> None:
        method = get_gram_method(method)
        super().__init__(method, objectives, method.initial_state(objectives), name)
        self.plain, self.times_tasks = plain, times_tasks

    def call(self, shared: Tensor) -> tuple[list[Tensor], Tensor]:
        count = self.objectives + self.plain

        @ops.custom_gradient
        def copy(shared: Tensor, *trained: Tensor) -> Any:
            def gradient(*arguments: Any, upstream: Any = None) -> Any:
                given = arguments if upstream is None else upstream
                *sent, signal = keras.tree.flatten(given)
                return self._mixed(sent, signal, trained, shared.dtype)

            return (*[shared] * count, ops.zeros((self.objectives + 1,), "float32")), gradient

        memory = map(ops.convert_to_tensor, self.memory.values())
        *copies, signal = copy(shared, *memory, *self.also_trained())
        return copies, signal

    def also_trained(self) -> list[Tensor]:
        """Values of weights that have a gradient of this layer beside what is remembered."""
        return []

    def gradients_of_trained(
        self, trained: Sequence[Tensor], gradients: Sequence[Tensor], gram: Tensor
    ) -> list[Tensor]:
        """Gradients of the values of `also_trained`, of this replica.

        Args:
            trained: Those values.
            gradients: The objectives' gradients of the representation.
            gram: Their inner products, of the whole batch.
        """
        return []

    def _mixed(
        self, sent: list[Tensor], signal: Tensor, trained: tuple[Tensor, ...], dtype: Any
    ) -> tuple[Tensor, ...]:
        """Gradients of the representation, of what is remembered and of what is also trained."""
        memory, others = trained[: len(self.memory)], trained[len(self.memory) :]
        # Under mixed precision all gradients, that of the 1 in the signal too, are scaled.
        scale = ops.where(signal[-1] > 0, signal[-1], 1.0)
        gradients = [ops.cast(tensor, "float32") / scale for tensor in sent]
        plain = gradients.pop() if self.plain else 0.0
        gram = sum_over_replicas(gram_of(gradients))
        losses = sum_over_replicas(signal)[:-1] / scale
        weights, state = self.method.step(gram, losses, self.state(memory))
        weights *= self.objectives if self.times_tasks else 1
        mixed = plain + sum(weights[i] * gradient for i, gradient in enumerate(gradients))
        share = scale / replica_count()
        kept = (value * share for value in self.as_weights(state))
        slopes = self.gradients_of_trained(others, gradients, gram)
        return ops.cast(mixed * scale, dtype), *kept, *(slope * scale for slope in slopes)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "plain": self.plain,
            "times_tasks": self.times_tasks,
        }
