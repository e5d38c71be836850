"""Metrics that leave out samples without a label."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Tensor


class LabelledOnly(keras.metrics.Metric):
    """A metric of the samples whose weight is not 0, all of them alike.

    Keras gives sample weights to `weighted_metrics` only, so that `metrics` would count samples
    that have no label.

    Args:
        metric: The metric.
    """

    def __init__(self, metric: keras.metrics.Metric) -> None:
        super().__init__(name=metric.name)
        self.metric = metric

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Any:
        if sample_weight is None:
            return self.metric.update_state(y_true, y_pred)
        labelled = ops.cast(ops.convert_to_tensor(sample_weight) != 0, "float32")
        return self.metric.update_state(y_true, y_pred, sample_weight=labelled)

    def result(self) -> Any:
        return self.metric.result()

    def reset_state(self) -> None:
        self.metric.reset_state()


def of_labelled(metrics: Any, weighted_metrics: Any) -> tuple[Any, Any]:
    """Move metrics to where Keras hands them sample weights.

    Args:
        metrics: As in `keras.Model.compile`. Only `{task: metrics}` is rewritten.
        weighted_metrics: Likewise.

    Returns:
        The two arguments for Keras.
    """
    if not isinstance(metrics, Mapping) or not isinstance(weighted_metrics or {}, Mapping):
        return metrics, weighted_metrics
    both = {task: [_wrapped(metric) for metric in _listed(own)] for task, own in metrics.items()}
    for task, own in (weighted_metrics or {}).items():
        both[task] = [*both.get(task, []), *_listed(own)]
    return None, both


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def _wrapped(metric: Any) -> Any:
    return LabelledOnly(metric) if isinstance(metric, keras.metrics.Metric) else metric
