"""Errors of surface normals, as angles in degrees.

Pixels whose true normal is the zero vector, or NaN, do not count; without any others the result is
NaN. In all of them `update_state` takes

* `y_true`: unit normals `(batch, height, width, 3)`,
* `y_pred`: unit normals, same shape,
* `sample_weight`: optional, `(batch,)` or one a pixel.
"""

import math
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.keras_compat import get_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.normal_cosine import valid_normals
from keras_mtkd.metrics._masked_mean import MaskedMean, nan_unless, weights_of

_BINS = 18000
_DEGREES = 180.0


def angles(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Angles between normals in degrees, and where there is a normal."""
    truth, guess = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
    valid = valid_normals(truth)
    truth = ops.where(valid[..., None], truth, 0.0)
    cosines = ops.clip(ops.sum(truth * guess, axis=-1), -1.0, 1.0)
    return ops.arccos(cosines) * (_DEGREES / math.pi), valid


@mtkd_export("keras_mtkd.metrics.NormalAngle")
class NormalAngle(MaskedMean):
    """Mean angle between true and predicted normals, in degrees.

    Args:
        name: Name of the metric.
        dtype: float32 by default, also under mixed precision.
    """

    def __init__(self, name: str = "mean_angle", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def measure(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        return angles(y_true, y_pred)


@mtkd_export("keras_mtkd.metrics.NormalWithin")
class NormalWithin(MaskedMean):
    """Share of pixels whose normal is off by less than an angle.

    Args:
        degrees: The angle; 11.25, 22.5 and 30 are usual.
        name: Name of the metric, `"within_{degrees}"` by default.
        dtype: float32 by default, also under mixed precision.

    Raises:
        ValueError: If the angle is not positive.
    """

    def __init__(self, degrees: float, name: str | None = None, dtype: Any = None) -> None:
        if not degrees > 0:
            raise ValueError(f"`degrees` must be positive. Received: degrees={degrees}.")
        super().__init__(name or f"within_{degrees:g}", dtype)
        self.degrees = degrees

    def measure(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        found, valid = angles(y_true, y_pred)
        return found < self.degrees, valid

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "degrees": self.degrees}


@mtkd_export("keras_mtkd.metrics.NormalMedianAngle")
class NormalMedianAngle(keras.metrics.Metric):
    """Median angle between true and predicted normals, in degrees, to 0.01 degrees.

    Counts angles in bins of 0.01 degrees, so that all pixels of all batches and replicas count
    and memory does not grow.

    Args:
        name: Name of the metric.
        dtype: float32 by default, also under mixed precision.
    """

    def __init__(self, name: str = "median_angle", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype or "float32")
        self.counts = self.add_variable((_BINS,), initializer="zeros", name="counts")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        found, valid = angles(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
        weights = weights_of(valid, sample_weight, get_keras_mask(y_pred), self.dtype)
        weights = ops.reshape(weights, (-1,))
        # A prediction that is NaN is as wrong as can be.
        found = ops.where(ops.isnan(found), _DEGREES, found)
        bins = ops.cast(ops.reshape(found, (-1,)) * (_BINS / _DEGREES), "int32")
        bins = ops.clip(bins, 0, _BINS - 1)
        self.counts.assign(self.counts + ops.segment_sum(weights, bins, num_segments=_BINS))

    def result(self) -> Tensor:
        total = ops.cumsum(self.counts)
        place = ops.sum(ops.cast(total < total[-1] / 2.0, self.dtype))
        middle = (place + 0.5) * (_DEGREES / _BINS)
        return nan_unless(total[-1] > 0, middle)
