"""Metrics of Keras that have several values, of which none is a score."""

from typing import Any

import keras


def several_values(metric: Any) -> str | None:
    """What a metric of Keras has a value for each of, and how to have one; `None` if it has one.

    Args:
        metric: A metric, or its name.
    """
    if isinstance(metric, keras.metrics.FBetaScore) and metric.average is None:
        return "class. Pass `average='macro'`"
    # Those of a curve are points of it.
    thresholds = getattr(metric, "init_thresholds", None)
    if isinstance(thresholds, list | tuple) and len(thresholds) > 1:
        return "threshold. Pass one, or a metric for each"
    return None
