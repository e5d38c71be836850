"""How much a step for one task helps another."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.autodiff import compiled, compiled_gradient
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.batches import probe_batches
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.losses.task_losses import labels_of, nothing, per_task
from keras_mtkd.losses.weigh import weigh
from keras_mtkd.similarity.gradients import as_tensors, check_gradients


@mtkd_export("keras_mtkd.similarity.transference")
def transference(
    model: keras.Model,
    losses: Mapping[str, keras.losses.Loss],
    data: Any,
    layer: str = "features",
    learning_rate: float = 1e-2,
    samples: int = 512,
) -> np.ndarray:
    """Lookahead affinity of tasks: `Z[i, j] = 1 - L_j(shared after a step on L_i) / L_j(shared)`.

    Both losses are taken on the same batch, with heads untouched; values are averaged over
    batches. The model runs in inference mode; its weights and statistics do not change.

    Args:
        model: Functional multi-task model, best partly trained.
        losses: `{task: Loss}`.
        data: Batches `(x, {task: y})` or `(x, {task: y}, {task: weights})`, or such arrays. A batch
            without labels of a task does not count for what others do for it.
        layer: Name of the last shared layer: all weights up to it are shared.
        learning_rate: Size of the step, of plain gradient descent.
        samples: Samples to look at.

    Returns:
        `(tasks, tasks)`, not symmetric; positive where i helps j. Published values are mostly
        negative, so rank them and do not cut at 0.

    Raises:
        ValueError: If the layer does not exist, a task has no labels, or the data is empty or
            can be read only once.

    Source: Fifty et al., "Efficiently Identifying Task Groupings for Multi-Task Learning"
    (2021), eq. 1, and the authors' code.
    """
    shared = keras.Model(model.input, model.get_layer(layer).output).trainable_variables
    whole, names = TappedModel(model, []), list(losses)

    def all_losses(values: Any, x: Any, y: Any, w: Any) -> Any:
        pairs = zip(shared, values, strict=True)
        with keras.StatelessScope(state_mapping=list(pairs)):
            outputs, _ = whole(x)
            return ops.stack(
                [
                    weigh(losses[t], y[t], outputs[t], w[t]) if t in y else nothing(outputs[t])
                    for t in names
                ]
            )

    gradients = [
        compiled_gradient(lambda values, *args, place=place: all_losses(values, *args)[place])
        for place in range(len(names))
    ]
    evaluate = compiled(all_losses)
    here = [variable.value for variable in shared]
    affinities, counted = [], []
    labelled: set[str] = set()
    for x, y, given in probe_batches(data, samples):
        w = as_tensors(per_task(given, names), names)
        y = {task: ops.convert_to_tensor(label) for task, label in labels_of(y, names).items()}
        labelled.update(y)
        x = keras.tree.map_structure(ops.convert_to_tensor, x)
        before = ops.convert_to_numpy(evaluate(here, x, y, w))
        counted.append(np.broadcast_to(before != 0, (len(names),) * 2))
        rows = []
        for gradient in gradients:
            slopes = gradient(here, x, y, w)
            there = [v - learning_rate * g for v, g in zip(here, slopes, strict=True)]
            after = ops.convert_to_numpy(evaluate(there, x, y, w))
            rows.append(1.0 - np.divide(after, before, out=np.ones_like(after), where=before != 0))
        affinities.append(rows)
    check_gradients(names, labelled)
    return np.sum(affinities, axis=0) / np.maximum(np.sum(counted, axis=0), 1)
