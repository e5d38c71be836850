"""Multiple gradient descent: the shortest mixture of the gradients."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation import _simplex
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.MGDA")
@register("mgda")
class MGDA(StatelessGramMethod):
    """Minimise `‖Σ wᵢ gᵢ‖` over weights `w >= 0` that sum to 1.

    The update conflicts with no task and is 0 where no step serves all of them. It leans to the
    shortest gradients: a task whose gradient is 0 stops training, as the definition asks.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in MGDA().weights(np.diag([1.0, 3.0]))]
        [0.75, 0.25]

    Source: Désidéri, "Multiple-gradient descent algorithm" (2012); Sener and Koltun, "Multi-Task
    Learning as Multi-Objective Optimization" (2018). The solver is derived: exact to rounding,
    where released ones stop at weights of 0.999 and 0.001.
    """

    def _weights(self, gram: Tensor) -> Tensor:
        absent = 1.0 - gramian.present(gram)
        count = ops.sum(absent)
        return ops.where(count > 0, absent / ops.maximum(count, 1.0), _simplex.min_norm(gram))
