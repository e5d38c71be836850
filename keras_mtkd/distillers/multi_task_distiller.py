"""The model that is fitted: a student, its teachers, and the adaptors between them."""

import inspect
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.device import best_jit_compile
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import LossLike
from keras_mtkd.balancing._base import Method
from keras_mtkd.balancing._grouped import grouped
from keras_mtkd.balancing.aggregation.parameter_base import ParameterMethod
from keras_mtkd.balancing.balancing import Balancing, as_balancing
from keras_mtkd.distillation import Distillation
from keras_mtkd.distillers.balancing.split import shared_variables
from keras_mtkd.distillers.balancing_epoch import BalancingEpoch
from keras_mtkd.distillers.data_order.in_order import in_order
from keras_mtkd.distillers.distillation_share import DistillationShare
from keras_mtkd.distillers.loss_trackers import distance_means, loss_means, weight_means
from keras_mtkd.distillers.objective import ObjectiveModel
from keras_mtkd.distillers.optimizers import Part, optimizers_by_layer
from keras_mtkd.distillers.own_callbacks import with_own
from keras_mtkd.distillers.schedule_state import ScheduleState
from keras_mtkd.distillers.wiring import Wiring
from keras_mtkd.layers.gradient_aggregator import GradientAggregator
from keras_mtkd.layers.loss_weights import LossWeights
from keras_mtkd.layers.parameter_aggregator import ParameterAggregator
from keras_mtkd.losses._held_seed import seeds_of
from keras_mtkd.losses._task_losses import TaskLosses
from keras_mtkd.losses._validation import check_fit_arguments, check_student, check_teachers
from keras_mtkd.metrics._labelled import of_labelled

# What may follow `x` and `y` without a name.
_FIT_ARGUMENTS = tuple(inspect.signature(keras.Model.fit).parameters)[3:]


@mtkd_export("keras_mtkd.MultiTaskDistiller")
class MultiTaskDistiller(ObjectiveModel):
    """Trains one multi-task student on its labels and on one teacher per task.

    The objective of a training step is

        sum_t w_t * loss_t(y_t, student_t) + sum_t d_t * sum_l weight_{t,l} * distance_{t,l}

    with `w` the `task_weights`, `d` the `distillation_weights`, and `l` the distillations of
    task `t`. The student runs once a step and every distinct teacher at most once: not at all
    while `d_t` is 0 for all of its tasks. With `distillation=[]` this is plain multi-task
    learning; with a `FeatureDistillation` it is MTLKD.

    `evaluate`, `predict` and calls outside training are the student's own.

    Args:
        student: Functional model with dict outputs, `{task: tensor}`.
        teachers: `{task: model}`, taking the same inputs as the student; tasks left out are only
            trained on labels. A teacher outputs its task's prediction alone or in a dict. It is
            neither copied nor changed.
        distillation: Ways of distilling; `keras.distillation.DistillationLoss`es are accepted.
        task_weights: `{task: weight}` of the task losses; 1 where left out.
        balancing: How the terms above are balanced: the name of a loss weighting or of a method
            of gradient aggregation, as `"dwa"` or `"cagrad"`, an instance, or a
            `keras_mtkd.balancing.Balancing` that says what is balanced and where.
        name: Name of the model.

    Attributes:
        student: The student. Save it alone for deployment.
        teachers: `{task: model}`, the caller's models.
        adaptors: `{"task/distillation": layer}` and projectors, thrown away after training.
        task_names: The tasks, in the order of the weights below.
        task_weights: `(tasks,)` non-trainable weight `w`, for callbacks to assign.
        distillation_weights: `(tasks,)` non-trainable weight `d`, for callbacks to assign.
        way_weights: `(distillations,)` non-trainable factors on the `weight` of each, likewise.
        schedule: What a sequential schedule remembers: blocks, queue, stages.
        fit_data: While `fit` runs, the data that it was given.
        unlabelled_tasks: Tasks without any label in the last evaluation.

    Raises:
        TypeError: If student, teachers or distillations are of the wrong kind.
        ValueError: If the student's outputs are no dict, a teacher has no task, or a tap does not
            exist or fit.

    Source: Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020), for features
    tapped at shared layers; weights that change while training are this package's.
    """

    def __init__(
        self,
        student: keras.Model,
        teachers: Mapping[str, keras.Model],
        distillation: Iterable[Any] = (),
        task_weights: Mapping[str, float] | None = None,
        balancing: str | Balancing | Method | None = None,
        name: str | None = None,
    ) -> None:
        check_student(student)
        check_teachers(student, teachers)
        # Inputs reach student and teachers as they came: each casts them by its own policy.
        super().__init__(
            name=name or f"{student.name}_distiller", dtype=student.dtype_policy, autocast=False
        )
        self._wiring = Wiring(student, teachers, distillation, as_balancing(balancing))
        self.student = student
        terms = self._wiring.terms
        self.adaptors = {name: layer for each in terms for name, layer in each.layers.items()}
        shown = [branch.teacher for branch in self._wiring.branches]
        self.frozen_teachers = [teacher for teacher in shown if teacher is not None]
        self.schedule = ScheduleState(self.task_names)
        self._wiring.task_weights = dict(task_weights or {})
        self.task_weights = self._task_vector("task_weights", self._wiring.task_weights)
        self.distillation_weights = self._task_vector("distillation_weights", {})
        names = [way.name for way in self._wiring.distillations]
        self.way_weights = self._vector("way_weights", names, {})
        self._add_balancing()
        self._loss_means = loss_means(self.task_names)
        self._distance_means = distance_means(terms)
        self.built = True

    def _add_balancing(self) -> None:
        """The layers that balance, so that their weights are this model's."""
        wiring, balancing = self._wiring, self.balancing
        self.gradient_balancer = None if wiring.balanced is None else wiring.balanced.balancer
        self._weight_means = weight_means([])
        if balancing is not None and not balancing.at_representation:
            names = wiring.objectives.names
            method = grouped(balancing.method, wiring.objectives.groups, balancing.record)
            if balancing.at_parameters:
                looks_around = isinstance(method, ParameterMethod)
                aggregator = ParameterAggregator if looks_around else GradientAggregator
                self.gradient_aggregator = aggregator(method, len(names), balancing.times_tasks)
                self.weights_heads = balancing.weight_heads
            else:
                self.loss_weighting = LossWeights(method, len(names))
                self._weight_means = weight_means(names)

    def places(self) -> list[str]:
        shared = shared_variables(self.student)
        own = {id(variable) for variable in self.student.trainable_variables} - shared
        kinds = {**dict.fromkeys(shared, "shared"), **dict.fromkeys(own, "head")}
        return [kinds.get(id(variable), "other") for variable in self.trainable_variables]

    @property
    def teachers(self) -> dict[str, keras.Model]:
        return dict(self._wiring.teachers)

    @property
    def distillations(self) -> list[Distillation]:
        """The ways of distilling, in the order given."""
        return list(self._wiring.distillations)

    @property
    def balancing(self) -> Balancing | None:
        """How the objectives are balanced, or `None`."""
        return self._wiring.balancing

    @property
    def task_losses(self) -> TaskLosses:
        """The compiled loss of every task, `task_losses[task]`."""
        return self._wiring.losses

    @property
    def blocks(self) -> list[list[str]] | None:
        """Blocks of similar tasks, or `None` before they were made."""
        return self.schedule.blocks

    @blocks.setter
    def blocks(self, blocks: Sequence[Sequence[str]]) -> None:
        self.schedule.blocks = blocks

    @property
    def queue(self) -> list[list[str]] | None:
        """Blocks in the order of distillation, or `None` before it was made."""
        return self.schedule.queue

    @property
    def fit_validation_data(self) -> Any:
        """While `fit` runs, the validation data that it was given."""
        return self._wiring.fit_validation_data

    def assign_schedule(
        self, task_weights: Mapping[str, float], distillation_weights: Mapping[str, float]
    ) -> None:
        """Set the weights of some tasks; `task_weights` multiply those of the constructor.

        Args:
            task_weights: `{task: factor}`; other tasks keep their weights.
            distillation_weights: `{task: weight}`; likewise.
        """
        own = self._wiring.task_weights
        scaled = {task: own.get(task, 1.0) * value for task, value in task_weights.items()}
        for vector, values in (
            (self.task_weights, scaled),
            (self.distillation_weights, distillation_weights),
        ):
            old = zip(self.task_names, np.array(vector).tolist(), strict=True)
            vector.assign([values.get(task, value) for task, value in old])

    def _task_vector(self, name: str, values: Mapping[str, float]) -> keras.Variable:
        unknown = sorted(set(values) - set(self.task_names))
        if unknown:
            raise ValueError(
                f"`{name}` names the task '{unknown[0]}', which the student does not have. "
                f"Its tasks: {self.task_names}."
            )
        return self._vector(name, self.task_names, values)

    def _vector(self, name: str, keys: Sequence[str], values: Mapping[str, float]) -> Any:
        """A weight with one entry a key, 1 where no value is given."""
        start = [float(values.get(key, 1.0)) for key in keys]
        vector = self.add_weight(
            shape=(len(start),), initializer="ones", trainable=False, dtype="float32", name=name
        )
        vector.assign(start)
        return vector

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: LossLike | Mapping[str, LossLike] | None = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        adaptor_optimizer: Any = None,
        **kwargs: Any,
    ) -> None:
        """Configure training.

        Args:
            optimizer: Optimiser of the student, and of the adaptors unless they have their own.
            loss: `{task: loss}`, or one loss for all tasks.
            metrics: As in `keras.Model.compile`: `{task: metrics}`. Samples and
                positions with weight 0, which have no label, are left out; others count alike.
            weighted_metrics: Likewise, weighted by `sample_weight`.
            adaptor_optimizer: Optimiser of the adaptors. A rate 10 to 100 times the student's
                is usual: adaptors that lag behind make the student chase a moving target. With
                two optimisers use learning-rate schedules, since Keras' learning-rate callbacks
                need a single rate.
            **kwargs: `run_eagerly`, `steps_per_execution`, `jit_compile`, `auto_scale_loss`.
                `jit_compile="auto"` is off on TensorFlow without accelerator, where XLA is slower.

        Raises:
            ValueError: If a head has no loss, or `loss_weights` is passed.
        """
        if kwargs.pop("loss_weights", None) is not None:
            raise ValueError(
                "`loss_weights` are fixed at compile time. Pass `task_weights` to "
                "`MultiTaskDistiller` instead, or assign `distiller.task_weights`."
            )
        wiring = self._wiring
        wiring.losses = TaskLosses({} if loss is None else loss, self.task_names)
        for branch in wiring.branches:
            branch.compile(self.student, wiring.losses)
        self._seeds = [seed for term in wiring.terms for seed in seeds_of(term.distance)]
        student_optimizer = keras.optimizers.get(optimizer)
        parts: list[Part] = []
        if adaptor_optimizer is not None:
            adaptor_optimizer = keras.optimizers.get(adaptor_optimizer)
            parts.append((adaptor_optimizer, self.adaptors.values()))
        if wiring.balanced is not None:
            parts.extend(wiring.balanced.optimizers())
        combined = optimizers_by_layer(student_optimizer, parts)
        plain, weighted = of_labelled(metrics, weighted_metrics, self.task_names)
        arguments = {**kwargs, "jit_compile": best_jit_compile(kwargs.get("jit_compile", "auto"))}
        super().compile(optimizer=combined, metrics=plain, weighted_metrics=weighted, **arguments)
        if self.gradient_aggregator is not None and "shared" not in self.places():
            raise ValueError(
                "No trainable weight is shared by several tasks, so that there are no gradients to "
                "balance over parameters. Is the backbone frozen? Leave `balancing` out, or make "
                f"some of its layers trainable. Received: balancing={self.balancing!r}."
            )
        # Built now, so that weights can be saved and loaded before the first step.
        self.optimizer.build(self.trainable_variables)
        wiring.compiled_with = {
            "optimizer": student_optimizer,
            "adaptor_optimizer": adaptor_optimizer,
            "loss": {task: wiring.losses[task] for task in self.task_names},
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            **kwargs,
        }

    def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train as `keras.Model.fit` does, after a look at the data.

        Labels are checked on the first batch, and on all samples where they are arrays.

        Arrays are shuffled anew every epoch, by a seed that `keras.utils.set_random_seed` fixes and
        the number of the epoch, and so are the batches of a `PyDataset`, unless it tells its epoch,
        as `datasets.ArrayDataset`: its order is its own. With `steps_per_epoch` an epoch begins
        where the last one ended.

        Raises:
            ValueError: If labels are missing, malformed or NaN, the data set is empty, or
                `class_weight` is passed; the message names the task.
        """
        kwargs = {**dict(zip(_FIT_ARGUMENTS, args, strict=False)), **kwargs}
        if self.compiled:
            check_fit_arguments(
                self.student, self._wiring.losses, x, y, kwargs, self._wiring.taught
            )
            self._wiring.expect_features(x)
        self._tell_of_idle_teachers(kwargs.get("callbacks"))
        self._wiring.fit_data = x if y is None else (x, y, kwargs.get("sample_weight"))
        self._wiring.fit_validation_data = kwargs.get("validation_data")
        if self.loss_weighting is not None:
            kwargs["callbacks"] = with_own(BalancingEpoch(), kwargs.get("callbacks"), self)
        if self._wiring.terms and self.balancing is None and not self._wiring.shares_seen:
            kwargs["callbacks"] = with_own(
                DistillationShare(), kwargs.get("callbacks"), self, last=True
            )
        try:
            self.fit_order, x, y, kwargs = in_order(self, x, y, kwargs)
            return super().fit(x, y, **kwargs)
        finally:
            self._wiring.fit_data = self._wiring.fit_validation_data = self.fit_order = None

    def _tell_of_idle_teachers(self, callbacks: Any) -> None:
        """A word about teachers that neither teach nor are looked at by a callback."""
        given = getattr(callbacks, "callbacks", callbacks)
        # Those of users are not known to look at teachers.
        looked_at = any(
            type(each).__module__.startswith("keras_mtkd.") for each in keras.tree.flatten(given)
        )
        if self.teachers and not self._wiring.distillations and not looked_at:
            warnings.warn(
                f"There are teachers of {list(self.teachers)} and no way of distilling, so they "
                "teach nothing. Pass `distillation=[FeatureDistillation(...)]` or "
                "`[LogitDistillation()]`.",
                stacklevel=3,
            )

    def train_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        self._wiring.expect_features(x, again=False)
        return super().train_on_batch(x, *args, **kwargs)
