"""The model that is fitted: a student and the single-task networks that guide it."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.device import best_jit_compile
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_name
from keras_mtkd._backend.types import LossLike
from keras_mtkd._graph.modes import forget_defaults
from keras_mtkd.balancing.loss_weighting._otw import otw_weights
from keras_mtkd.distillation import FeatureDistillation
from keras_mtkd.distillers.data_order.in_order import in_order
from keras_mtkd.distillers.epoch_hooks import Epochs
from keras_mtkd.distillers.loss_trackers import distance_means, loss_means, loss_name
from keras_mtkd.distillers.online.optimizers import OnlineOptimizer, one_each
from keras_mtkd.distillers.online.step import OnlineStep, single_loss_name
from keras_mtkd.distillers.online.wiring import OnlineWiring
from keras_mtkd.distillers.own_callbacks import with_own
from keras_mtkd.losses._task_losses import TaskLosses
from keras_mtkd.losses._validation import check_fit_arguments, check_student
from keras_mtkd.metrics._labelled import of_labelled


@mtkd_export("keras_mtkd.OnlineKD")
class OnlineKD(OnlineStep):
    """Trains one multi-task student along with one single-task network a task, which guide it.

    Every network `t` is trained on its own loss `l_t` alone, as if there were no student. The
    student minimises

        sum_t w_t * l_t(y_t, student_t)
            + sum_t 1/J sum_j weight_{t,j} * mean || u(A_tj f_j) - s_tj * u(g_tj) ||^2

    with its features `f_j` at `J` taps, the networks' features `g_tj` without gradient, unit
    vectors `u` over the channels, linear adaptors `A` and learned scalars `s`, which start
    uniform in [0, 1]. After every epoch in which the student was trained
    `w = K softmax(r / temperature)` for the `K` tasks, where `r_t` is the student's mean training
    loss of the task over the network's: what lags behind its own network weighs more.

    In the first `warmup` epochs the networks are trained alone, and nothing of the student, the
    adaptors, the scalars or their optimisers changes. The epochs are counted over all calls of
    `fit` and kept in files; `train_on_batch` counts none.

    `evaluate`, `predict` and calls outside training are the student's own. `loss` in logs is the
    sum of all that is trained, `val_loss` the plain sum of the student's task losses, which
    changing task weights do not change.

    Args:
        student: Functional model with dict outputs, `{task: tensor}`.
        singles: `{task: model}` for every task: functional models of the same inputs that output
            their task's prediction alone or in a dict. They are trained in place.
        distillation: `FeatureDistillation`s, with their distance left at its default.
        warmup: Epochs in which the single-task networks are trained alone.
        temperature: `T` of the task weights: the lower, the more goes to the tasks that lag most.
        clip: Largest `r_t` that counts; `None` for no limit.
        name: Name of the model.

    Attributes:
        student: The student. Save it alone for deployment.
        singles: `{task: model}`, the caller's models.
        adaptors: `{"task/distillation": layer}` and projectors, thrown away after training.
        sigma: `{"task/distillation": scalar weight}`, the learned scalars `s`.
        task_names: The tasks, in the order of the weights below.
        task_weights: `(tasks,)` non-trainable weight `w`.
        fit_data: While `fit` runs, the data that it was given.
        unlabelled_tasks: Tasks without any label in the last evaluation.

    Raises:
        TypeError: If student, networks or distillations are of the wrong kind.
        ValueError: If the student's outputs are no dict, a task has no network, a tap does not
            exist or fit, or a number is out of range.

    Source: Jacob, Agarwal and Stenger, "Online Knowledge Distillation for Multi-Task Learning"
    (2023), the authors' released code. They warm up for 5 epochs of 200, and clip `exp(r / T)` at
    10, see `balancing.OnlineTaskWeighting`.
    """

    def __init__(
        self,
        student: keras.Model,
        singles: Mapping[str, keras.Model],
        distillation: Iterable[Any] = (),
        warmup: int = 2,
        temperature: float = 0.1,
        clip: float | None = None,
        name: str | None = None,
    ) -> None:
        check_student(student)
        _check_numbers(warmup, temperature, clip)
        # Inputs reach all models as they came: each casts them by its own policy.
        super().__init__(
            name=name or f"{student.name}_online", dtype=student.dtype_policy, autocast=False
        )
        self._wiring, self.student = OnlineWiring(student, singles, distillation), student
        self.singles = {task: singles[task] for task in self.task_names}
        self.warmup, self.temperature, self.clip = warmup, temperature, clip
        terms = self._wiring.terms
        self.adaptors = {name: layer for each in terms for name, layer in each.layers.items()}
        self.sigma = {term.key: self._new_sigma(term.key) for term in terms}
        self._wiring.adapt(self.sigma)
        self.task_weights = self.add_weight(
            (len(self.task_names),), "ones", "float32", trainable=False, name="task_weights"
        )
        self._epochs = self.add_weight((), "zeros", "int32", trainable=False, name="epochs")
        self._warming = warmup > 0
        self._loss_means = loss_means(self.task_names)
        self._single_means = {
            name: keras.metrics.Mean(name=name) for name in map(single_loss_name, self.task_names)
        }
        self._distance_means = distance_means(terms)
        self.built = True

    def _new_sigma(self, key: str) -> keras.Variable:
        start = keras.initializers.RandomUniform(0.0, 1.0)
        return self.add_weight((), start, "float32", name=valid_name(f"sigma_{key}"))

    @property
    def distillations(self) -> list[FeatureDistillation]:
        """The ways of distilling, in the order given."""
        return list(self._wiring.distillations)

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: LossLike | Mapping[str, LossLike] | None = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        adaptor_optimizer: Any = None,
        sigma_optimizer: Any = None,
        singles_optimizer: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configure training.

        Args:
            optimizer: Optimiser of the student, and of what has none of its own.
            loss: `{task: loss}`, or one loss for all tasks, of student and networks alike.
            metrics: As in `keras.Model.compile`, of the student: `{task: metrics}`. Samples and
                positions with weight 0, which have no label, are left out.
            weighted_metrics: Likewise, weighted by `sample_weight`.
            adaptor_optimizer: Optimiser of the adaptors and projectors.
            sigma_optimizer: Optimiser of the learned scalars.
            singles_optimizer: Optimiser of the single-task networks, copied for each of them, or
                `{task: optimizer}`. By default a copy of `optimizer`. Use learning-rate
                schedules: Keras' learning-rate callbacks need a single rate.
            **kwargs: `run_eagerly`, `steps_per_execution`, `jit_compile`, `auto_scale_loss`.
                `jit_compile="auto"` is off on TensorFlow without accelerator, where XLA is slower.

        Raises:
            ValueError: If a head has no loss, a network no optimiser, or `loss_weights` is passed.
        """
        if kwargs.pop("loss_weights", None) is not None:
            raise ValueError(
                "`loss_weights` are fixed at compile time, while `OnlineKD` sets the weights of "
                "the tasks after every epoch. Leave them out."
            )
        wiring = self._wiring
        wiring.losses = TaskLosses({} if loss is None else loss, self.task_names)
        theirs = optimizer if singles_optimizer is None else singles_optimizer
        given: dict[str, Any] = {
            "optimizer": keras.optimizers.get(optimizer),
            "adaptor_optimizer": _optional(adaptor_optimizer),
            "sigma_optimizer": _optional(sigma_optimizer),
            "singles_optimizer": one_each(theirs, self.task_names),
        }
        plain, weighted = of_labelled(metrics, weighted_metrics, self.task_names)
        arguments = {**kwargs, "jit_compile": best_jit_compile(kwargs.get("jit_compile", "auto"))}
        super().compile(
            optimizer=self._combined(**given),
            metrics=plain,
            weighted_metrics=weighted,
            **arguments,
        )
        # Built now, so that weights can be saved and loaded before the first step.
        self.optimizer.build(self.trainable_variables)
        wiring.compiled_with = {
            **given,
            "loss": {task: wiring.losses[task] for task in self.task_names},
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            **kwargs,
        }

    def _combined(
        self,
        optimizer: keras.optimizers.Optimizer,
        adaptor_optimizer: keras.optimizers.Optimizer | None,
        sigma_optimizer: keras.optimizers.Optimizer | None,
        singles_optimizer: Mapping[str, keras.optimizers.Optimizer],
    ) -> OnlineOptimizer:
        adaptors = [v for layer in self.adaptors.values() for v in layer.variables]
        return OnlineOptimizer(
            [(singles_optimizer[task], net.variables) for task, net in self.singles.items()],
            [
                (adaptor_optimizer or optimizer, adaptors),
                (sigma_optimizer or optimizer, self.sigma.values()),
            ],
            optimizer,
        )

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Train as `keras.Model.fit` does, after a look at the data.

        The data is shuffled as by `MultiTaskDistiller.fit`.

        Raises:
            ValueError: If labels are missing, malformed or NaN, the data set is empty, or
                `class_weight` is passed; the message names the task.
        """
        if self.compiled:
            check_fit_arguments(self.student, self._wiring.losses, x, y, kwargs)
        self._wiring.fit_data = x if y is None else (x, y)
        callbacks = with_own(Epochs(), callbacks, self)
        given = {"batch_size": batch_size, "epochs": epochs, "callbacks": callbacks, **kwargs}
        try:
            self.fit_order, x, y, given = in_order(self, x, y, given)
            return super().fit(x, y, verbose=verbose, **given)
        finally:
            self._wiring.fit_data = self.fit_order = None

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        self.begin_epoch()
        return super().train_on_batch(*args, **kwargs)

    def make_train_function(self, force: bool = False) -> Any:
        inner: Any = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        inner.warming = self._warming
        return super().make_train_function(force)

    def begin_epoch(self) -> None:
        """Compile the step anew where warm-up ends; `fit` calls it before every epoch."""
        warming = int(np.array(self._epochs)) < self.warmup
        if warming != self._warming:
            self._warming = warming
            self.make_train_function(force=True)

    def end_epoch(self, logs: dict[str, Any]) -> None:
        """Count an epoch and weigh the tasks by its losses; `fit` calls it after every epoch.

        Args:
            logs: The epoch's logs, to which the weights that were in force are added.
        """
        weights = np.array(self.task_weights)
        logs.update(
            {f"{t}_task_weight": float(w) for t, w in zip(self.task_names, weights, strict=True)}
        )
        self._epochs.assign(int(np.array(self._epochs)) + 1)
        if self._warming:
            return
        ratios = [_ratio(logs[loss_name(t)], logs[single_loss_name(t)]) for t in self.task_names]
        if np.all(np.isfinite(ratios)):
            self.task_weights.assign(otw_weights(ratios, self.temperature, self.clip))

    def get_config(self) -> dict[str, Any]:
        pack = keras.saving.serialize_keras_object
        return {
            "student": pack(self.student),
            "singles": {task: pack(model) for task, model in self.singles.items()},
            "distillation": [pack(way) for way in self._wiring.distillations],
            "warmup": self.warmup,
            "temperature": self.temperature,
            "clip": self.clip,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        arguments = keras.saving.deserialize_keras_object(config, custom_objects=custom_objects)
        for model in (arguments["student"], *arguments["singles"].values()):
            forget_defaults(model)
        return cls(**arguments)


def _optional(optimizer: Any) -> keras.optimizers.Optimizer | None:
    return None if optimizer is None else keras.optimizers.get(optimizer)


def _ratio(student: float, single: float) -> float:
    """1, neither ahead nor behind, for a task without loss, as one without labels."""
    return student / single if single > 0 else 1.0


def _check_numbers(warmup: int, temperature: float, clip: float | None) -> None:
    if warmup < 0 or warmup != int(warmup):
        raise ValueError(
            f"`warmup` must be a number of epochs, 0 or more. Received: warmup={warmup}."
        )
    if not temperature > 0:
        raise ValueError(f"`temperature` must be positive. Received: temperature={temperature}.")
    if clip is not None and not clip > 0:
        raise ValueError(f"`clip` must be positive or None. Received: clip={clip}.")
