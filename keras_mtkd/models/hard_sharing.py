"""Hard parameter sharing: one backbone, one head a task."""

from collections.abc import Mapping

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_name
from keras_mtkd._graph.ends import graph_ends
from keras_mtkd._graph.taps import require_functional
from keras_mtkd.layers.rotation import Rotation


@mtkd_export("keras_mtkd.models.hard_sharing")
def hard_sharing(
    backbone: keras.Model,
    heads: Mapping[str, keras.layers.Layer],
    name: str | None = None,
    rotations: bool = False,
) -> keras.Model:
    """Put one head a task on a shared backbone.

    The backbone's layers become layers of the model itself, so that they can be tapped by their
    own names.

    Args:
        backbone: Functional model from the inputs to the shared feature.
        heads: `{task: layer or model}`, from the shared feature to the prediction.
        name: Name of the model.
        rotations: Whether every head gets the shared feature through a `layers.Rotation`, which
            `balancing.RotoGrad` needs.

    Returns:
        A functional model with outputs `{task: tensor}`.

    Raises:
        TypeError: If the backbone is no Keras model.
        ValueError: If the backbone is not functional or there is no head.

    Examples:
        >>> import keras
        >>> inputs = keras.Input((8,))
        >>> backbone = keras.Model(inputs, keras.layers.Dense(4, name="features")(inputs))
        >>> heads = {"a": keras.layers.Dense(3), "b": keras.layers.Dense(1)}
        >>> {task: out.shape for task, out in hard_sharing(backbone, heads).output.items()}
        {'a': (None, 3), 'b': (None, 1)}

    Source: Caruana, "Multitask Learning" (1997).
    """
    require_functional(backbone, "backbone")
    if not heads:
        raise ValueError("`heads` must have at least one task. Received: heads={}.")
    inputs, shared = graph_ends(backbone)
    outputs = {}
    for task, head in heads.items():
        rotation = Rotation(name=valid_name(f"rotation_{task}")) if rotations else None
        outputs[task] = head(shared if rotation is None else rotation(shared))
    return keras.Model(inputs, outputs, name=name or "hard_sharing")
