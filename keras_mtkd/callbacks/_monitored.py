"""Which way is up for what a callback monitors in the logs."""

from collections.abc import Iterator
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import direction_of
from keras_mtkd._backend.metric_direction import higher_is_better
from keras_mtkd.callbacks.delta_mtl import DELTA_MTL

_VALIDATION = "val_"


def more_is_better(monitor: str, model: Any) -> bool | None:
    """Whether a larger value of an entry of the logs is better, `None` if that is not known.

    A metric's class counts for more than its name, and the name of its task for nothing.

    Args:
        monitor: Name in logs, such as `"val_loss"` or `"val_depth_mae"`.
        model: The model that is trained, with its metrics.

    Examples:
        >>> more_is_better("val_delta_mtl", None), more_is_better("val_depth_mae", None)
        (True, False)
    """
    if monitor == DELTA_MTL:
        return True
    name = _without_task(monitor.removeprefix(_VALIDATION), getattr(model, "task_names", ()))
    found = {_direction(metric) for metric in _metrics(model) if metric.name == name}
    return found.pop() if len(found) == 1 else higher_is_better(name)


def of_validation(name: str) -> bool:
    """Whether an entry of the logs comes from validation."""
    return name.startswith(_VALIDATION)


def _without_task(name: str, tasks: Any) -> str:
    named = [task for task in tasks if name.startswith(f"{task}_")]
    return name.removeprefix(f"{max(named, key=len)}_") if named else name


def _direction(metric: keras.metrics.Metric) -> bool | None:
    told = direction_of(metric)
    return higher_is_better(metric) if told is None else told == "up"


def _metrics(model: Any) -> Iterator[keras.metrics.Metric]:
    """The metrics that a model was compiled with, out of what Keras and this package put around."""
    waiting = list(getattr(model, "metrics", ()))
    while waiting:
        metric = waiting.pop()
        inside = [*getattr(metric, "metrics", ()), getattr(metric, "metric", None)]
        inside = [each for each in inside if isinstance(each, keras.metrics.Metric)]
        waiting.extend(inside)
        if not inside:
            yield metric
