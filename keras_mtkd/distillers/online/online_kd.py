"""The model that is fitted: a student and the single-task networks that guide it."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_name
from keras_mtkd._backend.types import LossLike, Tensor
from keras_mtkd._graph.modes import forget_defaults
from keras_mtkd.balancing.loss_weighting.online_task_weights import check_options, otw_weights
from keras_mtkd.distillation import FeatureDistillation
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.distillers.epoch_hooks import Epochs
from keras_mtkd.distillers.loss_trackers import (
    distance_means,
    distance_name,
    loss_name,
    record,
    single_loss_means,
    single_loss_name,
    term_name,
)
from keras_mtkd.distillers.multi_task_model import MultiTaskModel
from keras_mtkd.distillers.online.optimizers import OnlineOptimizer, one_each
from keras_mtkd.distillers.online.wiring import OnlineWiring
from keras_mtkd.distillers.step_outputs import StepOutputs
from keras_mtkd.losses.task_losses import labels_of


@mtkd_export("keras_mtkd.OnlineKD")
class OnlineKD(MultiTaskModel):
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
    changing task weights do not change. `fit` takes what `MultiTaskModel.fit` takes.

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

    _suffix = "_online"
    _no_loss_weights = "`OnlineKD` sets the weights of the tasks after every epoch: leave them out."

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
        super().__init__(student, name=name)
        if warmup < 0 or warmup != int(warmup):
            raise ValueError(
                f"`warmup` must be a number of epochs, 0 or more. Received: warmup={warmup}."
            )
        check_options(temperature, clip)
        self.wiring = OnlineWiring(student, singles, distillation)
        self.singles = {task: singles[task] for task in self.task_names}
        self.warmup, self.temperature, self.clip = warmup, temperature, clip
        terms = self.wiring.terms
        self.adaptors = {name: layer for each in terms for name, layer in each.layers.items()}
        self.sigma = {term.key: self._new_sigma(term.key) for term in terms}
        self.wiring.adapt(self.sigma)
        self._epochs = self.add_weight((), "zeros", "int32", trainable=False, name="epochs")
        self._warming = warmup > 0
        self._single_means = single_loss_means(self.task_names)
        self._distance_means = distance_means(terms)

    def _new_sigma(self, key: str) -> keras.Variable:
        start = keras.initializers.RandomUniform(0.0, 1.0)
        return self.add_weight((), start, "float32", name=valid_name(f"sigma_{key}"))

    @property
    def distillations(self) -> list[FeatureDistillation]:
        """The ways of distilling, in the order given."""
        return list(self.wiring.distillations)

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
            metrics: As in `MultiTaskModel.compile`, of the student.
            weighted_metrics: Likewise, weighted by `sample_weight`.
            adaptor_optimizer: Optimiser of the adaptors and projectors.
            sigma_optimizer: Optimiser of the learned scalars.
            singles_optimizer: Optimiser of the single-task networks, copied for each of them, or
                `{task: optimizer}`. By default a copy of `optimizer`. Use learning-rate
                schedules: Keras' learning-rate callbacks need a single rate.
            **kwargs: As in `MultiTaskModel.compile`.

        Raises:
            ValueError: If a head has no loss, a network no optimiser, or `loss_weights` is passed.
        """
        optimizers = {
            "optimizer": optimizer,
            "adaptor_optimizer": adaptor_optimizer,
            "sigma_optimizer": sigma_optimizer,
            "singles_optimizer": optimizer if singles_optimizer is None else singles_optimizer,
        }
        self._compile(optimizers, loss, metrics, weighted_metrics, kwargs)

    def _optimizers(self, singles_optimizer: Any = None, **given: Any) -> dict[str, Any]:
        singles = one_each(singles_optimizer, self.task_names)
        return {**super()._optimizers(**given), "singles_optimizer": singles}

    def _one_optimizer(
        self,
        optimizer: keras.optimizers.Optimizer,
        adaptor_optimizer: keras.optimizers.Optimizer | None = None,
        sigma_optimizer: keras.optimizers.Optimizer | None = None,
        singles_optimizer: Mapping[str, keras.optimizers.Optimizer] | None = None,
    ) -> OnlineOptimizer:
        adaptors = [v for layer in self.adaptors.values() for v in layer.variables]
        singles = singles_optimizer or {}
        return OnlineOptimizer(
            [(singles[task], net.variables) for task, net in self.singles.items()],
            [
                (adaptor_optimizer or optimizer, adaptors),
                (sigma_optimizer or optimizer, self.sigma.values()),
            ],
            optimizer,
        )

    def _own_callbacks(self) -> Iterable[tuple[keras.callbacks.Callback, bool]]:
        return [(Epochs(), False)]

    # The step.

    def call(self, inputs: Any, training: bool = False) -> dict[str, Any]:
        """The student's predictions; in training also what the networks and adaptors give."""
        if not training:
            return super().call(inputs)
        # While it waits not even the student's batch statistics change.
        outputs, seen = self.wiring.student(inputs, training=not self._warming)
        predictions, taps = self.wiring.run_singles(inputs)
        adapted = {each.key: each.adapted(outputs, seen, None) for each in self.wiring.terms}
        carried = {"singles": predictions, "taps": taps, "adapted": adapted}
        return StepOutputs(outputs, carried).pack()

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """In training the objective of networks and student, else the student's plain loss."""
        outputs = StepOutputs.unpack(y_pred, self.task_names)
        values, weights = self._task_losses(y, outputs.predictions, sample_weight, training)
        if not training or not outputs.carried:
            return self._with_losses_of_layers(sum(values.values()), self.student)
        labels, batch = labels_of(y, self.task_names), self._batch(outputs.predictions)
        singles = self.task_losses(labels, outputs.carried["singles"], weights)
        for task, value in singles.items():
            record(self._single_means, single_loss_name(task), value, batch)
        total = self._with_losses_of_layers(sum(singles.values()))
        if self._warming:
            return total
        total += ops.sum(self.task_weights * ops.stack(list(values.values())))
        step = TrainingStep(x, labels, outputs.predictions, weights, self.task_losses, None)
        adapted, taps = outputs.carried["adapted"], outputs.carried["taps"]
        return total + self._teach(self.wiring.distances(step, adapted, taps), batch)

    def _teach(self, distances: list[Tensor], batch: Tensor) -> Tensor:
        """The tasks' weighted means of distances, recorded task by task."""
        terms = self.wiring.terms
        tasks = [term.task for term in terms]
        means = {task: ops.zeros(()) for task in dict.fromkeys(tasks)}
        for term, distance in zip(terms, distances, strict=True):
            means[term.task] += term.weight * distance / tasks.count(term.task)
            record(self._distance_means, term_name(term), distance, batch)
        for task, value in means.items():
            record(self._distance_means, distance_name(task), value, batch)
        return sum(means.values())

    def _only_trained(self) -> list[str]:
        return [*self._single_means, *self._distance_means]

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        self.begin_epoch()
        return super().train_on_batch(*args, **kwargs)

    def make_train_function(self, force: bool = False) -> Any:
        inner: Any = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        inner.warming = self._warming
        return super().make_train_function(force)

    def begin_epoch(self) -> None:
        """Compile the step anew where warm-up ends; `fit` calls it before every epoch."""
        warming = int(np.asarray(self._epochs)) < self.warmup
        if warming != self._warming:
            self._warming = warming
            self.make_train_function(force=True)

    def end_epoch(self, logs: dict[str, Any]) -> None:
        """Count an epoch and weigh the tasks by its losses; `fit` calls it after every epoch.

        Args:
            logs: The epoch's logs, to which the weights that were in force are added.
        """
        weights = np.asarray(self.task_weights)
        logs.update(
            {f"{t}_task_weight": float(w) for t, w in zip(self.task_names, weights, strict=True)}
        )
        self._epochs.assign(int(np.asarray(self._epochs)) + 1)
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
            "distillation": [pack(way) for way in self.wiring.distillations],
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


def _ratio(student: float, single: float) -> float:
    """1, neither ahead nor behind, for a task without loss, as one without labels."""
    return student / single if single > 0 else 1.0
