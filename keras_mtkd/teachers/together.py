"""Single-task models trained side by side, in one program instead of one each.

Where models are small a step costs what it costs to start it, and a program takes longer to compile
than to run. Models that share neither weights nor losses learn the same in one model as by
themselves: the gradient of the sum of their losses is each one's own, and Adam steps every weight
by itself.
"""

import math
from collections.abc import Mapping

import keras

from keras_mtkd._backend.keras_compat import layers_within
from keras_mtkd._backend.names import valid_name
from keras_mtkd._graph.ends import new_inputs, own_inputs
from keras_mtkd.distillers.loss_trackers import loss_name

# Weights, and numbers that layers compute of a sample: of all models together.
_SMALL = 1_000_000


def worth_it(models: Mapping[str, keras.Model]) -> bool:
    """Whether models are small enough to gain by it, and none has losses besides its task's.

    Those of layers, such as weight decay, would be in the history of all.
    """
    layers = [layer for model in models.values() for layer in layers_within(model)]
    if any(model.losses for model in models.values()) or any(
        getattr(layer, "activity_regularizer", None) is not None for layer in layers
    ):
        return False
    weights = sum(model.count_params() for model in models.values())
    return len(models) > 1 and weights + sum(map(_outputs, layers)) <= _SMALL


def _outputs(layer: keras.layers.Layer) -> float:
    """How many numbers a layer computes of a sample."""
    try:
        shapes = [tensor.shape[1:] for tensor in keras.tree.flatten(layer.output)]
    except (AttributeError, ValueError):
        return 0
    # A size that is not known could be any.
    return sum(math.inf if None in shape else math.prod(shape) for shape in shapes)


def side_by_side(models: Mapping[str, keras.Model]) -> keras.Model:
    """One model that runs them all on the same inputs.

    Args:
        models: `{task: model}`, each with the single output `{task: tensor}`.

    Returns:
        A functional model with outputs `{task: tensor}`.
    """
    first = next(iter(models.values()))
    inputs = new_inputs(first)
    outputs = {task: model(own_inputs(model, inputs))[task] for task, model in models.items()}
    return keras.Model(inputs, outputs, name=valid_name("_".join(["together", *models])[:60]))


def split_history(
    history: Mapping[str, list[float]], tasks: list[str]
) -> dict[str, dict[str, list[float]]]:
    """What each would have had as its history by itself.

    Args:
        history: That of all together.
        tasks: All tasks.

    Returns:
        `{task: {name: value of every epoch}}`.
    """
    found: dict[str, dict[str, list[float]]] = {task: {} for task in tasks}
    for name, values in history.items():
        rest = name.removeprefix("val_")
        # "left_parity_accuracy" is no metric "parity_accuracy" of "left".
        owners = [task for task in tasks if rest.startswith(f"{task}_")]
        if owners:
            owner = max(owners, key=len)
            found[owner][name] = [float(value) for value in values]
            if rest == loss_name(owner):
                total = name.removesuffix(rest) + "loss"
                found[owner][total] = [float(value) for value in values]
    return found
