"""What a distiller computes in a step: predictions, the objective, metrics."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._graph.ends import own_inputs
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.distillers.loss_trackers import (
    Means,
    distance_name,
    record,
    term_name,
    weight_name,
)
from keras_mtkd.distillers.saved import SavedDistiller
from keras_mtkd.distillers.terms import TeacherBranch
from keras_mtkd.distribution.replicas import replica_count
from keras_mtkd.layers.loss_weights import LossWeights
from keras_mtkd.losses._task_losses import labels_of
from keras_mtkd.losses._validation import check_labelled

# The keys under which a training step's predictions carry along the adapted features and the
# signal of gradient balancing.
_ADAPTED = "__adapted__"
_SIGNAL = "__signal__"


class ObjectiveModel(SavedDistiller):
    """The forward half of a `MultiTaskDistiller`'s steps, which Keras calls."""

    distillation_weights: keras.Variable
    way_weights: keras.Variable
    loss_weighting: LossWeights | None = None
    _distance_means: Means
    _weight_means: Means

    def call(self, inputs: Any, training: bool = False) -> dict[str, Any]:
        """The student's predictions; in training also what the objective needs besides."""
        inputs, features = detach_features(inputs)
        if not training:
            return self.student(own_inputs(self.student, inputs), training=False)
        wiring = self._wiring
        outputs, seen, signal = wiring.run(inputs)
        if not (wiring.branches or wiring.balancing):
            return outputs
        adapted = {
            key: tensor
            for branch in wiring.branches
            for key, tensor in branch.adapted(seen, features)
        }
        carried = {} if signal is None else {_SIGNAL: signal}
        return {**outputs, **carried, _ADAPTED: adapted}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The objective: losses and distances, weighted and balanced, and the model's own losses.

        Outside training it is the sum of the weighted task losses and the model's own. Where
        gradients are combined on all shared weights, it is a vector in training: the objectives,
        all else if there is anything, and 1 (`AggregatedStepModel`).
        """
        values, plain = self.compute_objectives(x, y, y_pred, sample_weight, training)
        if training and self.gradient_aggregator is not None:
            others = [] if isinstance(plain, float) else [plain]
            return ops.stack([*ops.unstack(values), *others, 1.0])
        if training and self.loss_weighting is not None:
            batch = self._batch(y_pred)
            total, weights = self.loss_weighting(values)
            names = self._wiring.objectives.names
            for name, weight in zip(names, ops.unstack(weights), strict=True):
                # Means take what they are given for a replica's share of a sum.
                record(self._weight_means, weight_name(name), weight / replica_count(), batch)
            return total + plain
        total = ops.sum(values) + plain
        if training and _SIGNAL in y_pred:
            # Adds nothing: the gradient of the signal brings the values to the balancer.
            total += ops.sum(y_pred[_SIGNAL] * ops.stop_gradient(ops.append(values, 1.0)))
        return total

    def compute_objectives(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool
    ) -> tuple[Tensor, Tensor | float]:
        """The objectives that are balanced, and the sum of all else.

        Returns:
            `(objectives,)`, in training those of `balancing.Objectives`, else the task losses;
            and a scalar, the number 0.0 if there is nothing else.
        """
        y = labels_of(y, self.task_names)
        check_labelled(self.task_names, y, self._wiring.taught if training else None)
        losses, weights = self._task_losses(y, y_pred, sample_weight, training)
        batch = self._batch(y_pred)
        weighted = [self.task_weights[i] * loss for i, loss in enumerate(losses.values())]
        distances: dict[str, Tensor] = {}
        if training and _ADAPTED in y_pred:
            x, features = detach_features(x)
            step = TrainingStep(x, y, self._own(y_pred), weights, self._wiring.losses, features)
            for branch in self._wiring.branches:
                for task, value in self._teach(branch, step, y_pred[_ADAPTED], batch).items():
                    distances[task] = distances.get(task, 0.0) + value
        values, plain = self._wiring.objectives.values(weighted, distances)
        if not training:
            values = values[: len(self.task_names)]
        for extra in self.losses:
            # A replica's share: all have the same regularisers.
            plain += ops.cast(self._aggregate_additional_loss(extra), "float32")
        return values, plain

    def _teach(
        self,
        branch: TeacherBranch,
        step: TrainingStep,
        adapted: Mapping[str, Tensor],
        batch: Tensor,
    ) -> dict[str, Tensor]:
        """Weighted distances to one teacher by task, recorded."""
        names = self.task_names
        strength = {task: self.distillation_weights[names.index(task)] for task in branch.tasks}
        active = ops.any(ops.stack(list(strength.values())) > 0)
        distances = branch.teach(step, adapted, active)
        # While a teacher is off there is no distance: such steps do not count in the means.
        count = ops.cast(active, "float32") * ops.cast(batch, "float32")
        weighted = dict.fromkeys(branch.tasks, 0.0)
        ways = self._wiring.distillations
        for number, term in enumerate(branch.terms):
            factor = self.way_weights[ways.index(term.distillation)]
            weighted[term.task] += factor * term.weight * distances[number]
            record(self._distance_means, term_name(term), distances[number], count)
        for task, value in weighted.items():
            record(self._distance_means, distance_name(task), value, count)
        return {task: strength[task] * value for task, value in weighted.items()}

    def _only_trained(self) -> list[str]:
        return [*self._distance_means, *self._weight_means]
