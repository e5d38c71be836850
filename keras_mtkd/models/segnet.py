"""SegNet for several tasks: an encoder and a decoder that all tasks share, one head a task."""

import keras

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.layers.pooling import MaxPooling2DWithIndices, MaxUnpooling2D
from keras_mtkd.layers.unit_vectors import UnitVectors
from keras_mtkd.models._blocks import (
    Heads,
    check_divisible,
    check_heads,
    convolution_block,
    convolution_layer,
    dense_heads,
)

WIDTHS = (64, 128, 256, 512, 512)
_VARIANTS = ("standard", "wide", "deep")
_WIDE = 1024


@mtkd_export("keras_mtkd.models.segnet")
def segnet(
    input_shape: tuple[int, int, int],
    heads: Heads,
    variant: str = "standard",
    widths: tuple[int, ...] = WIDTHS,
    name: str = "segnet",
) -> keras.Model:
    """The multi-task SegNet of MTAN's and KD4MTL's experiments.

    Five stages of convolutions and max pooling, whose places the decoder's unpooling uses again.
    Two layers are there to be tapped: `encoder`, after the last pooling, and `decoder`, the
    last shared feature at full resolution.

    Args:
        input_shape: `(height, width, channels)`, height and width multiples of 32, or of 2 to the
            power of the number of stages.
        heads: `{task: channels}` for a 3×3 and a 1×1 convolution, or `{task: layer}`. Predictions
            of channels are linear (logits), and unit vectors for the task `"normal"`.
        variant: `"standard"`, `"wide"` (1,024 channels in the last stage) or `"deep"` (every
            convolution twice).
        widths: Channels of the stages; fewer and smaller ones for small pictures.
        name: Name of the model.

    Returns:
        A functional model with outputs `{task: (batch, height, width, channels)}`, layers in the
        order in which they run.

    Raises:
        ValueError: If the shape is not such a multiple, a head has no channel, a width is not
            positive, or the variant is not known.

    Source: Badrinarayanan et al., "SegNet" (2017); widths and heads as in the code released with
    Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020).
    """
    check_divisible(input_shape, reduction(widths), "SegNet")
    check_heads(heads)
    inputs = keras.Input(input_shape)
    trunk = Trunk(inputs, variant, widths)
    shared = dict.fromkeys(heads, trunk.decoded[-1][-1])
    return keras.Model(inputs, dense_heads(shared, heads, widths[0]), name=name)


def segnet_backbone(
    input_shape: tuple[int, int, int], variant: str = "standard", widths: tuple[int, ...] = WIDTHS
) -> keras.Model:
    """SegNet without heads, from pictures to the shared feature `decoder`."""
    check_divisible(input_shape, reduction(widths), "SegNet")
    inputs = keras.Input(input_shape)
    shared = Trunk(inputs, variant, widths).decoded[-1][-1]
    return keras.Model(inputs, shared, name="segnet_backbone")


def segnet_head(width: int, channels: int, unit: bool = False) -> keras.Sequential:
    """A 3×3 and a 1×1 convolution, then unit vectors if wanted."""
    layers: list[keras.layers.Layer] = [convolution_layer(width), convolution_layer(channels, 1)]
    return keras.Sequential([*layers, UnitVectors()] if unit else layers)


class Trunk:
    """Encoder and decoder that all tasks share.

    Args:
        inputs: Pictures.
        variant: As in `segnet`.
        widths: As in `segnet`.
        prefix: Of the names of the two layers to tap.

    Attributes:
        encoded: Of every stage, the outputs of its first and of its second convolutions.
        upsampled: Of every stage of the decoder, what unpooling gives.
        decoded: Of every stage of the decoder, as `encoded`.
    """

    def __init__(
        self, inputs: Tensor, variant: str, widths: tuple[int, ...], prefix: str = ""
    ) -> None:
        self.widths = stage_widths(variant, widths)
        self.repeats = 2 if variant == "deep" else 1
        self.encoded: list[tuple[Tensor, Tensor]] = []
        self.upsampled: list[Tensor] = []
        self.decoded: list[tuple[Tensor, Tensor]] = []
        places, x = [], inputs
        for stage, width in enumerate(self.widths):
            x = self._stage(x, width, stage, self.encoded)
            x, indices = MaxPooling2DWithIndices()(x)
            places.append(indices)
        x = keras.layers.Identity(name=f"{prefix}encoder")(x)
        for stage in range(len(self.widths) - 1, -1, -1):
            x = MaxUnpooling2D()(x, places[stage])
            self.upsampled.append(x)
            width = self.widths[max(stage - 1, 0)]
            name = f"{prefix}decoder" if stage == 0 else None
            x = self._stage(x, width, stage, self.decoded, name)

    def _stage(
        self,
        x: Tensor,
        width: int,
        stage: int,
        kept: list[tuple[Tensor, Tensor]],
        name: str | None = None,
    ) -> Tensor:
        """One convolution, then one (two from the third stage on); all twice if deep."""
        begun = self._convolutions(x, width, 1)
        done = self._convolutions(begun, width, 1 if stage < 2 else 2, name)
        kept.append((begun, done))
        return done

    def _convolutions(self, x: Tensor, width: int, count: int, name: str | None = None) -> Tensor:
        total = count * self.repeats
        for number in range(total):
            x = convolution_block(x, width, name=name if number == total - 1 else None)
        return x


def reduction(widths: tuple[int, ...]) -> int:
    """By how much the poolings, one a stage, reduce height and width."""
    return int(2 ** len(widths))


def stage_widths(variant: str, widths: tuple[int, ...]) -> tuple[int, ...]:
    """Channels of the stages.

    Raises:
        ValueError: If there are no widths, one is not positive, or the variant is not known.
    """
    check_choice("variant", variant, _VARIANTS)
    if not widths or min(widths) < 1:
        raise ValueError(
            f"`widths` must be positive numbers, one a stage. Received: widths={widths}."
        )
    return (*widths[:-1], _WIDE) if variant == "wide" else tuple(widths)
