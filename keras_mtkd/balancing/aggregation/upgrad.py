"""Unconflicting projection: every gradient is moved to where it harms no task."""

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation._interior_point import minimize
from keras_mtkd.balancing.aggregation.gramian_base import StatelessGramMethod
from keras_mtkd.balancing.linalg import gramian
from keras_mtkd.balancing.registry import register


@mtkd_export("keras_mtkd.balancing.UPGrad")
@register("upgrad")
class UPGrad(StatelessGramMethod):
    """The mean of the tasks' gradients, each projected on the directions that harm no task.

    The projection of `gᵢ` on `{d: ⟨gⱼ, d⟩ >= 0 for all j}` is `Σ vⱼ gⱼ` with the `v >= eᵢ` that
    minimises `vᵀ M v`. The update harms no task, and a longer gradient has more say.

    Examples:
        >>> import numpy as np
        >>> [round(float(w), 4) for w in UPGrad().weights(np.eye(2))]
        [0.5, 0.5]

    Source: Quinton and Rey, "Jacobian Descent for Multi-Objective Optimization" (2024).
    """

    def _weights(self, gram: Tensor) -> Tensor:
        present, lengths = gramian.present(gram), gramian.norms(gram)
        tasks = gram.shape[0]
        # With unit gradients the projections do not depend on any length.
        cosines = gramian.cosines(gram)

        def derivatives(added: Tensor) -> tuple[Tensor, Tensor]:
            return cosines + gramian.times(cosines, added), cosines

        added = minimize(derivatives, ops.ones((tasks, tasks), "float32"))
        projected = ops.eye(tasks, dtype="float32") + added * present[:, None] * present[None, :]
        weights = ops.sum(projected * (lengths * present)[:, None], axis=0) / tasks
        return weights * gramian.inverse(lengths * present)
