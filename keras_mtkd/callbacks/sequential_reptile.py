"""Training on one task after another, of which only a share of the way is kept."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.keras_compat import rate_of, trained_by
from keras_mtkd._backend.names import unknown_task

OPTIMIZER = ("keep", "reset")


@mtkd_export("keras_mtkd.callbacks.SequentialReptile")
class SequentialReptile(keras.callbacks.Callback):
    """Draws one task a batch, and goes a share of the way that its steps went.

    From weights `θ`, `inner_steps` batches each train the task that was drawn, alone, with its
    distances to its teacher; they lead to `φ`, and training goes on from `θ + η (φ - θ)`. All
    tasks share one way, so that steps are kept which serve several of them.

    A way ends with its epoch at the latest: `inner_steps` that do not divide an epoch's batches
    leave a shorter last one. Then the weights of the tasks are what they were before it. Draws
    depend on seed and epoch alone, so that a run which `BackupAndRestore` restores goes on as if
    it had not stopped. Statistics of batch normalisation are those of the way, not a share.

    `loss` in the logs is that of the drawn tasks, `{task}_loss` are over all batches. Adaptors and
    projectors go the share of the way, too.

    Args:
        inner_steps: Batches of one way `m`; `None` for an epoch.
        outer_rate: Share `η` of the way, `0 < η <= 1`.
        sampling: `{task: samples}`, how many samples `N` each task has; 1 where left out, and 0
            for a task that is not trained.
        power: Tasks are drawn with probabilities `∝ N ** power`.
        optimizer: What becomes of the optimiser's moments after a way: `"keep"` or `"reset"`, to
            what they are in a new optimiser. Steps and rates go on either way.
        seed: Seed of the draws.

    Raises:
        ValueError: If an argument is not one of its choices; when training begins, if a task is
            not known or several batches are one call (`steps_per_execution`).

    Source: Lee et al., "Sequential Reptile: Inter-Task Gradient Alignment for Multilingual
    Learning" (2022), known from its abstract and second-hand; its settings (`outer_rate=0.1`,
    1,000 steps, power 1/5) could not be checked. That a way ends with the epoch is this package's.
    """

    def __init__(
        self,
        inner_steps: int | None = 1000,
        outer_rate: float = 0.1,
        sampling: Mapping[str, float] | None = None,
        power: float = 0.2,
        optimizer: str = "keep",
        seed: int = 0,
    ) -> None:
        super().__init__()
        if inner_steps is not None and inner_steps < 1:
            raise ValueError(f"`inner_steps` must be positive. Received: {inner_steps}.")
        if not 0 < outer_rate <= 1:
            raise ValueError(f"`outer_rate` must be in (0, 1]. Received: {outer_rate}.")
        check_choice("optimizer", optimizer, OPTIMIZER)
        self.inner_steps, self.outer_rate, self.power = inner_steps, outer_rate, power
        self.sampling, self.optimizer, self.seed = dict(sampling or {}), optimizer, seed
        if min(self.sampling.values(), default=0) < 0:
            raise ValueError(f"`sampling` must not be negative. Received: {self.sampling}.")
        self._random = np.random.default_rng(seed)
        self._steps = 0
        self._start: list[np.ndarray] = []
        self._usual: tuple[dict[str, float], dict[str, float]] | None = None

    def probabilities(self, tasks: list[str]) -> np.ndarray:
        """With which each task is drawn, `(tasks,)`.

        Raises:
            ValueError: If numbers of samples are 0 for all.
        """
        samples = np.array([self.sampling.get(task, 1.0) for task in tasks], "float64")
        shares = np.where(samples > 0, samples, 1.0) ** self.power * (samples > 0)
        if not shares.any():
            raise ValueError(f"No task of `sampling` has samples. Received: {self.sampling}.")
        return shares / shares.sum()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        for task in self.sampling:
            if task not in self.model.task_names:
                by = "`sampling` names the task"
                raise ValueError(unknown_task(by, task, self.model.task_names))
        self.probabilities(self.model.task_names)
        if self.model.steps_per_execution != 1:
            raise ValueError(
                "A task is drawn for every batch, so that `steps_per_execution` must be 1. "
                f"Received: steps_per_execution={self.model.steps_per_execution}."
            )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._random = np.random.default_rng([self.seed, epoch])
        self._usual = self._weights()
        self._begin()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        tasks = self.model.task_names
        drawn = tasks[self._random.choice(len(tasks), p=self.probabilities(tasks))]
        own, taught = self._usual or ({}, {})
        self._assign(
            {task: value * (task == drawn) for task, value in own.items()},
            {task: value * (task == drawn) for task, value in taught.items()},
        )

    # With the last batch, so that validation and backups at the end of the epoch see its end.
    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps += 1
        last = batch + 1 == self.params["steps"]
        if last or self._steps == self.inner_steps:
            self._end()
        if last:
            self._leave()
        elif self._steps == 0:
            self._begin()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Only data of unknown length are not at an end yet.
        if self._usual is not None:
            if self._steps:
                self._end()
            self._leave()

    def _begin(self) -> None:
        self._steps = 0
        self._start = [np.asarray(variable).copy() for variable in self._trained()]

    def _end(self) -> None:
        """Go back to a share of the way."""
        for variable, start in zip(self._trained(), self._start, strict=True):
            variable.assign(start + self.outer_rate * (np.asarray(variable) - start))
        if self.optimizer == "reset":
            _reset(self.model.optimizer)
        self._steps, self._start = 0, []

    def _leave(self) -> None:
        """Weights as they were before the epoch."""
        if self._usual is not None:
            self._assign(*self._usual)
        self._usual = None

    def _trained(self) -> list[keras.Variable]:
        """What goes the way: not what balancing remembers."""
        layers = [self.model.student, *self.model.adaptors.values()]
        return [variable for layer in layers for variable in layer.trainable_variables]

    def _weights(self) -> tuple[dict[str, float], dict[str, float]]:
        model = self.model
        vectors = (model.task_weights, model.distillation_weights)
        own, taught = (
            dict(zip(model.task_names, np.asarray(vector).tolist(), strict=True))
            for vector in vectors
        )
        return own, taught

    def _assign(self, own: Mapping[str, float], taught: Mapping[str, float]) -> None:
        model = self.model
        model.task_weights.assign(list(own.values()))
        model.distillation_weights.assign(list(taught.values()))


def _reset(optimizer: Any) -> None:
    """Moments as they are in a new optimiser; steps and rates as they are."""
    if hasattr(optimizer, "optimizers"):
        for part in optimizer.optimizers:
            _reset(part)
    elif hasattr(optimizer, "inner_optimizer"):
        _reset(optimizer.inner_optimizer)
    elif optimizer.built:
        new = type(optimizer).from_config(optimizer.get_config())
        new.build(trained_by(optimizer))
        kept = {id(optimizer.iterations), id(rate_of(optimizer))}
        for variable, start in zip(optimizer.variables, new.variables, strict=True):
            if id(variable) not in kept:
                variable.assign(start)
