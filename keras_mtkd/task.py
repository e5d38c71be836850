"""One task of a multi-task problem."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from keras_mtkd import losses
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.makers import check_maker
from keras_mtkd._backend.metric_direction import higher_is_better
from keras_mtkd._backend.metric_names import wrong_metric
from keras_mtkd._backend.metric_values import several_values
from keras_mtkd._backend.names import check_names
from keras_mtkd._backend.several import check_several
from keras_mtkd._backend.types import LossLike
from keras_mtkd._storage.arguments import make_again


@mtkd_export("keras_mtkd.Task")
@dataclass(frozen=True)
class Task:
    """What a model is to learn about its inputs, and how well it does.

    Args:
        name: Name of the task: the key of its head, labels, loss and metrics.
        head: Function without arguments that makes a new layer or small model, from the shared
            feature to the prediction.
        loss: Loss of the head: a name, function or `keras.losses.Loss`.
        metrics: Metrics, names or `keras.metrics.Metric`s (copied whenever they are used). Those of
            Keras that read probabilities are given probabilities, also where the loss takes logits:
            `"accuracy"`, `AUC()`, `F1Score(threshold=0.5)`; a threshold of 0 is one of logits.
        score: Name of the metric that counts in Δ_MTL; by default the first one.
        higher_is_better: Whether a larger score is better; by default what is known of the metric,
            by its class and name.

    Raises:
        TypeError: If `head` is a layer, or cannot be called without arguments, or the metrics are
            one text or of another kind.
        ValueError: If the task has no name, no loss or no metric, Keras knows no metric of a name,
            a metric has several values, `score` is none of them, or which way is up is neither
            given nor known. Without a head, as for scores that were measured elsewhere, metrics
            may have any names.

    Examples:
        >>> import keras
        >>> head = lambda: keras.layers.Dense(1)
        >>> depth = Task("depth", head, "mae", ["mae"])
        >>> depth.score, depth.higher_is_better
        ('mae', False)
    """

    name: str
    head: Callable[[], keras.layers.Layer]
    loss: LossLike
    metrics: Sequence[str | keras.metrics.Metric] = field(default_factory=list)
    score: str | None = None
    # `None` asks for what is known of the metric, and is replaced by it.
    higher_is_better: bool = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("A task needs a name. Received: name=''.")
        check_maker(f"Task '{self.name}': `head`", self.head, "lambda: keras.layers.Dense(6)")
        if self.loss is None:
            raise ValueError(f"Task '{self.name}' has no loss. Pass `loss=`.")
        self._check_metrics()
        names = [_name(metric) for metric in self.metrics]
        for name, metric in zip(names, self.metrics, strict=True):
            each = several_values(metric)
            if each is not None:
                raise ValueError(
                    f"Task '{self.name}': the metric '{name}' has a value for every {each}."
                )
        if self.score is None:
            object.__setattr__(self, "score", names[0])
        elif self.score not in names:
            raise ValueError(
                f"Task '{self.name}': `score` must name one of its metrics {names}. "
                f"Received: score={self.score!r}."
            )
        if self.higher_is_better is None:
            up = higher_is_better(self.metrics[names.index(str(self.score))])
            if up is None:
                raise ValueError(
                    f"Task '{self.name}': it is not known whether more of its score "
                    f"'{self.score}' is better. Pass `higher_is_better=True` or `False`."
                )
            object.__setattr__(self, "higher_is_better", up)

    def _check_metrics(self) -> None:
        check_names("metrics", self.metrics)
        check_several("metrics", self.metrics, "it in a list")
        if not self.metrics:
            raise ValueError(f"Task '{self.name}' has no metric. Pass at least one in `metrics=`.")
        for metric in self.metrics:
            self._check_metric(metric)

    def _check_metric(self, metric: Any) -> None:
        if not isinstance(metric, str):
            if isinstance(metric, type) or not hasattr(metric, "name"):
                raise TypeError(
                    f"Task '{self.name}': a metric must be a name or a `keras.metrics.Metric`, as "
                    "`keras.metrics.AUC()`, or `keras.metrics.MeanMetricWrapper(function, "
                    "name='mine')` for a function with "
                    "`@keras.saving.register_keras_serializable()`. "
                    f"Received: {metric!r} of type {type(metric).__name__}."
                )
        elif self.head is not None and (why := wrong_metric(metric)):
            raise ValueError(f"Task '{self.name}': {why}")

    def new_loss(self) -> keras.losses.Loss:
        """The loss as a `keras.losses.Loss`."""
        return losses.get(self.loss)

    def new_metrics(self) -> list[str | keras.metrics.Metric]:
        """Metrics without state, so that no two models share one; the score comes first.

        Progress bars show the first.
        """
        score_first = sorted(self.metrics, key=lambda metric: _name(metric) != self.score)
        return [each if isinstance(each, str) else make_again(each) for each in score_first]


def listed_tasks(given: Any) -> list[Task]:
    """Tasks in a list, as they were given: `problem.tasks`, several in a row, or one.

    Args:
        given: `{name: task}`, tasks or a task.

    Raises:
        TypeError: If they are anything else, as names of tasks are.
    """
    several = isinstance(given, Iterable) and not isinstance(given, str)
    listed = list(given.values() if isinstance(given, Mapping) else given) if several else [given]
    wrong = [each for each in listed if not isinstance(each, Task)]
    if not wrong:
        return listed
    name = isinstance(wrong[0], str)
    shown = repr(wrong[0]) if name else f"one of type {type(wrong[0]).__name__}"
    how = f", of which the task is `problem.tasks[{wrong[0]!r}]`" if name else ""
    raise TypeError(
        "`tasks` must be `keras_mtkd.Task`s: `problem.tasks`, or some of them in a list. "
        f"Received: {shown}{how}."
    )


def _name(metric: str | keras.metrics.Metric) -> str:
    return metric if isinstance(metric, str) else str(metric.name)
