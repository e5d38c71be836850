"""Losses of models on a probe set, for performance indicators."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd.probe import probe_batches

Predict = Callable[[Any], Any]


def probe_losses(
    predictors: Mapping[str, Predict],
    losses: Mapping[str, keras.losses.Loss],
    data: Any,
    samples: int,
) -> dict[str, float]:
    """Mean loss of every task on the first samples of a data set.

    Args:
        predictors: `{task: function}` from a batch of inputs to the predictions of that task.
        losses: `{task: Loss}`.
        data: Batches `(x, {task: y})`, or such arrays.
        samples: Samples to look at.

    Returns:
        `{task: loss}`.
    """
    sums, count = dict.fromkeys(predictors, 0.0), 0
    for x, y in probe_batches(data, samples):
        size = len(keras.tree.flatten(x)[0])
        for task, predict in predictors.items():
            value = ops.convert_to_numpy(losses[task](np.asarray(y[task]), predict(x)))
            sums[task] += float(value) * size
        count += size
    return {task: total / count for task, total in sums.items()}


def prediction(outputs: Any, task: str) -> Any:
    """A task's prediction, from a model with one or several outputs."""
    return outputs[task] if isinstance(outputs, Mapping) else outputs
