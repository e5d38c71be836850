"""Linear adaptors: from the student's shared features to one teacher's."""

from typing import Any

import keras

from keras_mtkd._export import mtkd_export
from keras_mtkd._types import Shape

_CONVOLUTIONS = {3: keras.layers.Conv1D, 4: keras.layers.Conv2D, 5: keras.layers.Conv3D}


@mtkd_export("keras_mtkd.layers.linear_adaptor")
def linear_adaptor(
    shape: Shape,
    channels: int,
    name: str | None = None,
    regularizer: Any = None,
    rank: int | None = None,
) -> keras.layers.Layer:
    """A linear map over the channels, without bias: Dense for vectors, 1×1 convolution for maps.

    Args:
        shape: Static shape of the student's feature, `(batch, ..., channels)`.
        channels: Channels of the teacher's feature.
        name: Name of the layer.
        regularizer: Penalty on the weights.
        rank: If given, the map is the product of two, with so many channels between them.

    Returns:
        A built layer that maps `(batch, ..., shape[-1])` to `(batch, ..., channels)`.

    Raises:
        ValueError: If the feature is neither a vector nor a map of 1 to 3 spatial dimensions, or
            `rank` is not positive.

    Source: Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020), the authors'
    released code (1×1 convolution, no bias, Xavier-normal).
    """
    if rank is not None:
        if rank < 1:
            raise ValueError(f"`rank` must be positive. Received: rank={rank}.")
        down = linear_adaptor(shape, rank, regularizer=regularizer)
        up = linear_adaptor((*shape[:-1], rank), channels, regularizer=regularizer)
        product = keras.Sequential([down, up], name=name)
        product.build(shape)
        return product
    common = {
        "use_bias": False,
        "kernel_initializer": "glorot_normal",
        "kernel_regularizer": regularizer,
        "name": name,
    }
    if len(shape) == 2:
        layer = keras.layers.Dense(channels, **common)
    elif len(shape) in _CONVOLUTIONS:
        layer = _CONVOLUTIONS[len(shape)](channels, 1, data_format="channels_last", **common)
    else:
        raise ValueError(
            "A linear adaptor needs a feature of shape (batch, channels) or (batch, ..., channels) "
            f"with up to three spatial dimensions. Received: shape={shape}. Pass a layer of your "
            "own as `adaptor`."
        )
    layer.build(shape)
    return layer
