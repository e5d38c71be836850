"""Blocks that the architectures for dense prediction have in common."""

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._backend.names import valid_names
from keras_mtkd._backend.types import Tensor
from keras_mtkd.layers.unit_vectors import UnitVectors

# A head, or the number of channels of the default one.
Heads = Mapping[str, Any]

# PyTorch's defaults, with which the published numbers were made.
BATCH_NORM = {"momentum": 0.9, "epsilon": 1e-5}


def convolution_layer(
    filters: int, size: int = 3, name: str | None = None, dilation: int = 1
) -> keras.layers.Layer:
    """A convolution with Xavier-normal weights that keeps height and width."""
    return keras.layers.Conv2D(
        filters,
        size,
        padding="same",
        dilation_rate=dilation,
        kernel_initializer="glorot_normal",
        name=name,
    )


def convolution_block(
    x: Tensor, filters: int, size: int = 3, name: str | None = None, dilation: int = 1
) -> Tensor:
    """Convolution, batch normalisation, ReLU; `name` is that of the last one."""
    x = convolution_layer(filters, size, dilation=dilation)(x)
    x = keras.layers.BatchNormalization(**BATCH_NORM)(x)
    return keras.layers.Activation("relu", name=name)(x)


def dense_heads(features: Mapping[str, Tensor], heads: Heads, width: int) -> dict[str, Tensor]:
    """Predictions of every task from its feature.

    Args:
        features: `{task: (batch, height, width, channels)}`.
        heads: `{task: channels}` for a 3×3 and a 1×1 convolution, with unit vectors for the task
            `"normal"`, or `{task: layer}`.
        width: Channels between the two convolutions.
    """
    names = valid_names(heads)
    outputs = {}
    for task, head in heads.items():
        if not isinstance(head, int):
            outputs[task] = head(features[task])
            continue
        x = convolution_layer(width, name=f"{names[task]}_head")(features[task])
        x = convolution_layer(head, 1, name=f"{names[task]}_prediction")(x)
        outputs[task] = UnitVectors(name=f"{task}_unit")(x) if task == "normal" else x
    return outputs


def check_heads(heads: Heads) -> None:
    """Refuse heads that are neither channels nor layers.

    Raises:
        ValueError: If there is none, or one has fewer than one channel.
    """
    if not heads:
        raise ValueError("`heads` must have at least one task. Received: heads={}.")
    for task, head in heads.items():
        if isinstance(head, int) and head < 1:
            raise ValueError(f"The head of '{task}' needs at least 1 channel. Received: {head}.")


def check_divisible(shape: tuple[int, ...], factor: int, model: str) -> None:
    """Refuse pictures whose height or width pooling would cut.

    Raises:
        ValueError: Naming the shape.
    """
    if len(shape) != 3 or None in shape or shape[0] % factor or shape[1] % factor:
        raise ValueError(
            f"{model} needs `input_shape=(height, width, channels)` with height and width "
            f"multiples of {factor}. Received: {tuple(shape)}."
        )
