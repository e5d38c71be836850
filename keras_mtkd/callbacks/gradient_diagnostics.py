"""Conflicts and lengths of the gradients, epoch by epoch."""

from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.balancing.aggregation.recorded import SUMS, Recorded


@mtkd_export("keras_mtkd.callbacks.GradientDiagnostics")
class GradientDiagnostics(keras.callbacks.Callback):
    """Logs after every epoch how far the objectives' gradients agree, and how long they are.

    Needs a distiller with `Balancing(..., record=True)`; its gradients are those that the method
    combines, at the representation or on the shared weights. What is logged is the mean over the
    steps of the epoch in which the gradients were not zero:

    * `gradient_cosine`: mean of the cosines between two objectives;
    * `gradient_conflict`: share of the pairs whose cosine is negative;
    * `gradient_ratio`: the longest gradient over the shortest;
    * `{objective}_gradient_length`;
    * where distances are objectives of their own, for every task with a teacher
      `{task}_distillation_cosine`, between the distance's gradient and the loss's (below 0 they
      conflict), and `{task}_distillation_dominance`, the distance's length over the loss's.

    Keras hands the logs of an epoch from callback to callback in the order of the list: put this
    one before those that are to see it (`CSVLogger`, `TensorBoard`). History always has it. NaN
    stands for what had no gradient.

    Attributes:
        names: The objectives, in the order of the matrices.
        cosines: An array `(objectives, objectives)` for every epoch since training began.
        lengths: An array `(objectives,)` likewise.

    Raises:
        ValueError: When training begins, if the distiller does not record its gradients.

    Source: conflict and dominance are the terms of Hayder et al., "MoKD" (2025), known from its
    abstract; how they are averaged is this package's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.cosines: list[np.ndarray] = []
        self.lengths: list[np.ndarray] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._memory()
        self.names = self.model.objectives.names
        self.cosines, self.lengths = [], []

    # When an epoch begins, not when it ends: a backup at its end then has the sums, too.
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        memory = self._memory()
        for name in SUMS:
            memory[name].assign(np.zeros(memory[name].shape, "float32"))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        cosines, lengths = Recorded.means(self._memory())
        self.cosines.append(cosines)
        self.lengths.append(lengths)
        if logs is not None:
            logs.update(self._of_all(cosines, lengths))
            logs.update(self._of_distances(cosines, lengths))

    def _memory(self) -> dict[str, keras.Variable]:
        """The weights that hold the sums."""
        balancer = getattr(self.model, "gradient_balancer", None)
        layer = balancer or getattr(self.model, "gradient_aggregator", None)
        memory: dict[str, keras.Variable] = getattr(layer, "memory", {})
        if not memory.keys() >= set(SUMS):
            raise ValueError(
                "The model does not record its gradients. Pass `balancing=Balancing(method, "
                "record=True)` to `MultiTaskDistiller`; the method `'sum'` trains as without "
                f"balancing. Received: {self.model!r} with "
                f"balancing={getattr(self.model, 'balancing', None)!r}."
            )
        return memory

    def _of_all(self, cosines: np.ndarray, lengths: np.ndarray) -> dict[str, float]:
        found = {
            f"{name}_gradient_length": float(length)
            for name, length in zip(self.names, lengths, strict=True)
        }
        pairs = cosines[np.triu_indices(len(cosines), 1)]
        if not len(pairs):
            return found
        seen, present = pairs[~np.isnan(pairs)], lengths[lengths > 0]
        return {
            "gradient_cosine": float(seen.mean()) if len(seen) else np.nan,
            "gradient_conflict": float((seen < 0).mean()) if len(seen) else np.nan,
            "gradient_ratio": float(present.max() / present.min()) if len(present) else np.nan,
            **found,
        }

    def _of_distances(self, cosines: np.ndarray, lengths: np.ndarray) -> dict[str, float]:
        objectives = self.model.objectives
        found: dict[str, float] = {}
        for task in objectives.taught if objectives.separate else ():
            own, theirs = objectives.tasks.index(task), objectives.place_of_distance(task)
            found[f"{task}_distillation_cosine"] = float(cosines[own, theirs])
            ratio = lengths[theirs] / lengths[own] if lengths[own] else np.nan
            found[f"{task}_distillation_dominance"] = float(ratio)
        return found
