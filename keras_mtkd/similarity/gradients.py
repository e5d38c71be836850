"""Similarity of gradients at the shared representation."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.autodiff import compiled_gradient
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.batches import probe_batches
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.losses.task_losses import check_labelled, labels_of, per_task
from keras_mtkd.losses.weigh import weigh


@mtkd_export("keras_mtkd.similarity.gradient_cosine")
def gradient_cosine(gradients: Any) -> np.ndarray:
    """Mean cosine between the gradients of tasks, sample by sample.

    Args:
        gradients: `(tasks, samples, ...)`, each task's gradient of its loss with respect to the
            shared representation.

    Returns:
        `(tasks, tasks)` in [-1, 1]. Samples for which a task has no gradient do not count for
        its pairs; a pair without any counts as 0.

    Raises:
        ValueError: If the array has fewer than 3 axes or is not finite.

    Source: the measure of gradient conflict in Yu et al., "Gradient Surgery for Multi-Task
    Learning" (2020), Definition 1, averaged over samples.
    """
    values = np.asarray(gradients, "float64")
    if values.ndim < 3:
        raise ValueError(
            f"Expected gradients (tasks, samples, ...). Received: shape {values.shape}."
        )
    if not np.isfinite(values).all():
        raise ValueError("Gradients must be finite.")
    values = values.reshape(*values.shape[:2], -1)
    norms = np.linalg.norm(values, axis=-1, keepdims=True)
    unit = np.divide(values, norms, out=np.zeros_like(values), where=norms > 0)
    counted = (norms[..., 0] > 0).astype("float64")
    sums = np.einsum("isd,jsd->ij", unit, unit)
    counts = counted @ counted.T
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)


@mtkd_export("keras_mtkd.similarity.gradient_similarity")
def gradient_similarity(
    model: keras.Model,
    losses: Mapping[str, keras.losses.Loss],
    data: Any,
    layer: str = "features",
    samples: int = 512,
) -> np.ndarray:
    """Mean cosine of the tasks' gradients at the shared representation.

    Args:
        model: Functional multi-task model, best partly trained.
        losses: `{task: Loss}`.
        data: Batches `(x, {task: y})` or `(x, {task: y}, {task: weights})`, or such arrays; samples
            of weight 0, and batches without labels of a task, have no gradient.
        layer: Name of the shared layer; the heads must depend on the inputs through it alone.
        samples: Samples to look at.

    Returns:
        `(tasks, tasks)` in [-1, 1], symmetric, in the order of `losses`.

    Raises:
        ValueError: If the layer does not exist, heads also read other layers, a task has no
            labels, or the data is empty or can be read only once.

    Source: as `gradient_cosine`.
    """
    shared = model.get_layer(layer).output
    trunk = TappedModel(keras.Model(model.input, shared), [])
    heads = TappedModel(keras.Model(shared, model.output), [])
    names = list(losses)

    def total(task: str) -> Any:
        # The sum over samples: each row of the gradient is then that sample's own.
        return lambda z, y, w: weigh(losses[task], y, heads(z)[0][task], w) * len(y)

    slopes = {task: compiled_gradient(total(task)) for task in names}
    parts: list[np.ndarray] = []
    labelled: set[str] = set()
    for x, y, given in probe_batches(data, samples):
        z, _ = trunk(x)
        weights = as_tensors(per_task(given, names), names)
        labels = {task: ops.convert_to_tensor(y) for task, y in labels_of(y, names).items()}
        labelled.update(labels)
        rows = [
            # Without labels there is no gradient.
            slopes[task](z, labels[task], weights[task]) if task in labels else ops.zeros_like(z)
            for task in names
        ]
        parts.append(np.stack([ops.convert_to_numpy(row) for row in rows]))
    check_gradients(names, labelled)
    return gradient_cosine(np.concatenate(parts, axis=1))


def check_gradients(tasks: Iterable[str], labelled: Collection[str]) -> None:
    """Refuse tasks of which no batch had labels.

    Raises:
        ValueError: Naming the first.
    """
    remedy = "Pass `(x, {task: labels})`, or losses of those tasks."
    check_labelled(tasks, labelled, "so it has no gradient", remedy)


def as_tensors(weights: Mapping[str, Any], tasks: Iterable[str]) -> dict[str, Any]:
    """Weights of tasks as tensors, `None` without."""
    return {
        task: None if weights.get(task) is None else ops.convert_to_tensor(weights[task], "float32")
        for task in tasks
    }
