"""Layers that mix what several networks or experts have computed."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Shape, Tensor


@mtkd_export("keras_mtkd.layers.CrossStitch")
class CrossStitch(keras.layers.Layer):
    """Learned linear mixtures of the features of several networks, channel by channel.

    `x'_t = sum_s a_{t,s} * x_s`, with a factor for every channel.

    Call arguments:
        inputs: A list of T features of one shape `(batch, ..., channels)`.

    Returns a list of T features of that shape.

    Args:
        keep: Initial share of a network's own feature; the others share the rest.
        name: Name of the layer.
        **kwargs: As in `keras.layers.Layer`.

    Raises:
        ValueError: If `keep` is not in [0, 1], or the features differ in shape.

    Source: Misra et al., "Cross-Stitch Networks for Multi-task Learning" (2016).
    """

    def __init__(self, keep: float = 0.9, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        if not 0.0 <= keep <= 1.0:
            raise ValueError(f"`keep` must lie in [0, 1]. Received: keep={keep}.")
        self.keep = keep

    def build(self, input_shape: Sequence[Shape]) -> None:
        shapes = {tuple(shape) for shape in input_shape}
        if len(shapes) != 1:
            raise ValueError(f"Stitched features must have one shape. Received: {sorted(shapes)}.")
        count, channels = len(input_shape), input_shape[0][-1]
        own = ops.eye(count)[..., None]
        share = (1.0 - self.keep) / max(count - 1, 1)
        start = own * self.keep + (1.0 - own) * share if count > 1 else own
        self.mixture = self.add_weight(
            shape=(count, count, channels), initializer="zeros", name="mixture"
        )
        self.mixture.assign(ops.broadcast_to(start, (count, count, channels)))
        self.built = True

    def call(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        stacked = ops.stack(list(inputs), axis=0)
        mixed = ops.einsum("tsc,sb...c->tb...c", self.mixture, stacked)
        return [mixed[number] for number in range(len(inputs))]

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> list[Shape]:
        return [tuple(shape) for shape in input_shape]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "keep": self.keep}


@mtkd_export("keras_mtkd.layers.ExpertMixture")
class ExpertMixture(keras.layers.Layer):
    """A mixture of experts' features, with shares that a gate reads off another feature.

    `sum_e softmax(W mean(gate))_e * expert_e`; maps are averaged over their positions for the
    gate, and every position gets the same shares.

    Call arguments:
        gate: `(batch, ..., channels)`.
        experts: A list of features of one shape `(batch, ..., features)`.

    Returns the shape of an expert's feature.

    Source: Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate
    Mixture-of-Experts" (2018).
    """

    def build(self, gate_shape: Shape, experts_shape: Sequence[Shape]) -> None:
        self.dense = keras.layers.Dense(len(experts_shape), dtype=self.dtype_policy, name="gate")
        self.dense.build((None, gate_shape[-1]))
        self.built = True

    def call(self, gate: Tensor, experts: Sequence[Tensor]) -> Tensor:
        positions = tuple(range(1, len(gate.shape) - 1))
        shares = ops.softmax(self.dense(ops.mean(gate, axis=positions) if positions else gate))
        total: Tensor = 0.0
        for number, expert in enumerate(experts):
            share = shares[:, number]
            total += ops.reshape(share, (-1,) + (1,) * (len(expert.shape) - 1)) * expert
        return total

    def compute_output_shape(self, gate_shape: Shape, experts_shape: Sequence[Shape]) -> Shape:
        return tuple(experts_shape[0])
