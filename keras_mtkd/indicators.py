"""Losses of models on a probe set, for performance indicators."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd.probe import probe_batches


def probe_losses(
    models: Mapping[str, keras.Model],
    losses: Mapping[str, keras.losses.Loss],
    data: Any,
    samples: int,
) -> dict[str, float]:
    """Mean loss of every task on the first samples of a data set.

    Args:
        models: `{task: model}`; one that serves several tasks runs once a batch. Its outputs are
            the task's prediction or a dict.
        losses: `{task: Loss}`.
        data: Batches `(x, {task: y})`, or such arrays.
        samples: Samples to look at.

    Returns:
        `{task: loss}`.
    """
    distinct = {id(model): model for model in models.values()}
    sums, count = dict.fromkeys(models, 0.0), 0
    for x, y in probe_batches(data, samples):
        size = len(keras.tree.flatten(x)[0])
        outputs = {key: model(x, training=False) for key, model in distinct.items()}
        for task, model in models.items():
            value = losses[task](np.asarray(y[task]), _prediction(outputs[id(model)], task))
            sums[task] += float(ops.convert_to_numpy(value)) * size
        count += size
    return {task: total / count for task, total in sums.items()}


def _prediction(outputs: Any, task: str) -> Any:
    """A task's prediction, from a model with one or several outputs."""
    return outputs[task] if isinstance(outputs, Mapping) else outputs
