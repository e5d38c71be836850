"""Equiangular direction: the shortest mixture of the gradients' directions."""

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation import _simplex
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.EDM")
@register("edm")
class EDM(StatelessGramMethod):
    """MGDA of the gradients' directions, with weights on the gradients themselves that sum to 1.

    With `β` the mixture of unit gradients of least length, `wᵢ ∝ βᵢ / ‖gᵢ‖`. The update makes
    equal angles with all tasks of positive weight, and none larger with the others. A task
    without a gradient has no weight.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in EDM().weights(np.diag([1.0, 9.0]))]
        [0.75, 0.25]

    Source: the base direction of the code of Nakamura et al., "Leveraging convergence behavior to
    balance conflicting tasks in multi-task learning" (2022).
    """

    def _weights(self, gram: Tensor) -> Tensor:
        return equiangular(gram)


def equiangular(gram: Tensor) -> Tensor:
    """Weights of the equiangular direction, `(tasks,)`."""
    mixture = _simplex.min_norm(_unit_gram(gram))
    weights = mixture * gramian.inverse(gramian.norms(gram) * gramian.present(gram))
    return gramian.summing_to_one(weights)


def _unit_gram(gram: Tensor) -> Tensor:
    present = gramian.present(gram)
    return gramian.cosines(gram) * present[:, None] * present[None, :]
