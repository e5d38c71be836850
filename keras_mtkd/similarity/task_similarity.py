"""How alike tasks are, from what their teachers' features say about a probe set."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.batches import join_batches, probe_batches
from keras_mtkd.layers.frozen_teacher import FrozenTeacher
from keras_mtkd.similarity._registry import MEASURES, Measure


@mtkd_export("keras_mtkd.similarity.task_similarity")
def task_similarity(
    teachers: Mapping[str, keras.Model],
    data: Any,
    measure: str | Measure = "cka",
    layer: str | Mapping[str, str] = "features",
    samples: int = 512,
    grid: int = 4,
) -> np.ndarray:
    """Compare every two teachers' features of the same inputs.

    Args:
        teachers: `{task: model}`.
        data: Inputs: arrays or a data set, of which the first samples are read batch by batch.
            Several inputs in a list go with `None` for labels, `([a, b], None)`.
        measure: Name of a measure of this module, such as `"cka"`, `"cka-debiased"`, `"rbf-cka"`,
            `"rsa"` or `"dds"`, or a function of two arrays `(samples, features)`.
        layer: Path of the layer to read, or `{task: path}`.
        samples: Size of the probe set.
        grid: Maps are averaged to at most `grid` cells along every spatial axis, so that memory
            stays at `samples × grid² × channels` numbers a task.

    Returns:
        Symmetric `(tasks, tasks)`, in the order of `teachers`.

    Raises:
        ValueError: If the measure is not known, a layer does not exist or is not told of a task,
            or the data is empty or can be read only once.

    Source: reconstructed for sequential cooperative distillation, whose abstract names "an
    efficient mechanism to measure the similarity between tasks" (Feng et al., 2024); linear CKA
    on teacher features is in the code of KD4MTL.
    """
    if isinstance(measure, str):
        check_choice("measure", measure, MEASURES)
        measure = MEASURES[measure]
    features = probe_features(teachers, data, layer, samples, grid)
    names = list(teachers)
    matrix = np.empty((len(names), len(names)))
    for i, one in enumerate(names):
        for j, other in enumerate(names[: i + 1]):
            matrix[i, j] = matrix[j, i] = measure(features[one], features[other])
    return matrix


def probe_features(
    teachers: Mapping[str, keras.Model],
    data: Any,
    layer: str | Mapping[str, str],
    samples: int,
    grid: int,
) -> dict[str, np.ndarray]:
    """Pooled features of a probe set, `{task: (samples, features)}` in float32."""
    if not isinstance(layer, str) and (missing := [task for task in teachers if task not in layer]):
        raise ValueError(
            f"`layer` names no layer of the teachers of {missing}. Pass one path for all, or "
            f"`{{task: path}}` with all of {list(teachers)}. Received: layer={dict(layer)}."
        )
    paths = {task: layer if isinstance(layer, str) else layer[task] for task in teachers}
    readers = {
        task: FrozenTeacher(model, (paths[task],), with_outputs=False)
        for task, model in teachers.items()
    }
    parts: dict[str, list[np.ndarray]] = {task: [] for task in teachers}
    for x, _, _ in join_batches(probe_batches(data, samples)):
        for task, reader in readers.items():
            _, taps = reader(x)
            pooled = pool_to_grid(taps[paths[task]], grid)
            parts[task].append(ops.convert_to_numpy(ops.cast(pooled, "float32")))
    return {task: np.concatenate(values) for task, values in parts.items()}


def pool_to_grid(features: Any, grid: int) -> Any:
    """Average maps `(batch, ..., channels)` to at most `grid` cells an axis, then flatten.

    Where a size is no multiple of `grid` the last positions are left out.
    """
    for axis in range(1, len(features.shape) - 1):
        size = features.shape[axis]
        cells = min(grid, size)
        width = size // cells
        features = ops.take(features, ops.arange(cells * width), axis=axis)
        shape = tuple(features.shape)
        split = (*shape[:axis], cells, width, *shape[axis + 1 :])
        features = ops.mean(ops.reshape(features, split), axis=axis + 1)
    return ops.reshape(features, (features.shape[0], -1))
