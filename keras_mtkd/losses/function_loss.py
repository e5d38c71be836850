"""Bare functions as losses."""

from collections.abc import Callable
from typing import Any

import keras

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Tensor


@mtkd_export("keras_mtkd.losses.FunctionLoss")
class FunctionLoss(keras.losses.Loss):
    """A `keras.losses.Loss` around a function `(y_true, y_pred) -> values`.

    Keras divides a `Loss` by the number of replicas under `tf.distribute`, but not a bare
    function: the objective would grow with the number of devices.

    Args:
        fn: The function, or the name of one that Keras knows.
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss, by default the function's.
        dtype: Computation dtype.
    """

    def __init__(
        self,
        fn: Callable[[Tensor, Tensor], Tensor] | str,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        self.fn = keras.losses.get(fn)
        super().__init__(name or self.fn.__name__, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.fn(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "fn": keras.saving.serialize_keras_object(self.fn)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FunctionLoss":
        fn = config["fn"]
        if isinstance(fn, dict):
            fn = keras.saving.deserialize_keras_object(fn)
        return cls(**{**config, "fn": fn})
