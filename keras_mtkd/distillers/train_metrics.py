"""Metrics of validation data alone."""

from typing import Any

import keras


class TrainMetrics(keras.Model):
    """Can leave out the compiled metrics in training, where many cost more than the step.

    The losses are there in training too. What tells training apart is read while a step is traced.
    """

    _train_metrics = True
    _in_test_step = False

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        *,
        train_metrics: bool = True,
        **kwargs: Any,
    ) -> None:
        self._train_metrics = train_metrics
        super().compile(
            optimizer=optimizer,
            loss=loss,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            **kwargs,
        )

    def test_step(self, *args: Any, **kwargs: Any) -> Any:
        self._in_test_step = True
        try:
            return super().test_step(*args, **kwargs)
        finally:
            self._in_test_step = False

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        if self._train_metrics or self._in_test_step:
            return super().compute_metrics(x, y, y_pred, sample_weight)
        # Keras makes those that were compiled by this, in the first step or before.
        if not all(getattr(metric, "built", True) for metric in self.metrics):
            super().compute_metrics(x, y, y_pred, sample_weight)
        # Keras holds them in one metric, which has a name of its own.
        ours = {metric.name for metric in self.metrics}
        results = self.get_metrics_result()
        return {name: value for name, value in results.items() if name in ours}
