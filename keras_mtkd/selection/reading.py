"""What a classifier knows about its classes: its last layer, and what goes into it."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._graph.ends import graph_ends
from keras_mtkd._graph.taps import TappedModel, require_functional, tap_paths


@dataclass(frozen=True)
class Reading:
    """A classifier, taken apart at its last dense layer.

    Attributes:
        rows: Weights of every class, `(classes, d)`.
        bias: `(classes,)`.
    """

    name: str
    rows: np.ndarray
    bias: np.ndarray
    _model: Any

    def embed(self, x: Any) -> np.ndarray:
        """What goes into the last layer, `(batch, d)`."""
        features = ops.convert_to_numpy(self._model(x))
        if features.ndim != 2:
            raise ValueError(
                f"The embedding of '{self.name}' must be (batch, d). Received: shape "
                f"{features.shape}."
            )
        return features

    def probabilities(self, embedding: np.ndarray, temperature: float = 1.0) -> np.ndarray:
        """Class probabilities of embeddings, `(batch, classes)`."""
        logits = (embedding @ self.rows.T + self.bias) / temperature
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponents / exponents.sum(axis=1, keepdims=True)


def read_classifier(
    model: keras.Model, classifier: str | None = None, layer: str | None = None
) -> Reading:
    """Find a model's last dense layer and its input.

    Args:
        model: Functional classifier.
        classifier: Path of the dense layer that gives the classes, by default the last one.
        layer: Path of the layer whose output goes into it; needed only where the dense layer
            is inside a nested model.

    Raises:
        TypeError: If it is no Keras model.
        ValueError: If the model is not functional, or the layer is missing or not dense.
    """
    require_functional(model, f"teacher '{model.name}'")
    path = classifier or _last_dense(model)
    dense = _layer(model, path)
    if not isinstance(dense, keras.layers.Dense):
        raise ValueError(
            f"The classifier '{path}' of '{model.name}' must be a Dense layer. "
            f"Received: {type(dense).__name__}."
        )
    if layer is not None:
        tapped = TappedModel(model, [layer], with_outputs=False)
        embedding: Any = lambda x: tapped(x)[1][layer]  # noqa: E731
    elif "." in path:
        raise ValueError(
            f"The classifier '{path}' of '{model.name}' is inside a nested model. Pass `layer`, "
            "the path of the layer whose output goes into it."
        )
    else:
        tapped = TappedModel(keras.Model(graph_ends(model)[0], dense.input), [])
        embedding = lambda x: tapped(x)[0]  # noqa: E731
    rows = np.asarray(dense.kernel).copy().T
    bias = np.zeros(len(rows)) if dense.bias is None else np.asarray(dense.bias).copy()
    return Reading(model.name, rows, bias, embedding)


def _last_dense(model: keras.Model) -> str:
    paths = [path for path in tap_paths(model) if _is_dense(_layer(model, path))]
    if not paths:
        raise ValueError(
            f"'{model.name}' has no Dense layer. Pass `classifier`, the path of the layer that "
            "gives its classes, or a cost matrix of your own."
        )
    return paths[-1]


def _is_dense(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Dense)


def _layer(model: keras.Model, path: str) -> Any:
    """The layer at a dotted path."""
    found: Any = model
    for name in _split(model, path):
        found = found.get_layer(name)
    return found


def _split(model: keras.Model, path: str) -> list[str]:
    """Names of the layers from outer to inner; a name may itself contain dots."""
    names = [layer.name for layer in model.layers]
    if path in names:
        return [path]
    for name in names:
        if path.startswith(name + "."):
            return [name, *_split(model.get_layer(name), path[len(name) + 1 :])]
    raise ValueError(f"There is no layer '{path}' in model '{model.name}'. It has {names}.")
