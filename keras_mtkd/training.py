"""What training of teachers and students has in common."""

from typing import Any

import keras


def steps_per_epoch(data: Any) -> int:
    """Number of batches of a data set.

    Raises:
        ValueError: If it is empty, infinite or does not know.
    """
    steps = getattr(data, "num_batches", None)
    if steps is None:
        try:
            steps = len(data)
        except TypeError:
            steps = None
    if not steps:
        raise ValueError(
            "The data set must have a known, positive number of batches. "
            f"Received: {steps} batches in {type(data).__name__}. For a `tf.data.Dataset` of "
            "unknown size call `data.apply(tf.data.experimental.assert_cardinality(n))`."
        )
    return int(steps)


def new_optimizer(learning_rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Adam with a cosine decay to zero over all steps.

    At a constant rate the error of regression heads swings from epoch to epoch by more than
    methods differ.
    """
    decay = keras.optimizers.schedules.CosineDecay(learning_rate, decay_steps=steps)
    return keras.optimizers.Adam(decay)
