"""The model that is fitted where one student has several tasks, with teachers or without."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.device import best_jit_compile
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import LossLike, Tensor
from keras_mtkd._data.batches import as_data
from keras_mtkd._graph.ends import own_inputs
from keras_mtkd._graph.modes import forget_defaults, mend
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.distillers.by_name import by_name
from keras_mtkd.distillers.compiled_losses import compiled_losses
from keras_mtkd.distillers.data_order.in_order import in_order
from keras_mtkd.distillers.data_order.passes import DataOrder
from keras_mtkd.distillers.given import Given
from keras_mtkd.distillers.kept_weights import KeptWeights
from keras_mtkd.distillers.labels_seen import LabelsSeen
from keras_mtkd.distillers.loss_trackers import loss_means, loss_name, record
from keras_mtkd.distillers.own_callbacks import with_own
from keras_mtkd.distillers.policy import policy_of
from keras_mtkd.distillers.progress.shown import ShortLogs
from keras_mtkd.distillers.saved_seeds import SavedSeeds
from keras_mtkd.distillers.step_outputs import StepOutputs
from keras_mtkd.distillers.train_metrics import TrainMetrics
from keras_mtkd.distillers.unlabelled import names_in_logs, with_stand_ins
from keras_mtkd.distillers.weight_vectors import add_vector
from keras_mtkd.distribution.even_batches import EvenBatches
from keras_mtkd.distribution.multi_worker import MultiWorkerModel
from keras_mtkd.losses.label_count import LabelCount
from keras_mtkd.losses.label_names import check_names
from keras_mtkd.losses.labelled import any_labelled
from keras_mtkd.losses.task_losses import TaskLosses, labels_of, nothing, per_task
from keras_mtkd.losses.validation import check_evaluated, check_fit_arguments, check_student
from keras_mtkd.metrics.labelled import of_labelled


@mtkd_export("keras_mtkd.MultiTaskModel")
class MultiTaskModel(
    ShortLogs, SavedSeeds, KeptWeights, TrainMetrics, EvenBatches, MultiWorkerModel
):
    """Trains a student with several outputs on its labels: plain multi-task learning.

    The objective is `sum_t w_t * loss_t(y_t, student_t)` with `w` the `task_weights`, and the
    losses of the student's own layers. Single-task models and baselines are trained by it as it
    is; `MultiTaskDistiller` and `OnlineKD` add to the step what teachers give.

    `evaluate`, `predict` and calls outside training are the student's own.

    Args:
        student: Functional model with dict outputs, `{task: tensor}`, of one task or several.
        task_weights: `{task: weight}` of the task losses; 1 where left out.
        name: Name of the model.

    Attributes:
        student: The student.
        task_names: The tasks, in the order of the weights below.
        task_weights: `(tasks,)` non-trainable weight `w`, for callbacks to assign.
        fit_data: While `fit` runs, the data that it was given.
        fit_order: While `fit` runs, the `DataOrder` by which it goes through the data.
        unlabelled_tasks: Tasks without any label in the last evaluation.

    Raises:
        TypeError: If the student is no Keras model.
        ValueError: If it is not functional, or its outputs are no dict.
    """

    unlabelled_tasks: Sequence[str] = ()
    fit_order: DataOrder | None = None
    _suffix = "_trainer"
    _no_loss_weights = "Pass `task_weights` to the constructor instead, or assign `task_weights`."

    def __init__(
        self,
        student: keras.Model,
        task_weights: Mapping[str, float] | None = None,
        name: str | None = None,
    ) -> None:
        check_student(student)
        # Inputs reach all models as they came: each casts them by its own policy.
        super().__init__(
            name=name or student.name + self._suffix, dtype=policy_of(student), autocast=False
        )
        mend(student, "student")
        self._given = Given(dict(task_weights or {}))
        self.student = student
        own = self._given.task_weights
        self.task_weights = add_vector(self, "task_weights", self.task_names, own)
        self._loss_means = loss_means(self.task_names)
        self._labels_seen = LabelsSeen(self.task_names)
        self.built = True

    @property
    def task_names(self) -> list[str]:
        return list(self.student.output)

    @property
    def task_losses(self) -> TaskLosses:
        """The compiled loss of every task, `task_losses[task]`."""
        return self._given.losses

    @property
    def fit_data(self) -> Any:
        """While `fit` runs, the data that it was given."""
        return self._given.data

    @property
    def fit_validation_data(self) -> Any:
        """While `fit` runs, the validation data that it was given or has split off arrays."""
        return self._given.validation_data

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: LossLike | Mapping[str, LossLike] | None = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configure training.

        Args:
            optimizer: Optimiser of the student.
            loss: `{task: loss}`, or one loss for all tasks.
            metrics: As in `keras.Model.compile`: `{task: metrics}`. Samples and positions with
                weight 0, which have no label, are left out; others count alike.
            weighted_metrics: Likewise, weighted by `sample_weight`.
            **kwargs: `run_eagerly`, `steps_per_execution`, `jit_compile`, `auto_scale_loss`;
                `train_metrics=False` has metrics computed on validation data alone.
                `jit_compile="auto"` is off on TensorFlow without accelerator, where XLA is slower.

        Raises:
            ValueError: If a head has no loss, an argument names no task of the student, or
                `loss_weights` is passed.
        """
        self._compile({"optimizer": optimizer}, loss, metrics, weighted_metrics, kwargs)

    def _compile(
        self,
        optimizers: Mapping[str, Any],
        loss: Any,
        metrics: Any,
        weighted_metrics: Any,
        arguments: dict[str, Any],
    ) -> None:
        """What `compile` does, for any number of optimisers, `{argument: optimizer}`."""
        if arguments.pop("loss_weights", None) is not None:
            raise ValueError(f"`loss_weights` are fixed at compile time. {self._no_loss_weights}")
        given = self._given
        given.losses = compiled_losses(self.student, loss)
        losses = {task: given.losses[task] for task in self.task_names}
        self._settle()
        optimizers = self._optimizers(**optimizers)
        plain, weighted = of_labelled(metrics, weighted_metrics, self.task_names, losses)
        jit_compile = best_jit_compile(arguments.get("jit_compile", "auto"))
        super().compile(
            optimizer=self._one_optimizer(**optimizers),
            metrics=plain,
            weighted_metrics=weighted,
            **{**arguments, "jit_compile": jit_compile},
        )
        # Built now, so that weights can be saved and loaded before the first step.
        self.optimizer.build(self.trainable_variables)
        given.compiled_with = {
            **optimizers,
            "loss": losses,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            **arguments,
        }

    def _settle(self) -> None:
        """Called when the losses are known, before the optimisers are."""

    def _optimizers(self, **given: Any) -> dict[str, Any]:
        """The optimisers that `compile` was given, as objects."""
        return {
            name: None if optimizer is None else keras.optimizers.get(optimizer)
            for name, optimizer in given.items()
        }

    def _one_optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """What Keras steps, from the objects of `_optimizers`."""
        return optimizer

    def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train as `keras.Model.fit` does, after a look at the labels: all of arrays, or a batch.

        A loss and a score a task are shown; all with `keras.callbacks.ProgbarLogger()`.

        Arrays are shuffled anew every epoch, by a seed that `keras.utils.set_random_seed` fixes and
        the number of the epoch, and so are the batches of a `PyDataset`, unless it tells its epoch,
        as `datasets.ArrayDataset`: its order is its own. With `steps_per_epoch` an epoch begins
        where the last one ended.

        Raises:
            ValueError: If labels are missing, malformed, misspelt or NaN, a data set is empty, not
                batched or used up after an epoch, or `class_weight` is passed.
            TypeError: If data is a function, or the batch size no whole number, as where weights
                came by place.
        """
        kwargs = by_name("fit", args, kwargs)
        given = self._given
        if self.compiled:
            found = check_fit_arguments(self.student, given.losses, x, y, kwargs, self._taught())
            self._look_at(x, kwargs.get("callbacks"), found)
        given.data = as_data(x, y, kwargs.get("sample_weight"))
        for own, last in self._own_callbacks():
            kwargs["callbacks"] = with_own(own, kwargs.get("callbacks"), self, last)
        try:
            self.fit_order, x, y, kwargs = in_order(self, x, y, kwargs)
            given.validation_data = kwargs.get("validation_data")
            return super().fit(x, y, **kwargs)
        finally:
            given.data = given.validation_data = self.fit_order = None

    def _taught(self) -> Sequence[str]:
        """Tasks that something teaches in training, so that they need no labels."""
        return ()

    def _look_at(self, x: Any, callbacks: Any, labels: LabelCount) -> None:
        """Called by `fit` with data whose labels were found in order, and were counted."""

    def _own_callbacks(self) -> Iterable[tuple[keras.callbacks.Callback, bool]]:
        """Callbacks that `fit` adds to those of the user, and whether each comes after them."""
        return ()

    @cached_property
    def _trained_student(self) -> TappedModel:
        """The student, in which every layer has the mode that its graph names."""
        return TappedModel(self.student, ())

    def call(self, inputs: Any, training: bool = False) -> dict[str, Any]:
        """The student's predictions."""
        if training:
            return self._trained_student(inputs, training=True)[0]
        return self.student(own_inputs(self.student, inputs), training=False)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The sum of the weighted task losses and the losses of layers."""
        losses, _ = self._task_losses(y, y_pred, sample_weight, training)
        return self._with_losses_of_layers(ops.sum(ops.stack(self._weighted(losses))))

    def _task_losses(
        self, y: Any, y_pred: Mapping[str, Any], sample_weight: Any, training: bool
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The student's loss in every task, recorded, and the tasks' sample weights.

        The loss of a task without labels is 0, and is not recorded; outside training one whose
        labels are all missing is recorded as NaN.
        """
        labels = labels_of(y, self.task_names)
        check_names(self.task_names, y, sample_weight, self._taught() if training else None)
        weights = per_task(sample_weight, self.task_names)
        losses = self.task_losses(labels, y_pred, weights)
        if not training:
            self._labels_seen.update_state(
                {
                    task: any_labelled(
                        self.task_losses[task], labels[task], y_pred[task], weights.get(task)
                    )
                    for task in losses
                }
            )
        for task, value in losses.items():
            record(self._loss_means, loss_name(task), value, self._batch(y_pred))
        losses = {t: losses[t] if t in losses else nothing(y_pred[t]) for t in self.task_names}
        return losses, weights

    def _weighted(self, losses: Mapping[str, Tensor]) -> list[Tensor]:
        """The task losses times their weights."""
        return [self.task_weights[i] * loss for i, loss in enumerate(losses.values())]

    def _with_losses_of_layers(self, total: Any, model: keras.Model | None = None) -> Any:
        """Add regularisers and the like, a replica's share: all replicas have the same ones."""
        for extra in (self if model is None else model).losses:
            total += ops.cast(self._aggregate_additional_loss(extra), "float32")
        return total

    def _batch(self, y_pred: Mapping[str, Any]) -> Tensor:
        """The number of samples that were predicted."""
        return ops.shape(y_pred[self.task_names[0]])[0]

    def _only_trained(self) -> Iterable[str]:
        """Names of metrics that are reported in training only."""
        return ()

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Evaluate as `keras.Model.evaluate` does, after a look at the labels.

        Tasks without labels have no loss and no metrics. A task whose labels are all missing, by
        their weights or by what the loss leaves out, has NaN for them. Both come with a warning.

        Raises:
            ValueError: If there are no labels, or malformed ones; the message names the task.
        """
        kwargs = by_name("evaluate", args, kwargs)
        # Keras calls this in `fit`, which has looked at them.
        if self.compiled and not kwargs.get("_use_cached_eval_dataset"):
            data = as_data(x, y, kwargs.get("sample_weight"))
            check_evaluated(self.student, self.task_losses, data, "evaluation data")
        results = super().evaluate(x, y, **kwargs)
        found = self._labels_seen.found()
        self.unlabelled_tasks = [task for task, labelled in found.items() if not labelled]
        self._labels_seen.warn(found, in_fit=self.fit_data is not None)
        return results

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Metrics of the predictions in tasks with labels, and in training of the objective."""
        outputs = StepOutputs.unpack(y_pred, self.task_names)
        own = outputs.predictions
        y, sample_weight, missing = with_stand_ins(self.task_losses, own, y, sample_weight)
        results = super().compute_metrics(x, y, own, sample_weight)
        ours = {metric.name for metric in self.metrics} - set(self._loss_means)
        left_out = names_in_logs(missing, self.task_names, set(results) - ours - {"loss"})
        left_out |= set(() if outputs.carried else self._only_trained())
        return {name: value for name, value in results.items() if name not in left_out}

    def get_metrics_result(self) -> dict[str, Any]:
        """Keras' results; NaN for the loss of a task that was found to have no label."""
        return self._labels_seen.mark(super().get_metrics_result())

    def get_config(self) -> dict[str, Any]:
        return {
            "student": keras.saving.serialize_keras_object(self.student),
            "task_weights": dict(self._given.task_weights),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        arguments = keras.saving.deserialize_keras_object(config, custom_objects=custom_objects)
        # Here and not with a warning in the constructor: files of Keras 3.15 cannot do else.
        forget_defaults(arguments["student"])
        return cls(**arguments)
