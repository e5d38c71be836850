"""Losses of models on a probe set, for performance indicators."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.keras_compat import get_keras_mask, set_keras_mask
from keras_mtkd._data.batches import join_batches, probe_batches
from keras_mtkd._graph.ends import own_inputs, prediction
from keras_mtkd.losses.labelled import any_labelled
from keras_mtkd.losses.task_losses import labels_of, per_task
from keras_mtkd.losses.weigh import mean_weight, weigh

_LEAST = 1e-12


def probe_losses(
    models: Mapping[str, Any],
    losses: Mapping[str, keras.losses.Loss],
    data: Any,
    samples: int,
    conversions: Mapping[str, Callable[[Any], Any] | None] | None = None,
) -> dict[str, float]:
    """Mean loss of every task on the first samples of a data set.

    Args:
        models: `{task: model}`, called as `model(x, training=False)`, of inputs with names with
            its own; one that serves several tasks runs once a batch. Its outputs are the task's
            prediction or a dict.
        losses: `{task: Loss}`.
        data: Batches `(x, {task: y})` or `(x, {task: y}, {task: weights})`, or such arrays.
        samples: Samples to look at.
        conversions: `{task: function}` of the predictions of models that do not give them in the
            form that the loss takes; left out, or `None`, where they do.

    Returns:
        `{task: loss}`, means over what is labelled, as `fit` weighs it; NaN if nothing is.
    """
    distinct = {id(model): model for model in models.values()}
    sums, counts = dict.fromkeys(models, 0.0), dict.fromkeys(models, 0.0)
    for x, y, weights in join_batches(probe_batches(data, samples)):
        size = len(keras.tree.flatten(x)[0])
        outputs = {
            key: model(own_inputs(model, x), training=False) for key, model in distinct.items()
        }
        given = per_task(weights, list(models))
        for task, label in labels_of(y, models).items():
            weight, y_pred = given.get(task), prediction(outputs[id(models[task])], task)
            converted = (conversions or {}).get(task)
            if converted is not None:
                mask, y_pred = get_keras_mask(y_pred), converted(y_pred)
                set_keras_mask(y_pred, mask)
            value, share = _value(losses[task], np.asarray(label), y_pred, weight)
            sums[task] += value * size
            counts[task] += share * size
    return {
        task: total / counts[task] if counts[task] > _LEAST else math.nan
        for task, total in sums.items()
    }


def _value(
    loss: keras.losses.Loss, y_true: np.ndarray, y_pred: Any, weight: Any
) -> tuple[float, float]:
    """The loss of a batch, and the weight that it stands for."""
    if not ops.convert_to_numpy(any_labelled(loss, y_true, y_pred, weight)):
        return 0.0, 0.0
    value = float(ops.convert_to_numpy(weigh(loss, y_true, y_pred, weight)))
    if weight is None:
        return value, 1.0
    return value, float(ops.convert_to_numpy(mean_weight(loss, y_true, y_pred, weight)))


class Constant:
    """Predicts, whatever the input, a model's mean prediction on the first samples.

    Means are over samples and places, one a channel.

    Args:
        model: Model with dict outputs.
        data: As in `probe_losses`.
        samples: Samples to look at.
        axes: `{task: axis}` of channels; the last one where left out.
    """

    def __init__(
        self, model: keras.Model, data: Any, samples: int, axes: Mapping[str, int] | None = None
    ) -> None:
        self.model, self.axes = model, dict(axes or {})
        sums: dict[str, Any] = {}
        count = 0
        for x, _, _ in join_batches(probe_batches(data, samples)):
            size = len(keras.tree.flatten(x)[0])
            for task, output in model(own_inputs(model, x), training=False).items():
                values = np.moveaxis(np.array(output, "float64"), self.axes.get(task, -1), -1)
                channels = values.reshape(size, -1, values.shape[-1])
                sums[task] = sums.get(task, 0.0) + channels.mean(axis=1).sum(axis=0)
            count += size
        self.means = {task: total / count for task, total in sums.items()}

    def __call__(self, x: Any, training: bool = False) -> dict[str, Any]:
        outputs = self.model(own_inputs(self.model, x), training=training)
        return {task: self._everywhere(task, output) for task, output in outputs.items()}

    def _everywhere(self, task: str, output: Any) -> Any:
        """A task's means, shaped like its output."""
        shape = [1] * len(output.shape)
        shape[self.axes.get(task, -1)] = -1
        return ops.zeros_like(output) + ops.cast(self.means[task].reshape(shape), output.dtype)
