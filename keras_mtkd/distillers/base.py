"""What all models that train a student share: its tasks, their losses, metrics of predictions."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd.distillers.data_order.passes import DataOrder
from keras_mtkd.distillers.kept_weights import KeptWeights
from keras_mtkd.distillers.loss_trackers import LossMean, loss_name, record
from keras_mtkd.distillers.saved_seeds import SavedSeeds
from keras_mtkd.distribution.even_batches import EvenBatches
from keras_mtkd.losses._labelled import any_labelled
from keras_mtkd.losses._task_losses import labels_of, nothing, per_task
from keras_mtkd.losses._validation import check_evaluated


class StudentModel(SavedSeeds, KeptWeights, EvenBatches):
    """A model whose predictions are its student's; those of a training step carry along more.

    Attributes:
        fit_order: While `fit` runs, the `DataOrder` by which it goes through the data.
        unlabelled_tasks: Tasks without any label in the last evaluation.
    """

    unlabelled_tasks: Sequence[str] = ()
    _told: Sequence[str] = ()

    fit_order: DataOrder | None = None
    student: keras.Model
    task_weights: keras.Variable
    _loss_means: dict[str, LossMean]

    @property
    def task_names(self) -> list[str]:
        return list(self.student.output)

    @property
    def fit_data(self) -> Any:
        """While `fit` runs, the data that it was given."""
        return self._wiring.fit_data

    def _own(self, y_pred: Mapping[str, Any]) -> dict[str, Any]:
        """The student's predictions, without what a training step carries along."""
        return {task: y_pred[task] for task in self.task_names}

    def _batch(self, y_pred: Mapping[str, Any]) -> Tensor:
        """The number of samples that were predicted."""
        return ops.shape(y_pred[self.task_names[0]])[0]

    def _task_losses(
        self, y: Any, y_pred: Mapping[str, Any], sample_weight: Any, training: bool
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The student's loss in every task, recorded, and the tasks' sample weights.

        The loss of a task without labels is 0, and is not recorded; outside training one whose
        labels are all missing is recorded as NaN.
        """
        weights = per_task(sample_weight, self.task_names)
        labels = labels_of(y, self.task_names)
        losses = self._wiring.losses(labels, y_pred, weights)
        for task, value in losses.items():
            if not training:
                loss, weight = self._wiring.losses[task], weights.get(task)
                labelled = any_labelled(loss, labels[task], y_pred[task], weight)
                self._loss_means[loss_name(task)].note(labelled)
            record(self._loss_means, loss_name(task), value, self._batch(y_pred))
        for task in self.task_names:
            if task not in losses:
                losses[task] = nothing(y_pred[task])
        return {task: losses[task] for task in self.task_names}, weights

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Evaluate as `keras.Model.evaluate` does, after a look at the labels.

        Tasks without labels have no loss and no metrics. A task whose labels are all missing, by
        their weights or by what the loss leaves out, has NaN for them. Both come with a warning.

        Raises:
            ValueError: If there are no labels, or malformed ones; the message names the task.
        """
        # Keras calls this in `fit`, which has looked at them.
        if self.compiled and not kwargs.get("_use_cached_eval_dataset"):
            data = x if y is None else (x, y)
            check_evaluated(self.student, self._wiring.losses, data, "evaluation data")
        results = super().evaluate(x, y, *args, **kwargs)
        saw = {task: self._loss_means[loss_name(task)].saw_labels() for task in self.task_names}
        self.unlabelled_tasks = [task for task, found in saw.items() if not found]
        fits = self.fit_data is not None
        told = self._told if fits else []
        new = [task for task, found in saw.items() if found is False and task not in told]
        if new:
            warnings.warn(
                f"There is no label of {new} in this evaluation: all are missing, by their weights "
                "or by what the loss leaves out. Loss and metrics are NaN.",
                stacklevel=2,
            )
        self._told = [*told, *new] if fits else []
        return results

    def _only_trained(self) -> Iterable[str]:
        """Names of metrics that are reported in training only."""
        return ()

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Metrics of the student's predictions; some of the objective in training only.

        There are none of tasks without labels.
        """
        own = self._own(y_pred)
        labels = labels_of(y, self.task_names)
        missing = [task for task in self.task_names if task not in labels]
        if missing:
            sample_weight = dict(per_task(sample_weight, self.task_names))
        for task in missing:
            # Keras wants labels of every output. These weigh nothing, and nothing is shown.
            labels[task] = self._wiring.losses.stand_in(task, own[task])
            sample_weight[task] = ops.zeros((self._batch(y_pred),))
        if isinstance(sample_weight, Mapping):
            sample_weight = {task: sample_weight.get(task) for task in self.task_names}
        y = {task: labels[task] for task in self.task_names}
        results = super().compute_metrics(x, y, own, sample_weight)
        left_out = self._names_of(missing, results)
        if len(y_pred) == len(own):
            left_out |= set(self._only_trained())
        return {name: value for name, value in results.items() if name not in left_out}

    def _names_of(self, tasks: Iterable[str], names: Iterable[str]) -> set[str]:
        """The losses and compiled metrics of some tasks among the names of logs."""
        own = {metric.name for metric in self.metrics} - set(self._loss_means)
        found = {loss_name(task) for task in tasks}
        for name in set(names) - own - {"loss"}:
            # Keras leaves the task out of the names where there is only one.
            named = [task for task in self.task_names if name.startswith(f"{task}_")]
            if max(named, key=len, default=self.task_names[0]) in tasks:
                found.add(name)
        return found
