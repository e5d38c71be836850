"""Names for the types that Keras leaves open."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

Tensor = Any
"""A tensor of the active backend, or a symbolic `keras.KerasTensor`."""

Shape = tuple[int | None, ...]
"""A static shape, batch first; `None` where the size is not known."""

LossLike = (
    str | keras.losses.Loss | Callable[[Tensor, Tensor], Tensor] | Mapping[str, Any] | Sequence[Any]
)
WeightLike = float | Mapping[str, float]
AdaptorLike = str | keras.layers.Layer | Callable[[], keras.layers.Layer] | None
