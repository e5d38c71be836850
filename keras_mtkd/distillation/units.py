"""Whether a teacher of quantities answers in other units than the labels have."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd.distillation.first_answers import known_positions

# Fewer tell little.
_FEWEST = 32
# Beside the error of the labels' mean. A teacher that knows the labels as well as `_CORRELATED`
# says is in their units always closer than that.
_FURTHER, _CORRELATED = 1.25, 0.5
# Beside the error of the labels' mean, likewise.
_ROUNDED = 1e-3


@dataclass(frozen=True)
class OtherUnits:
    """How far a teacher is from the labels, of which it knows the ups and downs.

    Attributes:
        error: Its mean absolute error, in units of the labels.
        of_mean: That of the labels' mean.
        samples: How many were looked at.
        line: Scale and offset by which its predictions come closest to the labels; `None` for
            several quantities.
    """

    error: float
    of_mean: float
    samples: int
    line: tuple[float, float] | None

    def warning(self, task: str) -> str:
        """What to tell of the teacher of a task."""
        if self.line is None:
            numbers = "SCALE and OFFSET have a number for each quantity."
        else:
            scale, offset = self.line
            # A rest of rounding is no offset.
            offset = 0.0 if abs(offset) < _ROUNDED * self.of_mean else offset
            numbers = (
                f"An estimate from these {self.samples} samples is "
                f"`Rescaling({_shown(scale)}, {_shown(offset)})`; take the true numbers."
            )
        return (
            f"The teacher of '{task}' seems to answer in other units than those of the labels: its "
            f"predictions rise with them, but are off by {self.error:.3g} on average, where the "
            f"mean of the labels is off by {self.of_mean:.3g} (the first {self.samples} samples). "
            "Its student would learn these units. Bring it to those of the labels: "
            "`keras.Model(t.inputs, keras.layers.Rescaling(SCALE, OFFSET)(t.outputs[0]))`. Of "
            "targets that were standardised these are the standard deviation and the mean; of "
            "targets that were divided by a number that number and 0; of other units what one of "
            f"them is in those of the labels, and 0. {numbers}"
        )


def _shown(value: float) -> str:
    """Three digits, without an exponent where people write none."""
    return f"{float(f'{value:.3g}'):g}"


def other_units(
    loss: keras.losses.Loss, labels: Any, predictions: Any, weight: Any = None
) -> OtherUnits | None:
    """Whether a teacher follows the labels and is yet further from them than their mean is.

    By their absolute errors and by the task's loss, which may compare other things than values.

    Args:
        loss: The loss of the task.
        labels: `(samples, ...)`.
        predictions: The teacher's, likewise.
        weight: Weights of samples or positions; those of 0 have no label.

    Returns:
        How far, or `None` if nothing is wrong or it cannot be told.
    """
    y, p = _numbers(labels), _numbers(predictions)
    known = known_positions(loss, labels, predictions, weight)
    if len(y) < _FEWEST or y.size != p.size:
        return None
    y = y.reshape(p.shape)
    known = np.broadcast_to(known.reshape(known.shape + (1,) * (p.ndim - known.ndim)), p.shape)
    known = known & np.isfinite(y) & np.isfinite(p)
    samples = int(known.reshape(len(known), -1).any(axis=1).sum())
    axes = tuple(range(max(p.ndim - 1, 1)))
    if samples < _FEWEST or not known.any(axis=axes).all():
        return None
    mean = y.mean(axis=axes, where=known)
    apart, theirs = y - mean, p - p.mean(axis=axes, where=known)
    together = float((apart * theirs).sum(where=known))
    own, their = (float((each**2).sum(where=known)) for each in (apart, theirs))
    error = float(np.abs(p - y).mean(where=known))
    of_mean = float(np.abs(apart).mean(where=known))
    if error <= _FURTHER * of_mean or together <= _CORRELATED * (own * their) ** 0.5:
        return None
    if not _value(loss, y, p, known) > _value(loss, y, np.broadcast_to(mean, y.shape), known):
        return None
    line = None
    if mean.size == 1:
        scale = together / their
        line = scale, float((y - scale * p).mean(where=known))
    return OtherUnits(error, of_mean, samples, line)


def _numbers(values: Any) -> np.ndarray:
    return ops.convert_to_numpy(values).astype("float64")


def _value(loss: Any, y: np.ndarray, p: np.ndarray, known: np.ndarray) -> float:
    """The loss, to which places without a label add as if they were met."""
    labels = np.where(known, y, p)
    return float(np.mean(ops.convert_to_numpy(loss(_single(labels), _single(p)))))


def _single(values: np.ndarray) -> Any:
    return ops.convert_to_tensor(values.astype("float32"))
