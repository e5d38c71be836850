"""Classification networks made dense: strides turned into dilation, and ASPP heads."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_names
from keras_mtkd._graph.ends import graph_ends
from keras_mtkd._graph.taps import require_functional
from keras_mtkd.layers.unit_vectors import UnitVectors
from keras_mtkd.models._blocks import check_heads, convolution_block, convolution_layer


@mtkd_export("keras_mtkd.models.dilated")
def dilated(backbone: keras.Model, output_stride: int = 8) -> keras.Model:
    """The same network with dilated convolutions instead of its last strides.

    Once the pictures have become `output_stride` times smaller, every further stride is taken
    out and all later convolutions look as much wider. Weights are copied, so pretrained ones
    stay good.

    Args:
        backbone: Functional model of convolutions on pictures, such as
            `keras.applications.ResNet50(include_top=False)`.
        output_stride: How many times smaller than the picture the features are to be.

    Returns:
        A functional model of the same layers, by name, with the same weights.

    Raises:
        TypeError: If the backbone is no Keras model.
        ValueError: If it is not functional, or `output_stride` no power of 2.

    Source: Yu, Koltun and Funkhouser, "Dilated Residual Networks" (2017); Chen et al., "DeepLab"
    (2017).
    """
    require_functional(backbone, "backbone")
    if output_stride < 1 or output_stride & (output_stride - 1):
        raise ValueError(f"`output_stride` must be a power of 2. Received: {output_stride}.")
    height = graph_ends(backbone)[0].shape[1]
    if height is None:
        raise ValueError("The backbone's input must have a known height and width.")

    def replaced(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        if not isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            return type(layer).from_config(config)
        shrunk = height / layer.input.shape[1]
        wider = max(1, round(shrunk / output_stride))
        strides = layer.strides[0]
        if shrunk * strides > output_stride * 1.5 and strides > 1:
            config["strides"] = (1, 1)
        if wider > 1:
            config["dilation_rate"] = (wider, wider)
            config["padding"] = "same"
        return type(layer).from_config(config)

    made = keras.models.clone_model(backbone, clone_function=replaced)
    made.set_weights(backbone.get_weights())
    return made


@mtkd_export("keras_mtkd.models.aspp")
def aspp(
    backbone: keras.Model,
    heads: Mapping[str, Any],
    size: tuple[int, int],
    width: int = 256,
    rates: Sequence[int] = (6, 12, 18),
    name: str = "aspp",
) -> keras.Model:
    """Atrous spatial pyramid pooling, one pyramid and prediction a task, on a shared backbone.

    A pyramid's feature can be tapped as `pyramid_{task}`, with `_` for what names of layers
    cannot have, such as spaces.

    Args:
        backbone: Functional model from pictures to maps.
        heads: `{task: channels}`, with unit vectors for the task `"normal"`, or `{task: layer}`.
        size: `(height, width)` of the predictions, resized bilinearly.
        width: Channels of the pyramids.
        rates: Dilations of the pyramids.
        name: Name of the model.

    Returns:
        A functional model with outputs `{task: (batch, height, width, channels)}`.

    Raises:
        TypeError: If the backbone is no Keras model.
        ValueError: If it is not functional or a head has no channel.

    Source: Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation" (2017).
    """
    require_functional(backbone, "backbone")
    check_heads(heads)
    inputs, shared = graph_ends(backbone)
    names = valid_names(heads)
    outputs = {}
    for task, head in heads.items():
        x = _pyramid(shared, width, rates, f"pyramid_{names[task]}")
        x = convolution_layer(head, 1)(x) if isinstance(head, int) else head(x)
        x = keras.layers.Resizing(*size, interpolation="bilinear", dtype="float32")(x)
        unit = isinstance(head, int) and task == "normal"
        outputs[task] = UnitVectors(name=f"{task}_unit")(x) if unit else x
    return keras.Model(inputs, outputs, name=name)


def _pyramid(x: Any, width: int, rates: Sequence[int], name: str) -> Any:
    """One wide look, several wider ones, and the mean of the whole picture, put together."""
    looks = [convolution_block(x, width, 1)]
    looks += [convolution_block(x, width, 3, dilation=rate) for rate in rates]
    mean = keras.layers.GlobalAveragePooling2D(keepdims=True)(x)
    mean = keras.layers.Activation("relu")(convolution_layer(width, 1)(mean))
    looks.append(keras.layers.UpSampling2D(x.shape[1:3], interpolation="nearest")(mean))
    return convolution_block(keras.layers.Concatenate()(looks), width, 1, name=name)
