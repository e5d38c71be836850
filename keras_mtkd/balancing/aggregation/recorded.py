"""A method that also remembers how the gradients were."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod, State, get_gram_method
from keras_mtkd.balancing.linalg import gramian

COSINES, LENGTHS, STEPS = SUMS = ("recorded_cosines", "recorded_lengths", "recorded_steps")


@mtkd_saved
class Recorded(GramMethod):
    """The weights of another method, and sums over steps of the gradients' cosines and lengths.

    `Balancing(..., record=True)` wraps a method in this; `callbacks.GradientDiagnostics` reads the
    sums. They are part of the state: `"recorded_cosines"` `(tasks, tasks)`, `"recorded_lengths"`
    `(tasks,)` and `"recorded_steps"` `(tasks, tasks)`, the number of steps in which two gradients
    were not zero. A zero gradient has no direction, so that its steps count in no sum.

    Args:
        method: A `GramMethod`, or the name or config of one.

    Raises:
        TypeError: If the method is none of gradients, or records already.

    Examples:
        >>> import numpy as np
        >>> method = Recorded("mgda")
        >>> _, state = method.step(np.array([[4.0, -1.0], [-1.0, 1.0]]), None,
        ...                        method.initial_state(2))
        >>> cosines, lengths = Recorded.means(state)
        >>> cosines.tolist(), lengths.tolist()
        ([[1.0, -0.5], [-0.5, 1.0]], [2.0, 1.0])

    Source: this package's own.
    """

    def __init__(self, method: Any) -> None:
        method = get_gram_method(method)
        if isinstance(method, Recorded):
            raise TypeError(f"This method records already. Received: {method!r}.")
        self.method = method

    def initial_state(self, tasks: int) -> State:
        return {
            **self.method.initial_state(tasks),
            COSINES: ops.zeros((tasks, tasks), "float32"),
            LENGTHS: ops.zeros((tasks,), "float32"),
            STEPS: ops.zeros((tasks, tasks), "float32"),
        }

    def _advance(self, gram: Tensor, losses: Tensor | None, state: State) -> tuple[Tensor, State]:
        own = {name: value for name, value in state.items() if name not in SUMS}
        weights, new = self.method.step(gram, losses, own)
        here = gramian.present(gram)
        both = here[:, None] * here[None, :]
        added = {
            COSINES: both * gramian.cosines(gram),
            LENGTHS: here * gramian.norms(gram),
            STEPS: both,
        }
        return weights, {**new, **{name: state[name] + added[name] for name in SUMS}}

    @staticmethod
    def means(state: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        """Mean cosines and lengths over the steps in which the gradients were not zero.

        Args:
            state: The state, or the weights that hold it.

        Returns:
            Cosines `(tasks, tasks)`, NaN where there was no such step, and lengths `(tasks,)`,
            0 where there was none.
        """
        cosines, lengths, steps = (ops.convert_to_numpy(state[name]) for name in SUMS)
        counts = np.maximum(steps, 1.0)
        return np.where(steps > 0, cosines / counts, np.nan), lengths / np.diag(counts)

    def get_config(self) -> dict[str, Any]:
        return {"method": keras.saving.serialize_keras_object(self.method)}
