"""Losses of models on a probe set, for performance indicators."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd.lessons import prediction
from keras_mtkd.objective import per_task
from keras_mtkd.probe import joined, probe_batches

_LEAST = 1e-12


def probe_losses(
    models: Mapping[str, Any],
    losses: Mapping[str, keras.losses.Loss],
    data: Any,
    samples: int,
) -> dict[str, float]:
    """Mean loss of every task on the first samples of a data set.

    Args:
        models: `{task: model}`, called as `model(x, training=False)`; one that serves several
            tasks runs once a batch. Its outputs are the task's prediction or a dict.
        losses: `{task: Loss}`.
        data: Batches `(x, {task: y})` or `(x, {task: y}, {task: weights})`, or such arrays.
        samples: Samples to look at.

    Returns:
        `{task: loss}`, means over the labelled samples.
    """
    distinct = {id(model): model for model in models.values()}
    sums, counts = dict.fromkeys(models, 0.0), dict.fromkeys(models, 0.0)
    for x, y, weights in joined(probe_batches(data, samples)):
        size = len(keras.tree.flatten(x)[0])
        outputs = {key: model(x, training=False) for key, model in distinct.items()}
        given = per_task(weights, list(models))
        for task, model in models.items():
            weight = given.get(task)
            value = losses[task](
                np.asarray(y[task]), prediction(outputs[id(model)], task), sample_weight=weight
            )
            sums[task] += float(ops.convert_to_numpy(value)) * size
            counts[task] += size * (1.0 if weight is None else float(np.mean(np.asarray(weight))))
    return {task: total / max(counts[task], _LEAST) for task, total in sums.items()}


class Constant:
    """Predicts, whatever the input, a model's mean prediction on the first samples.

    Means are over samples and places, one a channel.

    Args:
        model: Model with dict outputs.
        data: As in `probe_losses`.
        samples: Samples to look at.
    """

    def __init__(self, model: keras.Model, data: Any, samples: int) -> None:
        self.model = model
        sums: dict[str, Any] = {}
        count = 0
        for x, _, _ in joined(probe_batches(data, samples)):
            size = len(keras.tree.flatten(x)[0])
            for task, output in model(x, training=False).items():
                channels = np.array(output, "float64").reshape(size, -1, output.shape[-1])
                sums[task] = sums.get(task, 0.0) + channels.mean(axis=1).sum(axis=0)
            count += size
        self.means = {task: total / count for task, total in sums.items()}

    def __call__(self, x: Any, training: bool = False) -> dict[str, Any]:
        outputs = self.model(x, training=training)
        return {
            task: ops.zeros_like(output) + ops.cast(self.means[task], output.dtype)
            for task, output in outputs.items()
        }
