"""Scores of semantic segmentation: the shares of pixels and of classes that are right.

For the mean IoU of one confusion matrix over all pictures, as everyone computes it since about
2021, use `keras.metrics.MeanIoU(classes, ignore_class=-1, sparse_y_pred=False)`.
"""

from typing import Any

from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.keras_compat import get_keras_mask
from keras_mtkd._backend.types import Tensor
from keras_mtkd.metrics._masked_mean import MaskedMean, MeanOfLabels, weights_of


@mtkd_export("keras_mtkd.metrics.PixelAccuracy")
class PixelAccuracy(MaskedMean):
    """Share of the labelled pixels that are classified right; NaN as long as there was none.

    Call arguments of `update_state`:
        y_true: Classes `(batch, height, width)`, with or without a last axis of 1.
        y_pred: Logits or probabilities `(batch, height, width, classes)`.
        sample_weight: Optional, `(batch,)` or one a pixel.

    Args:
        ignore_class: The label of pixels that do not count.
        name: Name of the metric.
        dtype: float32 by default, also under mixed precision.
    """

    def __init__(
        self, ignore_class: int = -1, name: str = "pixel_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(name, dtype)
        self.ignore_class = ignore_class

    def measure(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        truth, guess = _classes(y_true, y_pred)
        return ops.equal(truth, guess), ops.not_equal(truth, self.ignore_class)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "ignore_class": self.ignore_class}


@mtkd_export("keras_mtkd.metrics.MeanIoUPerImage")
class MeanIoUPerImage(MeanOfLabels):
    """Mean over pictures of the mean IoU over the classes present in each.

    A class is present if the labels or the predictions of the picture's labelled pixels have
    it. A picture without labels does not count; without any other the result is NaN. **Not
    comparable** with the mean IoU of one confusion matrix over all pictures,
    `keras.metrics.MeanIoU`.

    Call arguments of `update_state`:
        y_true: Classes `(batch, height, width)`, with or without a last axis of 1.
        y_pred: Logits or probabilities `(batch, height, width, classes)`.
        sample_weight: Optional, `(batch,)`, or one a pixel: those weigh in intersections and
            unions, one of 0 is no label, and the picture weighs as its heaviest pixel.

    Args:
        num_classes: Number of classes.
        ignore_class: The label of pixels that do not count.
        ignore_predictions: False to count the predictions at unlabelled pixels into the unions,
            as the released code of 2019 and 2020 does.
        name: Name of the metric.
        dtype: float32 by default, also under mixed precision.

    Raises:
        ValueError: If there are fewer than two classes.

    Source: the code released with MTAN (Liu et al., 2019) and KD4MTL (Li and Bilen, 2020).
    """

    def __init__(
        self,
        num_classes: int,
        ignore_class: int = -1,
        ignore_predictions: bool = True,
        name: str = "mean_iou_per_image",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        if num_classes < 2:
            raise ValueError(f"`num_classes` must be 2 or more. Received: {num_classes}.")
        self.num_classes, self.ignore_class = num_classes, ignore_class
        self.ignore_predictions = ignore_predictions

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        mask = get_keras_mask(y_pred)
        truth, guess = _classes(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
        labelled = ops.not_equal(truth, self.ignore_class)
        weights = weights_of(labelled, sample_weight, mask, self.dtype)
        heaviest = ops.max(ops.reshape(weights, (ops.shape(weights)[0], -1)), axis=-1)
        counted = weights
        if not self.ignore_predictions:
            unlabelled = weights_of(ops.ones_like(labelled), heaviest, mask, self.dtype)
            counted = ops.where(weights > 0, weights, unlabelled)
        hits = self._pixels(truth, ops.where(ops.equal(truth, guess), weights, 0.0))
        unions = self._pixels(truth, weights) + self._pixels(guess, counted) - hits
        present = ops.cast(unions > 0, self.dtype)
        shares = ops.sum(ops.divide_no_nan(hits, unions), axis=-1)
        values = ops.divide_no_nan(shares, ops.sum(present, axis=-1))
        super().update_state(values, heaviest)

    def _pixels(self, classes: Tensor, weights: Tensor) -> Tensor:
        """Number of pixels of every class as they weigh, `(batch, classes)`."""
        ones = ops.one_hot(ops.maximum(classes, 0), self.num_classes, dtype=self.dtype)
        valid = ops.cast((classes >= 0) & (classes < self.num_classes), self.dtype)
        axes = tuple(range(1, len(classes.shape)))
        return ops.sum(ones * (weights * valid)[..., None], axis=axes)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "ignore_class": self.ignore_class,
            "ignore_predictions": self.ignore_predictions,
        }


def _classes(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Labels and predicted classes `(batch, height, width)`, int32."""
    if len(y_true.shape) == len(y_pred.shape):
        y_true = ops.squeeze(y_true, axis=-1)
    return ops.cast(y_true, "int32"), ops.cast(ops.argmax(y_pred, axis=-1), "int32")
