"""Losses that compute in float32 unless told, and whose config tells another dtype."""

from typing import Any

import keras


class TypedLoss(keras.losses.Loss):
    """The base of this package's losses.

    Keras leaves the dtype out of a loss's config, so that a file would hold another loss.

    Args:
        name: Name of the loss.
        reduction: As in `keras.losses.Loss`.
        dtype: Computation dtype. `None` is float32, also under mixed precision, and float64 where
            that is Keras' `floatx`.
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype or _default_dtype())

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor, `dtype` where it is not the default."""
        config: dict[str, Any] = super().get_config()
        return config if self.dtype == _default_dtype() else {**config, "dtype": self.dtype}


def _default_dtype() -> str:
    return "float64" if keras.config.floatx() == "float64" else "float32"
