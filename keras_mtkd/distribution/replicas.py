"""What replicas of a `tf.distribute` strategy tell one another inside a step."""

from typing import Any

import keras

from keras_mtkd._backend.types import Tensor


def sum_over_replicas(value: Tensor) -> Tensor:
    """The sum over all replicas.

    On JAX, and without a strategy, there is one program for the whole batch: the value itself.
    """
    context = _several()
    return value if context is None else context.all_reduce("SUM", value)


def replica_count() -> int:
    """The number of replicas whose gradients are added."""
    context = _several()
    return 1 if context is None else int(context.num_replicas_in_sync)


def _several() -> Any:
    """The context of a replica, if there are several."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context if context is not None and context.num_replicas_in_sync > 1 else None
