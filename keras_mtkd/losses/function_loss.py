"""Bare functions as losses."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_saved
from keras_mtkd._backend.names import valid_name
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.weigh import WeighedLoss


@mtkd_saved
class FunctionLoss(WeighedLoss):
    """A `keras.losses.Loss` around a function `(y_true, y_pred) -> values`.

    As in `keras.Model.compile`, labels and predictions of which one lacks a last axis of 1 are
    brought to the same rank before the function sees them.

    Keras divides a `Loss` by the number of replicas under `tf.distribute`, but not a bare
    function: the objective would grow with the number of devices.

    Args:
        fn: The function (also a lambda, a `functools.partial`, or an object that can be called),
            or the name of one that Keras knows.
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
        super().__init__(name or _name_of(self.fn), reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.fn(*of_same_rank(y_true, y_pred))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "fn": _packed(self.fn)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FunctionLoss":
        return cls(**{**config, "fn": _unpacked(config["fn"])})


def of_same_rank(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """The tensors, a last axis of 1 that one of them lacks added to vectors or else dropped.

    Source: what Keras does to labels and predictions before it calls a function.
    """
    ranks = len(one.shape), len(other.shape)
    if ranks[0] == ranks[1] + 1 and one.shape[-1] == 1:
        if ranks[1] == 1:
            return one, ops.expand_dims(other, axis=-1)
        return ops.squeeze(one, axis=-1), other
    if ranks[1] == ranks[0] + 1 and other.shape[-1] == 1:
        swapped = of_same_rank(other, one)
        return swapped[1], swapped[0]
    return one, other


def _name_of(fn: Any) -> str:
    """A function's name, for logs and scopes; a lambda has none that scopes take."""
    while isinstance(fn, partial):
        fn = fn.func
    name = getattr(fn, "name", None) or getattr(fn, "__name__", None) or type(fn).__name__
    return valid_name(str(name).strip("<>"))


_PARTIAL = "partial"


def _packed(fn: Any) -> Any:
    if not isinstance(fn, partial):
        return keras.saving.serialize_keras_object(fn)
    parts = {"args": list(fn.args), "keywords": dict(fn.keywords)}
    return {_PARTIAL: _packed(fn.func), **keras.saving.serialize_keras_object(parts)}


def _unpacked(fn: Any) -> Any:
    if not isinstance(fn, dict):
        return fn
    if _PARTIAL not in fn:
        return keras.saving.deserialize_keras_object(fn)
    parts = {key: fn[key] for key in ("args", "keywords")}
    parts = keras.saving.deserialize_keras_object(parts)
    return partial(_unpacked(fn[_PARTIAL]), *parts["args"], **parts["keywords"])
