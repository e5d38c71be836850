"""What training of teachers and students has in common."""

from collections.abc import Iterable
from typing import Any

import keras

from keras_mtkd._backend.choices import check_choice
from keras_mtkd.problem import Problem

DECAYS = ("cosine", "half", "constant")


class EpochBar(keras.callbacks.Callback):
    """Keras' progress bar over epochs, with the losses alone.

    The bar over batches, with every task's losses and metrics, fills several lines of a terminal
    at every step.
    """

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._bar = keras.utils.Progbar(
            self.params["epochs"], stateful_metrics=["loss", "val_loss"], unit_name="epoch"
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        shown = [
            (name, (logs or {})[name]) for name in ("loss", "val_loss") if name in (logs or {})
        ]
        self._bar.update(epoch + 1, shown, finalize=epoch + 1 == self.params["epochs"])


def fit(
    learner: keras.Model,
    problem: Problem,
    epochs: int,
    seed: int,
    verbose: int | str,
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> None:
    """Train on a problem's data, in an order that depends on the seed alone where it can be reset.

    Args:
        learner: A compiled model.
        problem: The problem.
        epochs: Number of epochs.
        seed: Seed of the order.
        verbose: 0 is silent, 1 or `"auto"` a bar over epochs, 2 Keras' line an epoch.
        callbacks: Further callbacks.
    """
    if hasattr(problem.train, "reset"):
        problem.train.reset(seed)
    bar = [EpochBar()] if verbose in (1, "auto") else []
    learner.fit(
        problem.train,
        validation_data=problem.validation,
        epochs=epochs,
        callbacks=[*callbacks, *bar],
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
