"""How the objectives of a step become what is minimised."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.loss_trackers import Means
from keras_mtkd.distillers.optimizers import Part
from keras_mtkd.distillers.terms import StudentOutputs
from keras_mtkd.layers.method_memory import MethodMemory

StudentRun = tuple[dict[str, Tensor], Callable[[str], StudentOutputs], Mapping[str, Tensor]]
"""Predictions, what the terms of a task may read, and what the loss needs besides."""


class Balancer:
    """Adds the objectives up, as they are. Those that balance say where they differ.

    A plain object that the distiller asks: it holds the layer of its method, but is none, so that
    Keras finds the layer where files have always had it, as `kept_as` of the distiller.

    Args:
        student: The student with its taps.
        objectives: What is balanced.

    Attributes:
        objectives: What is balanced.
        layer: What the method remembers, `None` where there is no method.
        means: Means of the objectives' weights, for logs.
    """

    kept_as = ""
    layer: MethodMemory | None = None

    def __init__(self, student: TappedModel, objectives: Objectives) -> None:
        self._student, self.objectives = student, objectives
        self.means: Means = {}

    def run(self, x: Any) -> StudentRun:
        """Run the student once, in training."""
        outputs, taps = self._student(x, training=True)
        return outputs, lambda task: (outputs, taps), {}

    def total(
        self, values: Tensor, plain: Tensor | float, carried: Mapping[str, Tensor], batch: Tensor
    ) -> Tensor:
        """What a training step minimises.

        Args:
            values: The objectives' values, `(objectives,)`.
            plain: The sum of all else; the number 0.0 if there is nothing.
            carried: What `run` gave for the loss.
            batch: Number of samples.
        """
        return ops.sum(values) + plain

    def train_step(self, model: keras.Model, usual: Callable[..., Any], *arguments: Any) -> Any:
        """A training step of the model whose objectives these are.

        Args:
            model: That model.
            usual: Its step without balancing.
            arguments: Those of the backend's `train_step`.
        """
        return usual(*arguments)

    def optimizers(self) -> list[Part]:
        """New optimisers for what balancing trains besides."""
        return []

    def check(self, trainable: Sequence[keras.Variable]) -> None:
        """Refuse a model that leaves nothing to balance.

        Args:
            trainable: Its trainable weights.
        """

    def callbacks(self) -> list[keras.callbacks.Callback]:
        """Callbacks that `fit` needs."""
        return []
