"""Linear adaptors: from the student's shared features to one teacher's."""

from typing import Any

import keras

from keras_mtkd._backend.types import Shape


def linear_adaptor(
    shape: Shape,
    channels: int,
    name: str | None = None,
    regularizer: Any = None,
    rank: int | None = None,
) -> keras.layers.Layer:
    """A linear map over the channels, without bias, the same at every position.

    For maps that is a 1×1 convolution, here as a matrix product, which is faster.

    Args:
        shape: Static shape of the student's feature, `(batch, ..., channels)`.
        channels: Channels of the teacher's feature.
        name: Name of the layer.
        regularizer: Penalty on the weights.
        rank: If given, the map is the product of two, with so many channels between them.

    Returns:
        A built layer that maps `(batch, ..., shape[-1])` to `(batch, ..., channels)`.

    Raises:
        ValueError: If the feature has no channels, or `rank` is not positive.

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
    if len(shape) < 2 or shape[-1] is None:
        raise ValueError(
            "A linear adaptor needs a feature of shape (batch, ..., channels) with a known number "
            f"of channels. Received: shape={shape}. Pass a layer of your own as `adaptor`."
        )
    layer = keras.layers.Dense(
        channels,
        use_bias=False,
        kernel_initializer="glorot_normal",
        kernel_regularizer=regularizer,
        name=name,
    )
    layer.build(shape)
    return layer


def keeps_means(layer: keras.layers.Layer | None) -> bool:
    """Whether a layer of the mean over positions is the mean of the layer over positions."""
    if isinstance(layer, keras.Sequential):
        return all(keeps_means(part) for part in layer.layers)
    return layer is None or (
        isinstance(layer, keras.layers.Dense) and layer.activation is keras.activations.linear
    )
