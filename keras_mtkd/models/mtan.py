"""MTAN: a shared SegNet, and for every task attention masks over each of its stages."""

from collections.abc import Callable, Sequence

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_names
from keras_mtkd._backend.types import Tensor
from keras_mtkd.layers.bilinear import BilinearUpsampling2D
from keras_mtkd.models._blocks import (
    BATCH_NORM,
    Heads,
    check_divisible,
    check_heads,
    dense_heads,
)
from keras_mtkd.models.segnet import WIDTHS, Trunk, reduction


@mtkd_export("keras_mtkd.models.mtan")
def mtan(
    input_shape: tuple[int, int, int],
    heads: Heads,
    variant: str = "standard",
    widths: tuple[int, ...] = WIDTHS,
    name: str = "mtan",
) -> keras.Model:
    """The multi-task attention network on SegNet.

    Every task has its own masks; the convolutions that follow a mask belong to all tasks. Two
    layers a task are there to be tapped: `encoder_{task}`, the attended feature after the last
    pooling, and `decoder_{task}`, the last one at full resolution; with `_` for what names of
    layers cannot have, such as spaces.

    Args:
        input_shape: `(height, width, channels)`, as in `models.segnet`.
        heads: As in `models.segnet`.
        variant: Of the shared SegNet, as in `models.segnet`.
        widths: Channels of the stages.
        name: Name of the model.

    Returns:
        A functional model with outputs `{task: (batch, height, width, channels)}`.

    Raises:
        ValueError: As `models.segnet`.

    Source: Liu, Johns and Davison, "End-to-End Multi-Task Learning with Attention" (2019), as in
    the code released with Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020).
    """
    check_divisible(input_shape, reduction(widths), "MTAN")
    check_heads(heads)
    inputs = keras.Input(input_shape)
    trunk = Trunk(inputs, variant, widths, prefix="shared_")
    wide = trunk.widths
    down = [_SharedBlock(width) for width in (*wide[1:], wide[-1])]
    up = [_SharedBlock(width) for width in (*wide[-2::-1], wide[0])]
    features = {}
    for task, name_of_task in valid_names(heads).items():
        coded = keras.layers.Identity(name=f"encoder_{name_of_task}")(_encode(trunk, down))
        decoded = keras.layers.Identity(name=f"decoder_{name_of_task}")
        features[task] = decoded(_decode(trunk, up, coded))
    return keras.Model(inputs, dense_heads(features, heads, wide[0]), name=name)


Block = Callable[[Tensor], Tensor]


def _encode(trunk: Trunk, blocks: Sequence[Block]) -> Tensor:
    """One task's way down: mask a stage, convolve, pool, and look at the next one with it."""
    attended: Tensor = None
    for (first, second), block in zip(trunk.encoded, blocks, strict=True):
        seen = first if attended is None else keras.layers.Concatenate()([first, attended])
        masked = keras.layers.Multiply()([_mask(seen, second.shape[-1]), second])
        attended = keras.layers.MaxPooling2D()(block(masked))
    return attended


def _decode(trunk: Trunk, blocks: Sequence[Block], coded: Tensor) -> Tensor:
    """One task's way up: enlarge, convolve, and mask a stage of the shared decoder."""
    attended = coded
    stages = zip(trunk.upsampled, trunk.decoded, blocks, strict=True)
    for upsampled, (_, second), block in stages:
        enlarged = block(BilinearUpsampling2D()(attended))
        seen = keras.layers.Concatenate()([upsampled, enlarged])
        attended = keras.layers.Multiply()([_mask(seen, second.shape[-1]), second])
    return attended


def _mask(x: Tensor, width: int) -> Tensor:
    for activation in ("relu", "sigmoid"):
        x = keras.layers.Conv2D(width, 1, kernel_initializer="glorot_normal")(x)
        x = keras.layers.BatchNormalization(**BATCH_NORM)(x)
        x = keras.layers.Activation(activation)(x)
    return x


class _SharedBlock:
    """Convolution, batch normalisation and ReLU that several tasks call.

    Its layers are made when the first task calls it, so that layers stay in the order in which
    they run.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._layers: tuple[keras.layers.Layer, ...] = ()

    def __call__(self, x: Tensor) -> Tensor:
        if not self._layers:
            self._layers = (
                keras.layers.Conv2D(
                    self._width, 3, padding="same", kernel_initializer="glorot_normal"
                ),
                keras.layers.BatchNormalization(**BATCH_NORM),
                keras.layers.Activation("relu"),
            )
        for layer in self._layers:
            x = layer(x)
        return x
