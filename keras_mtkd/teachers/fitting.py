"""What training of teachers and students has in common."""

from collections.abc import Iterable
from time import perf_counter
from typing import Any

import keras

from keras_mtkd._backend import progress
from keras_mtkd._backend.choices import check_choice
from keras_mtkd.problem import Problem

DECAYS = ("cosine", "half", "constant")


class Watch(keras.callbacks.Callback):
    """Tells how far a training is to whoever listens.

    Args:
        training: Its name.
        part: The part of a training that it is.
    """

    def __init__(self, training: str, part: float = 1.0) -> None:
        super().__init__()
        self._training, self._part = training, part

    def _tell(self, kind: str, epochs: int = 0, seconds: float = 0.0) -> None:
        part = self._part * epochs / self.params["epochs"]
        progress.tell(progress.Event(kind, self._training, part, seconds))

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._began, self._left = perf_counter(), self.params["epochs"]
        self._tell("begins")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._left -= 1
        self._tell("goes on", 1)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        # A callback may have stopped it early.
        self._tell("ends", self._left, perf_counter() - self._began)


def fit(
    learner: keras.Model,
    problem: Problem,
    epochs: int,
    seed: int,
    verbose: int | str,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    watch: Watch | None = None,
) -> None:
    """Train on a problem's data, in an order that depends on the seed alone where it can be reset.

    Args:
        learner: A compiled model.
        problem: The problem.
        epochs: Number of epochs.
        seed: Seed of the order.
        verbose: 2 prints Keras' line an epoch, everything else nothing.
        callbacks: Further callbacks.
        watch: Tells how far it is, and how long it took.
    """
    if hasattr(problem.train, "reset"):
        problem.train.reset(seed)
    learner.fit(
        problem.train,
        validation_data=problem.validation,
        epochs=epochs,
        # The last one: what others do at the end of an epoch is part of it.
        callbacks=[*callbacks, *([] if watch is None else [watch])],
        verbose=2 if verbose == 2 else 0,
    )


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


def new_optimizer(
    learning_rate: float, steps: int, decay: str = "cosine"
) -> keras.optimizers.Optimizer:
    """Adam with a learning rate that falls over all steps.

    At a constant rate the error of regression heads swings from epoch to epoch by more than
    methods differ.

    Args:
        learning_rate: Rate at the start.
        steps: Steps of the whole run.
        decay: `"cosine"` to zero, `"half"` from half-way on half the rate, or `"constant"`.

    Raises:
        ValueError: If the decay is not known.
    """
    check_choice("decay", decay, DECAYS)
    if decay == "cosine":
        learning_rate = keras.optimizers.schedules.CosineDecay(learning_rate, decay_steps=steps)
    elif decay == "half":
        learning_rate = keras.optimizers.schedules.PiecewiseConstantDecay(
            [max(steps // 2 - 1, 0)], [learning_rate, learning_rate / 2]
        )
    return keras.optimizers.Adam(learning_rate)
