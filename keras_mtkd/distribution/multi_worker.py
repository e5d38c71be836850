"""Two steps of Keras' TensorFlow trainer that do not work with several workers."""

from typing import Any

import keras
from keras import ops


def has_workers(model: keras.Model) -> bool:
    """Whether a model was made under a strategy of several workers."""
    extended = getattr(getattr(model, "_distribute_strategy", None), "extended", None)
    several = getattr(extended, "_in_multi_worker_mode", None)
    return several is not None and bool(several())


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
