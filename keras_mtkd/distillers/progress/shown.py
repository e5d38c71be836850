"""Models that show a few of their logs while they run."""

import inspect
from typing import Any

import keras

from keras_mtkd.distillers.own_callbacks import with_own
from keras_mtkd.distillers.progress.bar import ShortBar
from keras_mtkd.distillers.progress.columns import candidates

_EVALUATE = inspect.signature(keras.Model.evaluate)


class ShortLogs(keras.Model):
    """Shows losses and a score a task in `fit` and `evaluate`, unless it is given another bar.

    All other callbacks have all logs. With `keras.callbacks.ProgbarLogger()` among the callbacks
    all are shown too; a `keras.callbacks.CallbackList` shows what is in it.
    """

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        return super().fit(*args, **self._with_bar(kwargs))

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        named = _EVALUATE.bind(self, *args, **kwargs).arguments
        others = named.pop("kwargs", {})
        del named["self"]
        return super().evaluate(**self._with_bar({**named, **others}))

    def _with_bar(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        given, verbose = kwargs.get("callbacks"), kwargs.get("verbose", "auto")
        # In `fit` Keras hands its evaluations the list of all callbacks.
        if not verbose or isinstance(given, keras.callbacks.CallbackList):
            return kwargs
        if any(isinstance(one, keras.callbacks.ProgbarLogger) for one in keras.tree.flatten(given)):
            return kwargs
        metrics = [self._given.compiled_with.get(n) for n in ("metrics", "weighted_metrics")]
        bar = ShortBar(candidates(self.task_names, *metrics))
        return {**kwargs, "callbacks": with_own(bar, given, self, last=True)}
