"""Teachers' features that come with a batch, so that no teacher has to run.

Such a batch has the inputs `{"__inputs__": x, "__teachers__": {key: array}}`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from keras import ops

from keras_mtkd._backend.types import Tensor

_INPUTS, _TEACHERS = "__inputs__", "__teachers__"


def attach_features(x: Any, features: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that bring features along."""
    return {_INPUTS: x, _TEACHERS: dict(features)}


def detach_features(x: Any) -> tuple[Any, dict[str, Any] | None]:
    """The inputs, and the features that came with them, or `None`."""
    if isinstance(x, Mapping) and set(x) == {_INPUTS, _TEACHERS}:
        return x[_INPUTS], x[_TEACHERS]
    return x, None


def feature_key(teacher: str, fingerprint: str, path: str | None, task: str) -> str:
    """The name of a tap of a teacher, or of its prediction of a task."""
    return f"{teacher}|{fingerprint}|{title(path, task)}"


def title(path: str | None, task: str) -> str:
    """What a tap or a prediction is called."""
    return f"prediction of {task}" if path is None else path


def keys_of(data: Any) -> set[str] | None:
    """Names of the features that come with data, or `None` if none do or it cannot tell.

    Args:
        data: What `fit` takes: a data set or inputs.
    """
    if hasattr(data, "feature_keys"):
        return set(data.feature_keys)
    spec = getattr(data, "element_spec", data)
    features = detach_features(spec[0] if isinstance(spec, tuple) else spec)[1]
    return None if features is None else set(features)


def require_features(features: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Refuse features that are not those of a distiller's teachers and taps.

    Raises:
        ValueError: Naming what is missing and what came.
    """
    missing = sorted(set(keys) - set(features))
    if missing:
        raise ValueError(
            "The data brings features along, but not those of this distiller's teachers, as they "
            f"are now, and taps. Missing: {missing}. Received: {sorted(features)}. Call "
            "`teachers.cache` again with these teachers and distillations."
        )


def pool_like(tensor: Tensor, target: Tensor) -> Tensor:
    """Maps averaged down to the resolution at which the teacher's were stored.

    Args:
        tensor: `(batch, height, width, channels)`; other ranks pass unchanged.
        target: Maps whose height and width divide the tensor's.
    """
    if len(tensor.shape) != 4 or tensor.shape[1:3] == target.shape[1:3]:
        return tensor
    return pool(tensor, tensor.shape[1] // target.shape[1])


def pool(tensor: Tensor, size: int) -> Tensor:
    """Means over squares of `size` by `size` positions."""
    return ops.average_pool(tensor, size, size, padding="valid", data_format="channels_last")
