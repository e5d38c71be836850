"""What online distillation computes in a step: predictions, the objective, metrics."""

from typing import Any

from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.ends import own_inputs
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.distillers.base import StudentModel
from keras_mtkd.distillers.loss_trackers import Means, distance_name, record, term_name
from keras_mtkd.distillers.online.wiring import OnlineWiring
from keras_mtkd.distribution.multi_worker import MultiWorkerModel
from keras_mtkd.losses._task_losses import labels_of
from keras_mtkd.losses._validation import check_labelled

# The key under which a training step's predictions carry along what the loss needs besides.
_ALONGSIDE = "__alongside__"


def single_loss_name(task: str) -> str:
    """The name of a single-task network's loss in logs."""
    return f"{task}_single_loss"


class OnlineStep(StudentModel, MultiWorkerModel):
    """The forward half of an `OnlineKD`'s steps, which Keras calls."""

    _wiring: OnlineWiring
    _warming: bool
    _single_means: Means
    _distance_means: Means

    def call(self, inputs: Any, training: bool = False) -> dict[str, Any]:
        """The student's predictions; in training also what the networks and adaptors give."""
        if not training:
            return self.student(own_inputs(self.student, inputs), training=False)
        # While it waits not even the student's batch statistics change.
        outputs, seen = self._wiring.student(inputs, training=not self._warming)
        predictions, taps = self._wiring.run_singles(inputs)
        adapted = {each.key: each.adapted(outputs, seen, None) for each in self._wiring.terms}
        return {**outputs, _ALONGSIDE: (predictions, taps, adapted)}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """In training the objective of networks and student, else the student's plain loss."""
        y = labels_of(y, self.task_names)
        check_labelled(self.task_names, y, () if training else None)
        values, weights = self._task_losses(y, y_pred, sample_weight, training)
        if not training or _ALONGSIDE not in y_pred:
            return sum(values.values()) + self._sum_of(self.student.losses)
        batch = self._batch(y_pred)
        predictions, taps, adapted = y_pred[_ALONGSIDE]
        singles = self._wiring.losses(y, predictions, weights)
        for task, value in singles.items():
            record(self._single_means, single_loss_name(task), value, batch)
        total = sum(singles.values()) + self._sum_of(self.losses)
        if self._warming:
            return total
        total += ops.sum(self.task_weights * ops.stack(list(values.values())))
        step = TrainingStep(x, y, self._own(y_pred), weights, self._wiring.losses, None)
        return total + self._teach(self._wiring.distances(step, adapted, taps), batch)

    def _sum_of(self, losses: list[Tensor]) -> Tensor:
        """Regularisers and other losses of layers, shared among replicas."""
        return sum(self._aggregate_additional_loss(loss) for loss in losses)

    def _teach(self, distances: list[Tensor], batch: Tensor) -> Tensor:
        """The tasks' weighted means of distances, recorded task by task."""
        terms = self._wiring.terms
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
