"""Optimal transport between class distributions of different label spaces."""

from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.weigh import WeighedLoss

# Smallest probability that is told from zero; its logarithm is finite in float32.
_LEAST = 1e-30


@mtkd_export("keras_mtkd.losses.SinkhornDistance")
class SinkhornDistance(WeighedLoss):
    """Entropy-regularised transport cost from a teacher's classes to a student's.

        min_P  <P, cost> - epsilon * H(P),   P 1 = p,  P^T 1 = q,   H(P) = -sum P log P

    for every sample. The teacher's `p` and the student's `q` may have different numbers of
    classes. The value is that of the dual, `<f, p> + <g, q>`, a lower bound that is exact once
    the iterations have converged; with the potentials held fixed its gradient is that of the
    minimum (envelope theorem), so nothing is differentiated through the iterations. The
    transport cost `<P, cost>` alone has no such gradient: with `P` held fixed it is zero.

    The iterations are in float32 and on logarithms, so that small `epsilon` is safe.

    Call arguments:
        y_true: Teacher probabilities `(batch, ..., K)`.
        y_pred: Student probabilities `(batch, ..., C)`.
        sample_weight: Optional, `(batch,)` or `(batch, ...)`.

    Args:
        cost: Cost `(K, C)` of moving probability from a teacher's class to a student's.
        epsilon: Strength of the regularisation, positive, in units of the cost.
        iterations: Sinkhorn iterations. The smaller `epsilon`, the more are needed.
        reduction: As in `keras.losses.Loss`; `None` gives `(batch, ...)`.
        name: Name of the loss.
        dtype: Dtype of the probabilities and of the value, float32 by default also under mixed
            precision; the iterations are in float32 in any case.

    Raises:
        ValueError: If the cost is no finite matrix, `epsilon` not positive or `iterations`
            below 1; when called, if the classes are not those of the cost.

    Examples:
        >>> import numpy as np
        >>> distance = SinkhornDistance([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], epsilon=0.01)
        >>> round(float(distance(np.array([[0.0, 1.0, 0.0]]), np.array([[1.0, 0.0]]))), 3)
        1.0

    Source: Cuturi, "Sinkhorn Distances" (2013), for the distance; Lu et al., "Selective
    Cross-Task Distillation" (2022), for its use. `epsilon` 0.05 as in WKD (2024); 50 iterations
    are ours.
    """

    def __init__(
        self,
        cost: Any,
        epsilon: float = 0.05,
        iterations: int = 50,
        reduction: str | None = "sum_over_batch_size",
        name: str = "sinkhorn_distance",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.cost = np.asarray(cost, "float32")
        if self.cost.ndim != 2 or not self.cost.size or not np.isfinite(self.cost).all():
            raise ValueError(
                "`cost` must be a finite matrix (teacher classes, student classes). "
                f"Received: shape {self.cost.shape}."
            )
        if epsilon <= 0:
            raise ValueError(f"`epsilon` must be positive. Received: epsilon={epsilon}.")
        if iterations < 1:
            raise ValueError(f"`iterations` must be at least 1. Received: iterations={iterations}.")
        self.epsilon, self.iterations = float(epsilon), int(iterations)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        found = (y_true.shape[-1], y_pred.shape[-1])
        if found != self.cost.shape:
            raise ValueError(
                f"The cost is for {self.cost.shape[0]} teacher and {self.cost.shape[1]} student "
                f"classes. Received: predictions of {found[0]} and {found[1]} classes."
            )
        pair = potentials(y_true, y_pred, self.cost, self.epsilon, self.iterations)
        f, g = (ops.cast(each, y_pred.dtype) for each in pair)
        return ops.sum(f * y_true, axis=-1) + ops.sum(g * y_pred, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "cost": self.cost.tolist(),
            "epsilon": self.epsilon,
            "iterations": self.iterations,
        }


def potentials(
    p: Tensor, q: Tensor, cost: Any, epsilon: float, iterations: int
) -> tuple[Tensor, Tensor]:
    """Dual potentials of the regularised transport, without gradient.

    Args:
        p: Probabilities `(..., K)`.
        q: Probabilities `(..., C)`.
        cost: `(K, C)`.
        epsilon: Strength of the regularisation.
        iterations: Updates of both potentials.

    Returns:
        `f`, `(..., K)`, and `g`, `(..., C)`; the plan is `exp((f + g - cost) / epsilon)`, its
        second marginal exact.
    """
    log_p, log_q = (
        ops.log(ops.maximum(ops.stop_gradient(ops.cast(each, "float32")), _LEAST))
        for each in (p, q)
    )
    kernel = -ops.convert_to_tensor(cost, "float32") / epsilon

    # In units of epsilon.
    def update(_: Tensor, pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        _, g = pair
        f = log_p - ops.logsumexp(kernel + ops.expand_dims(g, -2), axis=-1)
        g = log_q - ops.logsumexp(kernel + ops.expand_dims(f, -1), axis=-2)
        return f, g

    start = (ops.zeros_like(log_p), ops.zeros_like(log_q))
    f, g = ops.fori_loop(0, iterations, update, start)
    return ops.stop_gradient(f) * epsilon, ops.stop_gradient(g) * epsilon
