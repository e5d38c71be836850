"""Metrics that leave out what has no label."""

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.keras_compat import direction_of, get_keras_mask, values_of
from keras_mtkd._backend.names import unknown_task
from keras_mtkd._backend.types import Tensor
from keras_mtkd._backend.warn import warn
from keras_mtkd.losses.kinds import BINARY
from keras_mtkd.losses.labelled import any_labelled
from keras_mtkd.losses.positions import fit_weights, spread_weights
from keras_mtkd.metrics.reading import CONFUSIONS, form_of, in_form, of_keras, reads_logits

# Metrics of Keras that are means over the last axis of a value an entry.
_ELEMENTWISE = (
    keras.metrics.BinaryAccuracy,
    keras.metrics.BinaryCrossentropy,
    keras.metrics.Hinge,
    keras.metrics.LogCoshError,
    keras.metrics.MeanAbsoluteError,
    keras.metrics.MeanAbsolutePercentageError,
    keras.metrics.MeanSquaredError,
    keras.metrics.MeanSquaredLogarithmicError,
    keras.metrics.Poisson,
    keras.metrics.RootMeanSquaredError,
    keras.metrics.SquaredHinge,
)
# Functions of Keras that read predictions in one form, as the classes that say in which.
_CLASSES = {
    getattr(keras.metrics, name): getattr(keras.metrics, kind)
    for name, kind in (
        ("binary_accuracy", "BinaryAccuracy"),
        ("binary_crossentropy", "BinaryCrossentropy"),
        ("categorical_crossentropy", "CategoricalCrossentropy"),
        ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
    )
}


class LabelledOnly(keras.metrics.Metric):
    """A metric of the samples and positions whose weight is not 0, NaN if there was none.

    Keras gives sample weights to `weighted_metrics` only, so that `metrics` would count samples
    that have no label; and it multiplies weights a sample with the columns of maps.

    Args:
        metric: The metric.
        weighted: Whether weights count as they are; all alike by default.
        loss: The task's loss, which says what predictions are: metrics of Keras that read them
            otherwise, probabilities for logits, are given what they read.
    """

    def __init__(
        self, metric: keras.metrics.Metric, weighted: bool = False, loss: Any = None
    ) -> None:
        super().__init__(name="labelled")
        # Not as Keras' name of variables: a function's may be one that scopes do not take.
        self.name = metric.name
        self.metric, self.weighted = metric, weighted
        self._loss, self._reads = loss, reads_logits(metric)
        self.seen = self.add_variable((), "zeros", name="seen")
        self._takes_weights, self._told = _takes_weights(metric), False
        direction = direction_of(metric)
        if direction is not None:
            self._direction = direction

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> None:
        y_true = ops.convert_to_tensor(y_true)
        if _is_of_keras(self.metric):
            y_true = _with_last_axis(y_true, y_pred)
        weight = None
        if sample_weight is not None:
            weight = ops.cast(ops.convert_to_tensor(sample_weight), "float32")
        labelled = any_labelled(self.metric, y_true, y_pred, weight)
        self.seen.assign(ops.maximum(self.seen, ops.cast(labelled, self.seen.dtype)))
        y_true, y_pred = in_form(self.metric, self._reads, self._loss, y_true, y_pred)
        if weight is None:
            self.metric.update_state(y_true, y_pred)
        elif not self._takes_weights:
            self._tell("takes no `sample_weight`", "Give its `update_state` that argument.")
            self.metric.update_state(y_true, y_pred)
        elif _has_one_value(self.metric, y_true, y_pred):
            self._tell("has one value a batch", "Let its function return one a sample.")
            self.metric.update_state(y_true, y_pred)
        else:
            weight = weight if self.weighted else ops.cast(ops.not_equal(weight, 0), "float32")
            y_true, y_pred, weight = _fit_to_metric(self.metric, y_true, y_pred, weight)
            if not self.weighted and "int" in str(self.metric.dtype):
                # Keras warns of real weights, and 0 and 1 are whole numbers.
                weight = ops.cast(weight, "int32")
            self.metric.update_state(y_true, y_pred, sample_weight=weight)

    def _tell(self, why: str, mend: str) -> None:
        if not self._told:
            self._told = True
            without = "alike, whatever their weights" if self.weighted else "without label too"
            warn(
                f"The metric '{self.name}' {why}, so that it counts samples {without}. {mend}",
            )

    def result(self) -> Any:
        def known(value: Any) -> Tensor:
            value = ops.convert_to_tensor(value)
            if "float" not in keras.backend.standardize_dtype(value.dtype):
                value = ops.cast(value, "float32")
            return ops.where(self.seen > 0, value, ops.full_like(value, float("nan")))

        return keras.tree.map_structure(known, self.metric.result())

    def reset_state(self) -> None:
        self.metric.reset_state()
        self.seen.assign(0)


def of_labelled(
    metrics: Any,
    weighted_metrics: Any,
    tasks: Sequence[str],
    losses: Mapping[str, Any] | None = None,
) -> tuple[Any, Any]:
    """Move metrics to where Keras hands them sample weights.

    Args:
        metrics: As in `keras.Model.compile`. Only `{task: metrics}` is rewritten, and any of a
            single task.
        weighted_metrics: Likewise.
        tasks: The tasks.
        losses: `{task: loss}`, by which predictions are read.

    Returns:
        The two arguments for Keras.

    Raises:
        ValueError: If they name a task that there is none of.
    """
    for argument, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
        for task in given if isinstance(given, Mapping) else ():
            if task not in tasks:
                raise ValueError(unknown_task(f"`{argument}` names", task, tasks))
    plain, weighted = (_by_task(given, tasks) for given in (metrics, weighted_metrics))
    if plain is None or weighted is None:
        return metrics, weighted_metrics
    losses = losses or {}
    both: dict[str, list[LabelledOnly]] = {}
    for given, weigh in ((plain, False), (weighted, True)):
        for task, own in given.items():
            loss = losses.get(task)
            made = [LabelledOnly(metric_of(one), weigh, loss) for one in own]
            both[task] = [*both.get(task, []), *made]
    # Without metrics Keras has nothing to build, and reads no batch to build it.
    return None, both or None


def metric_of(identifier: Any) -> keras.metrics.Metric:
    """The metric that a name, function or metric stands for, called as in Keras' logs."""
    if isinstance(identifier, keras.metrics.Metric):
        return identifier
    if _is_accuracy(identifier):
        found = keras.metrics.MeanMetricWrapper(accuracy, name=str(identifier))
        # Above 0.5 is yes.
        found.reads_logits = False
        return found
    found = keras.metrics.get(identifier)
    if not isinstance(found, keras.metrics.Metric):
        name = _snake_case(getattr(found, "__name__", type(found).__name__))
        kind = _CLASSES.get(found)
        found = keras.metrics.MeanMetricWrapper(found) if kind is None else kind()
        found.name = name
    if isinstance(identifier, str):
        found.name = identifier
    return found


def given_otherwise(metrics: Sequence[Any], loss: Any) -> bool:
    """Whether metrics of a task are given predictions in another form than its loss.

    They were not in earlier versions, whose values are others.

    Args:
        metrics: The metrics.
        loss: The task's loss.
    """
    form = form_of(loss)
    if form is None:
        return False
    # The largest class is the same in both forms.
    counted = [each for each in metrics if form.predicts == BINARY or not _is_accuracy(each)]
    return any(reads_logits(metric_of(each)) not in (None, form.from_logits) for each in counted)


def _is_accuracy(identifier: Any) -> bool:
    return str(identifier).lower() in ("accuracy", "acc")


def accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """What `"accuracy"` stands for in `keras.Model.compile`, by the shapes."""
    if len(y_pred.shape) == 1:
        # Keras would take the batch for classes.
        y_pred = ops.expand_dims(y_pred, -1)
    y_true = _with_last_axis(y_true, y_pred)
    if y_pred.shape[-1] == 1:
        return keras.metrics.binary_accuracy(y_true, y_pred)
    if len(y_true.shape) < len(y_pred.shape) or y_true.shape[-1] == 1:
        return keras.metrics.sparse_categorical_accuracy(y_true, y_pred)
    return keras.metrics.categorical_accuracy(y_true, y_pred)


def _by_task(given: Any, tasks: Sequence[str]) -> dict[str, list[Any]] | None:
    """Metrics as `{task: list}`, `None` if they are written in another way."""
    if isinstance(given, Mapping):
        return {task: _listed(own) for task, own in given.items()}
    if given is None:
        return {}
    return {tasks[0]: _listed(given)} if len(tasks) == 1 else None


def _listed(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def _takes_weights(metric: keras.metrics.Metric) -> bool:
    parameters = inspect.signature(metric.update_state).parameters
    kinds = {parameter.kind for parameter in parameters.values()}
    return "sample_weight" in parameters or inspect.Parameter.VAR_KEYWORD in kinds


def _fit_to_metric(
    metric: keras.metrics.Metric, y_true: Tensor, y_pred: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Labels, predictions, and weights in the form that a metric multiplies right."""
    entries = weight.shape[-1] == y_pred.shape[-1] and y_pred.shape[-1] not in (None, 1)
    entries = entries and len(weight.shape) == len(y_pred.shape) == len(y_true.shape) > 1
    # The last axis of a head without one is the batch, over which Keras would take the mean.
    alone = len(y_pred.shape) == len(y_true.shape) == 1
    positions = y_pred[..., 0] if len(y_pred.shape) > 1 else y_pred
    if isinstance(metric, keras.metrics.IoU):
        counted = y_true if metric.sparse_y_true else y_true[..., 0]
        return y_true, y_pred, spread_weights(weight, counted)
    if isinstance(metric, CONFUSIONS):
        # They want a weight for each prediction.
        return y_true, y_pred, spread_weights(weight, y_pred if entries else positions)
    if (entries or alone) and isinstance(metric, _ELEMENTWISE):
        return ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1), weight
    if get_keras_mask(y_pred) is not None:
        return y_true, y_pred, spread_weights(weight, positions)
    if len(weight.shape) > len(positions.shape):
        weight = fit_weights(weight, positions)
    return y_true, y_pred, weight


def _has_one_value(metric: keras.metrics.Metric, y_true: Tensor, y_pred: Tensor) -> bool:
    """Whether a function has one value for a whole batch, which weights of samples cannot weigh."""
    if type(metric) is not keras.metrics.MeanMetricWrapper:
        return False
    return len(ops.convert_to_tensor(values_of(metric, y_true, y_pred)).shape) == 0


def _is_of_keras(metric: keras.metrics.Metric) -> bool:
    """Whether Keras computes it; a user's own sees labels as they come, as in Keras."""
    return type(metric) is not keras.metrics.MeanMetricWrapper and of_keras(metric)


def _with_last_axis(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Labels with a last axis of 1 where the predictions have one: Keras drops it elsewhere."""
    if len(y_true.shape) + 1 == len(y_pred.shape) and y_pred.shape[-1] == 1:
        return ops.expand_dims(y_true, -1)
    return y_true


def _snake_case(name: str) -> str:
    """A function's name, as Keras writes it in logs."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
