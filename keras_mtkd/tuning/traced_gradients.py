"""Graphs that would outlive the training that made them."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

_TRACED = "CustomGradient-"


@contextlib.contextmanager
def forget_gradients() -> Iterator[None]:
    """Drop the custom gradients that TensorFlow registers while a training step is traced.

    Keras' optimisers sum gradients over replicas by an operation that has such a gradient.
    TensorFlow never takes it off its list, so the list holds the graph of every training step that
    was ever traced, and a search grows by one graph a trial. The step itself has all its gradients
    once it is traced. Does nothing on other backends.
    """
    before = set(_registered())
    try:
        yield
    finally:
        registered = _registered()
        for name in set(registered) - before:
            if str(name).startswith(_TRACED):
                del registered[name]


def _registered() -> dict[str, Any]:
    """TensorFlow's gradients by name, if it is loaded and keeps them where it does today."""
    operations = sys.modules.get("tensorflow.python.framework.ops")
    registry = getattr(operations, "gradient_registry", None)
    return getattr(registry, "_registry", {})
