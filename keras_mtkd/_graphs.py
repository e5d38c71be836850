"""Models whose graph of layers is known."""

from typing import Any

import keras


def is_graph(layer: Any) -> bool:
    """Whether a layer is a model whose graph of layers is known."""
    return isinstance(layer, keras.Model) and bool(getattr(layer, "inputs", None))


def graph_ends(model: keras.Model) -> tuple[Any, Any]:
    """Symbolic inputs and outputs of a functional or sequential model, in their structure."""
    if isinstance(model, keras.Sequential):
        return model.inputs[0], model.outputs[0]
    return model.input, model.output
