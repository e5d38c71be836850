"""The model that is fitted: a student, its teachers, and the adaptors between them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import LossLike, Tensor
from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._graph.modes import forget_defaults
from keras_mtkd.balancing.balancing import Balancing, as_balancing
from keras_mtkd.balancing.base import Method
from keras_mtkd.distillation import Distillation
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.distillers.balancing.make import make_balancer
from keras_mtkd.distillers.distillation_share import DistillationShare
from keras_mtkd.distillers.frozen_teachers import FrozenTeachersModel
from keras_mtkd.distillers.idle_teachers import tell_of_idle_teachers
from keras_mtkd.distillers.loss_trackers import distance_means, distance_name, record, term_name
from keras_mtkd.distillers.multi_task_model import MultiTaskModel
from keras_mtkd.distillers.optimizers import Part, optimizers_by_layer
from keras_mtkd.distillers.samples_left_out import tell_of_samples_left_out
from keras_mtkd.distillers.saved_teachers import pack_teachers, unpack_teachers
from keras_mtkd.distillers.schedule_state import ScheduleState
from keras_mtkd.distillers.step_outputs import StepOutputs
from keras_mtkd.distillers.teacher_units import TeacherUnits
from keras_mtkd.distillers.terms import TeacherBranch
from keras_mtkd.distillers.weight_vectors import add_vector
from keras_mtkd.distillers.wiring import Wiring
from keras_mtkd.layers.gradient_aggregator import GradientAggregator
from keras_mtkd.layers.gradient_balancer import GradientBalancer
from keras_mtkd.layers.loss_weights import LossWeights
from keras_mtkd.layers.parameter_aggregator import ParameterAggregator
from keras_mtkd.losses.held_seed import seeds_of
from keras_mtkd.losses.label_count import LabelCount
from keras_mtkd.losses.task_losses import labels_of
from keras_mtkd.losses.validation import check_teachers


@mtkd_export("keras_mtkd.MultiTaskDistiller")
class MultiTaskDistiller(FrozenTeachersModel, MultiTaskModel):
    """Trains one multi-task student on its labels and on one teacher per task.

    The objective of a training step is

        sum_t w_t * loss_t(y_t, student_t) + sum_t d_t * sum_l weight_{t,l} * distance_{t,l}

    with `w` the `task_weights`, `d` the `distillation_weights`, and `l` the distillations of
    task `t`. The student runs once a step and every distinct teacher at most once: not at all
    while `d_t` is 0 for all of its tasks. With `distillation=[]` this is plain multi-task
    learning; with a `FeatureDistillation` it is MTLKD.

    `evaluate`, `predict` and calls outside training are the student's own. `fit` takes what
    `MultiTaskModel.fit` takes.

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
        distillation_loss_weights: `(distillations,)` non-trainable factors on the `weight` of
            each, likewise.
        schedule: What a sequential schedule remembers: blocks, queue, stages.
        fit_data: While `fit` runs, the data that it was given.
        unlabelled_tasks: Tasks without any label in the last evaluation.

    Raises:
        TypeError: If student, teachers or distillations are of the wrong kind.
        ValueError: If the student's outputs are no dict, a teacher has no task or takes inputs of
            another shape, or a tap does not exist or fit.

    Source: Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020), for features
    tapped at shared layers; weights that change while training are this package's.
    """

    _suffix = "_distiller"
    # At most one of them is there. Saved files name them.
    gradient_balancer: GradientBalancer | None = None
    gradient_aggregator: GradientAggregator | ParameterAggregator | None = None
    loss_weighting: LossWeights | None = None

    def __init__(
        self,
        student: keras.Model,
        teachers: Mapping[str, keras.Model],
        distillation: Iterable[Any] = (),
        task_weights: Mapping[str, float] | None = None,
        balancing: str | Balancing | Method | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(student, task_weights, name)
        check_teachers(student, teachers)
        # For the rest of the package: what is taught, and what is balanced.
        self.wiring = wiring = Wiring(student, teachers, distillation)
        self._balancing = as_balancing(balancing)
        self._balancer = make_balancer(self._balancing, student, wiring.student, wiring.paths)
        self.objectives = self._balancer.objectives
        self.adaptors = {name: layer for one in wiring.terms for name, layer in one.layers.items()}
        self.frozen_teachers = [one.teacher for one in wiring.branches if one.teacher is not None]
        self.schedule = ScheduleState(self.task_names)
        self.distillation_weights = add_vector(self, "distillation_weights", self.task_names, {})
        names = [way.name for way in wiring.distillations]
        self.distillation_loss_weights = add_vector(self, "distillation_loss_weights", names, {})
        if self._balancer.layer is not None:
            setattr(self, self._balancer.kept_as, self._balancer.layer)
        self._weight_means = self._balancer.means
        self._distance_means = distance_means(wiring.terms)
        self._shares_seen = False

    @property
    def teachers(self) -> dict[str, keras.Model]:
        return dict(self.wiring.teachers)

    @property
    def way_weights(self) -> Any:
        raise AttributeError("`way_weights` is called `distillation_loss_weights` since 0.2.")

    @property
    def distillations(self) -> list[Distillation]:
        """The ways of distilling, in the order given."""
        return list(self.wiring.distillations)

    @property
    def balancing(self) -> Balancing | None:
        """How the objectives are balanced, or `None`."""
        return self._balancing

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

    def assign_schedule(
        self, task_weights: Mapping[str, float], distillation_weights: Mapping[str, float]
    ) -> None:
        """Set the weights of some tasks; `task_weights` multiply those of the constructor.

        Args:
            task_weights: `{task: factor}`; other tasks keep their weights.
            distillation_weights: `{task: weight}`; likewise.
        """
        own = self._given.task_weights
        scaled = {task: own.get(task, 1.0) * value for task, value in task_weights.items()}
        for vector, values in (
            (self.task_weights, scaled),
            (self.distillation_weights, distillation_weights),
        ):
            old = zip(self.task_names, np.asarray(vector).tolist(), strict=True)
            vector.assign([values.get(task, value) for task, value in old])

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
            metrics: As in `MultiTaskModel.compile`.
            weighted_metrics: Likewise, weighted by `sample_weight`.
            adaptor_optimizer: Optimiser of the adaptors. A rate 10 to 100 times the student's
                is usual: adaptors that lag behind make the student chase a moving target. With
                two optimisers use learning-rate schedules, since Keras' learning-rate callbacks
                need a single rate.
            **kwargs: As in `MultiTaskModel.compile`.

        Raises:
            ValueError: If a head has no loss, or `loss_weights` is passed.
        """
        optimizers = {"optimizer": optimizer, "adaptor_optimizer": adaptor_optimizer}
        self._compile(optimizers, loss, metrics, weighted_metrics, kwargs)

    def _settle(self) -> None:
        for branch in self.wiring.branches:
            branch.compile(self.student, self.task_losses)
        self._seeds = [seed for term in self.wiring.terms for seed in seeds_of(term.distance)]
        self._balancer.check(self.trainable_variables)

    def _one_optimizer(
        self,
        optimizer: keras.optimizers.Optimizer,
        adaptor_optimizer: keras.optimizers.Optimizer | None = None,
    ) -> keras.optimizers.Optimizer:
        parts: list[Part] = []
        if adaptor_optimizer is not None:
            parts.append((adaptor_optimizer, self.adaptors.values()))
        return optimizers_by_layer(optimizer, [*parts, *self._balancer.optimizers()])

    def _taught(self) -> Sequence[str]:
        return self.wiring.taught

    def _look_at(self, x: Any, callbacks: Any, labels: LabelCount) -> None:
        self.wiring.expect_features(x)
        tell_of_idle_teachers(self.wiring, callbacks)
        tell_of_samples_left_out(self.wiring, labels)

    def _own_callbacks(self) -> Iterable[tuple[keras.callbacks.Callback, bool]]:
        yield from ((own, False) for own in (*self._balancer.callbacks(), TeacherUnits()))
        if self.wiring.terms and self.balancing is None and not self._shares_seen:
            yield DistillationShare(), True

    def train_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        self.wiring.expect_features(x, again=False)
        return super().train_on_batch(x, *args, **kwargs)

    # The step: Keras calls `call`, then `compute_loss`, in a `train_step` of the backend.

    def call(self, inputs: Any, training: bool = False) -> dict[str, Any]:
        """The student's predictions; in training also what the objective needs besides."""
        inputs, features = detach_features(inputs)
        if not training:
            return super().call(inputs)
        predictions, seen, carried = self._balancer.run(inputs)
        if self.wiring.branches or self.balancing:
            carried = {**carried, "adapted": self.wiring.adapted(seen, features)}
        return StepOutputs(predictions, carried).pack()

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The objective: losses and distances, weighted and balanced, and the losses of layers.

        Outside training it is the sum of the weighted task losses and those of layers. Where
        gradients are combined on all shared weights, it is a vector in training, see
        `ParameterBalancer.total`.
        """
        outputs = StepOutputs.unpack(y_pred, self.task_names)
        losses, weights = self._task_losses(y, outputs.predictions, sample_weight, training)
        distances: dict[str, Tensor] = {}
        if training and outputs.carried:
            distances = self._distances(x, y, outputs, weights)
        values, plain = self.objectives.values(self._weighted(losses), distances)
        plain = self._with_losses_of_layers(plain)
        if not training:
            return ops.sum(values[: len(self.task_names)]) + plain
        return self._balancer.total(values, plain, outputs.carried, self._batch(y_pred))

    def _distances(
        self, x: Any, y: Any, outputs: StepOutputs, weights: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """The weighted distances to all teachers, by task."""
        x, features = detach_features(x)
        labels = labels_of(y, self.task_names)
        step = TrainingStep(x, labels, outputs.predictions, weights, self.task_losses, features)
        adapted, batch = outputs.carried["adapted"], self._batch(outputs.predictions)
        distances: dict[str, Tensor] = {}
        for branch in self.wiring.branches:
            for task, value in self._teach(branch, step, adapted, batch).items():
                distances[task] = distances.get(task, 0.0) + value
        return distances

    def _teach(
        self,
        branch: TeacherBranch,
        step: TrainingStep,
        adapted: Mapping[str, Tensor],
        batch: Tensor,
    ) -> dict[str, Tensor]:
        """The weighted distances to one teacher, by task, recorded."""
        names = self.task_names
        strength = {task: self.distillation_weights[names.index(task)] for task in branch.tasks}
        active = ops.any(ops.stack(list(strength.values())) > 0)
        distances = branch.teach(step, adapted, active)
        # While a teacher is off there is no distance: such steps do not count in the means.
        count = ops.cast(active, "float32") * ops.cast(batch, "float32")
        weighted = dict.fromkeys(branch.tasks, 0.0)
        ways = self.wiring.distillations
        for number, term in enumerate(branch.terms):
            factor = self.distillation_loss_weights[ways.index(term.distillation)]
            weighted[term.task] += factor * term.weight * distances[number]
            record(self._distance_means, term_name(term), distances[number], count)
        for task, value in weighted.items():
            record(self._distance_means, distance_name(task), value, count)
        return {task: strength[task] * value for task, value in weighted.items()}

    def train_step(self, *args: Any, **kwargs: Any) -> Any:
        logs = self._balancer.train_step(self, super().train_step, *args, **kwargs)
        return self._with_axis(logs)

    def _only_trained(self) -> list[str]:
        return [*self._distance_means, *self._weight_means]

    # Saved files.

    def __dir__(self) -> list[str]:
        # By these names Keras walks through what is saved: teachers are in `frozen_teachers`.
        return [name for name in super().__dir__() if name != "teachers"]

    def get_config(self) -> dict[str, Any]:
        pack = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            **pack_teachers(self.wiring.teachers),
            "distillation": [pack(way) for way in self.wiring.distillations],
            "balancing": pack(self.balancing),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        def unpack(value: Any) -> Any:
            return keras.saving.deserialize_keras_object(value, custom_objects=custom_objects)

        student = unpack(config["student"])
        # Here and not with a warning in the constructor: files of Keras 3.15 cannot do else.
        forget_defaults(student)
        return cls(
            student,
            unpack_teachers(config, unpack),
            [unpack(way) for way in config["distillation"]],
            config["task_weights"],
            unpack(config.get("balancing")),
            config["name"],
        )
