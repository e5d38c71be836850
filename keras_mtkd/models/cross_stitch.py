"""Cross-stitch networks: one network a task, stitched together after every stage."""

from collections.abc import Callable, Mapping, Sequence

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_names
from keras_mtkd.layers.mixing import CrossStitch

Stage = Callable[[], keras.layers.Layer]


@mtkd_export("keras_mtkd.models.cross_stitch")
def cross_stitch(
    input_shape: tuple[int | None, ...],
    stages: Sequence[Stage],
    heads: Mapping[str, keras.layers.Layer],
    keep: float = 0.9,
    name: str = "cross_stitch",
) -> keras.Model:
    """Every task has all stages of its own, and reads what the others' have computed.

    After stage number n (from 1) a task's mixture can be tapped as `stage{n}_{task}`,
    with `_` for what names of layers cannot have, such as spaces.

    Args:
        input_shape: Shape of an input, without the batch.
        stages: Functions that make a new layer or model, one a stage.
        heads: `{task: layer or model}`, from a task's last mixture to its prediction.
        keep: Initial share of a task's own feature in its mixtures.
        name: Name of the model.

    Returns:
        A functional model with outputs `{task: tensor}`.

    Raises:
        ValueError: If there is no stage or no head.

    Examples:
        >>> from keras import layers
        >>> stages = [lambda: layers.Dense(8, "relu"), lambda: layers.Dense(4, "relu")]
        >>> model = cross_stitch((6,), stages, {"a": layers.Dense(3), "b": layers.Dense(1)})
        >>> {task: tensor.shape for task, tensor in model.output.items()}
        {'a': (None, 3), 'b': (None, 1)}

    Source: Misra et al., "Cross-Stitch Networks for Multi-task Learning" (2016).
    """
    if not stages or not heads:
        raise ValueError(
            "A cross-stitch network needs at least one stage and one head. "
            f"Received: {len(stages)} stages, {len(heads)} heads."
        )
    inputs = keras.Input(input_shape)
    names = valid_names(heads)
    features = dict.fromkeys(heads, inputs)
    for number, stage in enumerate(stages, start=1):
        own = [stage()(features[task]) for task in heads]
        mixed = CrossStitch(keep, name=f"stitch{number}")(own)
        features = {
            task: keras.layers.Identity(name=f"stage{number}_{names[task]}")(feature)
            for task, feature in zip(heads, mixed, strict=True)
        }
    outputs = {task: head(features[task]) for task, head in heads.items()}
    return keras.Model(inputs, outputs, name=name)
