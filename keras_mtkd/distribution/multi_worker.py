"""Two steps of Keras' TensorFlow trainer that do not work with several workers, mended."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.keras_compat import strategy_of
from keras_mtkd.distribution.workers import is_chief


def has_workers(model: keras.Model) -> bool:
    """Whether a model was made under a strategy of several workers."""
    extended = getattr(strategy_of(model), "extended", None)
    several = getattr(extended, "_in_multi_worker_mode", None)
    return several is not None and bool(several())


def of_first_worker(model: keras.Model, number: int) -> int:
    """The number that the first of a model's workers has, on all of them.

    Args:
        model: The model that they train.
        number: This worker's, below 2^31.
    """
    if not has_workers(model):
        return number
    strategy = model.distribute_strategy
    mine = [number if is_chief() else 0, 1 if is_chief() else 0]
    each = strategy.run(lambda: ops.convert_to_tensor(mine, dtype="int64"))
    total, replicas = np.array(strategy.reduce("SUM", each, axis=None)).tolist()
    return int(total // replicas)


class MultiWorkerModel(keras.Model):
    """Makes `fit` and `evaluate` run under `tf.distribute.MultiWorkerMirroredStrategy`.

    Keras 3.15 averages a batch over workers only to see its shapes, which labels and dicts do not
    survive, and averages scalar logs along an axis that they lack (keras issue 20585).
    """

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        if iterator is None or not has_workers(self):
            super()._maybe_symbolic_build(iterator=iterator, data_batch=data_batch)
            return
        strategy = self.distribute_strategy
        for _, _, batches in iterator:
            data_batch = keras.tree.map_structure(
                lambda value: strategy.experimental_local_results(value)[0], next(batches)
            )
            break
        super()._maybe_symbolic_build(data_batch=data_batch)

    def train_step(self, *args: Any, **kwargs: Any) -> Any:
        return self._with_axis(super().train_step(*args, **kwargs))

    def test_step(self, *args: Any, **kwargs: Any) -> Any:
        return self._with_axis(super().test_step(*args, **kwargs))

    def _with_axis(self, logs: Any) -> Any:
        if not has_workers(self):
            return logs
        return keras.tree.map_structure(lambda value: ops.reshape(value, (1,)), logs)
