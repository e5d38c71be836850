"""A layer that holds what a method of balancing remembers between steps."""

from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.balancing.base import Method, State


class MethodMemory(keras.layers.Layer):
    """Keeps a method's state as weights, so that files and backups keep it too.

    Args:
        method: The method.
        objectives: Number of objectives.
        trainable: Names of what the optimiser changes.
        name: Name of the layer.

    Attributes:
        memory: `{name: variable}`.

    Raises:
        ValueError: If there is no objective.
    """

    def __init__(
        self, method: Method, objectives: int, trainable: Iterable[str], name: str | None
    ) -> None:
        super().__init__(name=name, dtype="float32", autocast=False)
        if objectives < 1:
            raise ValueError(f"There must be an objective. Received: objectives={objectives}.")
        self.method, self.objectives = method, objectives
        start = method.initial_state(objectives)
        self._kinds = {key: keras.backend.standardize_dtype(v.dtype) for key, v in start.items()}
        trained = set(trainable)
        self.memory = {
            key: self.add_weight(
                shape=tuple(value.shape),
                initializer=keras.initializers.Constant(ops.convert_to_numpy(value)),
                trainable=key in trained,
                dtype="float32",
                # The same on all replicas.
                aggregation="only_first_replica",
                name=key,
            )
            for key, value in start.items()
        }
        self.built = True

    def state(self, values: Iterable[Tensor] | None = None) -> State:
        """The state, in the types that the method gave it.

        Args:
            values: The weights' values; those that they have now if left out.
        """
        given = map(ops.convert_to_tensor, self.memory.values() if values is None else values)
        pairs = zip(self._kinds.items(), given, strict=True)
        return {key: ops.cast(value, kind) for (key, kind), value in pairs}

    def as_weights(self, state: State) -> list[Tensor]:
        """A state in the order and type of the weights."""
        return [ops.cast(state[key], "float32") for key in self.memory]

    def remember(self, state: State) -> None:
        """Take over a new state, but for what the optimiser changes."""
        for variable, value in zip(self.memory.values(), self.as_weights(state), strict=True):
            if not variable.trainable:
                variable.assign(value)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "method": keras.saving.serialize_keras_object(self.method),
            "objectives": self.objectives,
        }
