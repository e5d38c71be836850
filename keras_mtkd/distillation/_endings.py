"""What the output of a graph of layers is, by the last that was done to it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import call_of, name_in_keras, place_of
from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.ends import is_graph
from keras_mtkd.losses.kinds import BINARY, CLASS


@dataclass(frozen=True)
class Ending:
    """The form of an output.

    Attributes:
        from_logits: True for logits, False for probabilities, `None` if that cannot be told.
        kind: `"class"` after a softmax, `"binary"` after a sigmoid, else `None`.
        axis: The axis of a softmax.
        certain: False after what cuts values off: what began as logits may be made shares by it.
    """

    from_logits: bool | None = None
    kind: str | None = None
    axis: int | None = None
    certain: bool = True


UNKNOWN, LOGITS = Ending(), Ending(from_logits=True)
_CUT_OFF = replace(LOGITS, certain=False)
# The input of a graph, which nothing was done to.
_RAW = Ending(axis=0)

# What moves, picks, pads or averages values leaves them logits or probabilities.
_KEEPING = frozenset(
    [
        "ActivityRegularization",
        "AlphaDropout",
        "Average",
        "AveragePooling1D",
        "AveragePooling2D",
        "AveragePooling3D",
        "BroadcastTo",
        "Cast",
        "Clip",
        "Concatenate",
        "Copy",
        "Cropping1D",
        "Cropping2D",
        "Cropping3D",
        "Dropout",
        "ExpandDims",
        "Flatten",
        "Flip",
        "GaussianDropout",
        "GaussianNoise",
        "GetItem",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalAveragePooling3D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "GlobalMaxPooling3D",
        "Identity",
        "Masking",
        "Max",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
        "Maximum",
        "Mean",
        "Median",
        "Min",
        "Minimum",
        "Moveaxis",
        "Permute",
        "Ravel",
        "Repeat",
        "RepeatVector",
        "Reshape",
        "Resize",
        "Resizing",
        "Roll",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "Split",
        "Squeeze",
        "Stack",
        "StopGradient",
        "Swapaxes",
        "Take",
        "Tile",
        "Transpose",
        "Unstack",
        "UpSampling1D",
        "UpSampling2D",
        "UpSampling3D",
    ]
)
_CUTTING = frozenset(["Clip", "Maximum", "Minimum"])
# What scales, shifts and sums values makes logits of anything but probabilities.
_LINEAR = frozenset(
    [
        "Add",
        "BatchNormalization",
        "Divide",
        "Dot",
        "Einsum",
        "GroupNormalization",
        "LayerNormalization",
        "Matmul",
        "Multiply",
        "Negative",
        "Normalization",
        "RMSNormalization",
        "Rescaling",
        "Subtract",
        "Sum",
        "Tensordot",
        "TrueDivide",
        "UnitNormalization",
    ]
)
# Layers with weights, whose activation is all that matters.
_WEIGHING = frozenset(
    [
        "Conv1D",
        "Conv1DTranspose",
        "Conv2D",
        "Conv2DTranspose",
        "Conv3D",
        "Conv3DTranspose",
        "Dense",
        "DepthwiseConv1D",
        "DepthwiseConv2D",
        "EinsumDense",
        "SeparableConv1D",
        "SeparableConv2D",
    ]
)


def ending_of(tensor: Tensor) -> Ending:
    """What a symbolic tensor is: what it is not changed by is passed over, into nested models too.

    Args:
        tensor: An output of a functional or sequential model.
    """
    found = _Walk().ending(tensor, ())
    return UNKNOWN if found is _RAW else found


# Models that the walk is inside of, from outer to inner, each with what it was called with.
_Around = tuple[tuple[keras.Model, tuple[Tensor, ...]], ...]


class _Walk:
    """A walk through a graph, from its end, that looks at no tensor twice."""

    def __init__(self) -> None:
        self._found: dict[Any, Ending] = {}

    def ending(self, tensor: Tensor, around: _Around) -> Ending:
        """What a tensor is."""
        place = (id(tensor), *((id(model), *map(id, given)) for model, given in around))
        if place not in self._found:
            self._found[place] = self._ending(tensor, around)
        return self._found[place]

    def _ending(self, tensor: Tensor, around: _Around) -> Ending:
        call = call_of(tensor)
        operation, inputs = call.operation, tuple(call.input_tensors)
        if isinstance(operation, keras.layers.InputLayer):
            return self._of_input(tensor, around)
        place = place_of(tensor)
        if name_in_keras(operation) == "TimeDistributed":
            operation, place = operation.layer, 0
        if is_graph(operation):
            inner = keras.tree.flatten(operation.outputs)[place]
            return self.ending(inner, (*around, (operation, inputs)))
        name = name_in_keras(operation)
        if name in _WEIGHING or name == "Activation":
            squashed = _ending_of_activation(operation.activation)
            if squashed is not None:
                return squashed
            return LOGITS if name in _WEIGHING else self._common(inputs, around)
        if name in _KEEPING:
            found = self._common(inputs, around)
            return _CUT_OFF if name in _CUTTING and found.from_logits else found
        if name in _LINEAR:
            return _ending_of_sum({self.ending(each, around) for each in inputs} - {_RAW})
        if name == "Log":
            before = self.ending(inputs[0], around)
            if before.kind == CLASS and before.from_logits is False:
                return replace(before, from_logits=True)
        return _ending_of_function(name, operation)

    def _of_input(self, tensor: Tensor, around: _Around) -> Ending:
        """Of what a nested model was called with."""
        if not around:
            return _RAW
        model, given = around[-1]
        for own, outer in zip(keras.tree.flatten(model.inputs), given, strict=False):
            if own is tensor:
                return self.ending(outer, around[:-1])
        return UNKNOWN

    def _common(self, inputs: tuple[Tensor, ...], around: _Around) -> Ending:
        """What all inputs are."""
        found = {self.ending(each, around) for each in inputs}
        if len(found) == 1:
            return found.pop()
        forms = {each.from_logits for each in found}
        if len(forms) > 1 or _RAW in found:
            return UNKNOWN
        return Ending(forms.pop(), certain=all(each.certain for each in found))


def _ending_of_sum(found: set[Ending]) -> Ending:
    """After a sum or product of values; of the input alone, nobody says what that is."""
    if not all(each.from_logits for each in found):
        return UNKNOWN
    return LOGITS if found and all(each.certain for each in found) else _CUT_OFF


def _ending_of_function(name: str | None, operation: Any) -> Ending:
    """After an operation that is known for what it gives."""
    if name in ("Softmax", "LogSoftmax"):
        axis = getattr(operation, "axis", -1)
        return Ending(name == "LogSoftmax", CLASS, axis if isinstance(axis, int) else None)
    return Ending(False, BINARY) if name in ("Sigmoid", "HardSigmoid") else UNKNOWN


def _ending_of_activation(activation: Any) -> Ending | None:
    """After an activation; `None` if that changes nothing."""
    if isinstance(activation, keras.layers.Layer):
        if name_in_keras(activation) == "Activation":
            return _ending_of_activation(activation.activation)
        return _ending_of_function(name_in_keras(activation), activation)
    axis = -1
    while isinstance(activation, partial):
        axis = activation.keywords.get("axis", axis)
        activation = activation.func
    if activation is None or activation is keras.activations.linear:
        return None
    if activation in _SOFTMAXES:
        return Ending(False, CLASS, axis)
    if activation is keras.activations.log_softmax or activation is keras.ops.log_softmax:
        return Ending(True, CLASS, axis)
    return Ending(False, BINARY) if activation in _SIGMOIDS else UNKNOWN


_SOFTMAXES: tuple[Callable[..., Any], ...] = (keras.activations.softmax, keras.ops.softmax)
_SIGMOIDS: tuple[Callable[..., Any], ...] = (
    keras.activations.sigmoid,
    keras.activations.hard_sigmoid,
    keras.ops.sigmoid,
    keras.ops.hard_sigmoid,
)
