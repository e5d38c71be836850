"""What all models that train a student share: its tasks, their losses, metrics of predictions."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._types import Tensor
from keras_mtkd.objective import per_task
from keras_mtkd.records import Means, loss_name, record
from keras_mtkd.saved_seeds import SavedSeeds


class StudentModel(SavedSeeds):
    """A model whose predictions are its student's; those of a training step carry along more."""

    student: keras.Model
    task_weights: keras.Variable
    _loss_means: Means

    @property
    def task_names(self) -> list[str]:
        return list(self.student.output)

    @property
    def fit_data(self) -> Any:
        """While `fit` runs, the data that it was given."""
        return self._plan.fit_data

    def _own(self, y_pred: Mapping[str, Any]) -> dict[str, Any]:
        """The student's predictions, without what a training step carries along."""
        return {task: y_pred[task] for task in self.task_names}

    def _batch(self, y_pred: Mapping[str, Any]) -> Tensor:
        """The number of samples that were predicted."""
        return ops.shape(y_pred[self.task_names[0]])[0]

    def _task_losses(
        self, y: Any, y_pred: Mapping[str, Any], sample_weight: Any
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The student's loss in every task, recorded, and the tasks' sample weights."""
        weights = per_task(sample_weight, self.task_names)
        losses = self._plan.losses(y, y_pred, weights)
        for task, value in losses.items():
            record(self._loss_means, loss_name(task), value, self._batch(y_pred))
        return losses, weights

    def _only_trained(self) -> Iterable[str]:
        """Names of metrics that are reported in training only."""
        return ()

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Metrics of the student's predictions; some of the objective in training only."""
        own = self._own(y_pred)
        y = {task: y[task] for task in self.task_names}
        if isinstance(sample_weight, Mapping):
            sample_weight = {task: sample_weight.get(task) for task in self.task_names}
        results = super().compute_metrics(x, y, own, sample_weight)
        if len(y_pred) > len(own):
            return results
        left_out = set(self._only_trained())
        return {name: value for name, value in results.items() if name not in left_out}
