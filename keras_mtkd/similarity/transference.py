"""How much a step for one task helps another."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._autodiff import compiled, compiled_gradient
from keras_mtkd._export import mtkd_export
from keras_mtkd.probe import probe_batches
from keras_mtkd.taps import TappedModel


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
        data: Batches `(x, {task: y})`, or such arrays.
        layer: Name of the last shared layer: all weights up to it are shared.
        learning_rate: Size of the step, of plain gradient descent.
        samples: Samples to look at.

    Returns:
        `(tasks, tasks)`, not symmetric; positive where i helps j. Published values are mostly
        negative, so rank them and do not cut at 0.

    Raises:
        ValueError: If the layer does not exist or the data is empty or can be read only once.

    Source: Fifty et al., "Efficiently Identifying Task Groupings for Multi-Task Learning"
    (2021), eq. 1, and the authors' code.
    """
    shared = keras.Model(model.input, model.get_layer(layer).output).trainable_variables
    whole, names = TappedModel(model, []), list(losses)

    def all_losses(values: Any, x: Any, y: Any) -> Any:
        pairs = zip(shared, values, strict=True)
        with keras.StatelessScope(state_mapping=list(pairs)):
            outputs, _ = whole(x)
            return ops.stack([losses[task](y[task], outputs[task]) for task in names])

    gradients = [
        compiled_gradient(lambda values, x, y, place=place: all_losses(values, x, y)[place])
        for place in range(len(names))
    ]
    evaluate = compiled(all_losses)
    here = [variable.value for variable in shared]
    affinities = []
    for x, y, _ in probe_batches(data, samples):
        y = {task: ops.convert_to_tensor(y[task]) for task in names}
        x = keras.tree.map_structure(ops.convert_to_tensor, x)
        before = ops.convert_to_numpy(evaluate(here, x, y))
        rows = []
        for gradient in gradients:
            slopes = gradient(here, x, y)
            there = [v - learning_rate * g for v, g in zip(here, slopes, strict=True)]
            rows.append(1.0 - ops.convert_to_numpy(evaluate(there, x, y)) / before)
        affinities.append(rows)
    return np.mean(affinities, axis=0)
