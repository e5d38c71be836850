"""Distillation block by block, from complex to simple."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd._export import mtkd_export
from keras_mtkd.indicators import prediction, probe_losses
from keras_mtkd.scheduling import (
    complexity_from_losses,
    distillation_queue,
    stage_starts,
    stage_weights,
    student_gap,
)
from keras_mtkd.scheduling.adaptive import Progress, advance, check_adaptive, latest_start
from keras_mtkd.scheduling.stages import MODES, stage_at

STAGES = ("equal", "complexity", "adaptive")
ORDERS = ("complex-first", "simple-first", "random")


@mtkd_export("keras_mtkd.callbacks.SequentialDistillation")
class SequentialDistillation(keras.callbacks.Callback):
    """Sets the weights of task losses and distillation, stage by stage.

    Without `SimilarityGrouping` or `blocks`, every task is a block of its own. The queue is then
    `distiller.queue`; stage and weights are in History as `stage`, `{task}_task_weight` and
    `{task}_distillation_weight`. All state is kept in weights of the distiller, so that a run
    that was killed and restored goes on in the same stage with the same queue. Tasks without a
    teacher keep their weights.

    Args:
        mode: `"cumulative"`, `"strict"`, `"exclusive"` or `"cycle"`, see
            `scheduling.stage_weights`.
        blocks: Blocks of tasks, instead of those that `SimilarityGrouping` makes.
        queue: Blocks in order; nothing is measured then.
        complexity: `{task: complexity}`; `"teacher"`, the share of the loss of the untrained
            student that the teachers have left; or `"student"`, the same for the first block,
            and from then on how far the student still is from its teachers.
        stages: `"equal"`, `"complexity"` (long for complex blocks) or `"adaptive"` (the next
            block joins when the current ones stop gaining on their teachers).
        ramp: Epochs over which what enters rises linearly.
        order: `"complex-first"`, or for comparison `"simple-first"` or `"random"`.
        patience: Epochs without gain after which an adaptive stage ends.
        min_delta: Smallest decrease of the gap that is a gain.
        last_start: Share of the run after which the last block enters, at the latest with
            adaptive stages; `None` gives the last stage the same length as the others. Early is
            better with a decaying learning rate, which would starve late blocks.
        data: Labelled data for indicators; by default validation data, else training data.
        samples: Samples of it to look at.
        seed: Seed of a random order.

    Raises:
        ValueError: If an argument is not one of its choices.

    Source: reconstructed from the abstract of Feng et al., "Sequential Cooperative Distillation
    for Imbalanced Multi-Task Learning" (2024). Adaptive stages, ramps and the student's own
    indicator are this package's.
    """

    def __init__(
        self,
        mode: str = "strict",
        blocks: Sequence[Sequence[str]] | None = None,
        queue: Sequence[Sequence[str]] | None = None,
        complexity: str | Mapping[str, float] = "teacher",
        stages: str = "equal",
        ramp: int = 0,
        order: str = "complex-first",
        patience: int = 2,
        min_delta: float = 0.01,
        last_start: float | None = 0.25,
        data: Any = None,
        samples: int = 512,
        seed: int = 0,
    ) -> None:
        super().__init__()
        _check_choice("mode", mode, MODES)
        _check_choice("stages", stages, STAGES)
        _check_choice("order", order, ORDERS)
        if isinstance(complexity, str):
            _check_choice("complexity", complexity, ("teacher", "student"))
        check_adaptive(patience, 1.0 if last_start is None else last_start)
        self.mode, self.stages, self.ramp, self.order = mode, stages, ramp, order
        self.given_blocks, self.given_queue = blocks, queue
        self.complexity = complexity
        self.patience, self.min_delta, self.last_start = patience, min_delta, last_start
        self.data, self.samples, self.seed = data, samples, seed
        self._teacher_losses: dict[str, float] | None = None
        self._step = 0

    # Not when training begins: `BackupAndRestore` may only then bring the queue back.
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        state = self.model.schedule
        if state.queue is None:
            self._make_queue()
        if self.mode == "cycle":
            self._step = int(np.array(self.model.optimizer.iterations))
            return
        self._assign(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.mode == "cycle":
            self._assign(self._step)
            self._step += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        if self.mode != "cycle":
            starts = self._starts()
            logs["stage"] = stage_at(epoch, starts)
            self._log_weights(logs)
            if self.stages == "adaptive":
                self._advance(epoch, logs)
            if self.complexity == "student" and len(starts) > 1:
                self._sort_waiting_blocks(epoch, logs)

    def _make_queue(self) -> None:
        model = self.model
        tasks = list(model.teachers)
        if self.given_blocks is not None:
            model.blocks = self.given_blocks
        if self.given_queue is not None:
            model.schedule.queue = self.given_queue
        else:
            blocks = model.blocks or [[task] for task in tasks]
            model.schedule.queue = self._ordered(blocks)
        if model.blocks is None:
            model.blocks = model.queue
        model.schedule.starts = [0]
        model.schedule.progress.assign([1.0, 0.0, 1.0])

    def _ordered(self, blocks: Sequence[Sequence[str]]) -> list[list[str]]:
        if self.order == "random":
            order = np.random.default_rng(self.seed).permutation(len(blocks))
            return [list(blocks[place]) for place in order]
        queue = distillation_queue(blocks, self._complexities())
        return queue[::-1] if self.order == "simple-first" else queue

    def _complexities(self) -> dict[str, float]:
        if isinstance(self.complexity, Mapping):
            return dict(self.complexity)
        student = self.model.student
        untrained = probe_losses(
            {task: _predictor(student, task) for task in self.model.teachers},
            self.model.task_losses,
            self._labelled(),
            self.samples,
        )
        return complexity_from_losses(self._losses_of_teachers(), untrained)

    def _losses_of_teachers(self) -> dict[str, float]:
        if self._teacher_losses is None:
            teachers = {task: _predictor(m, task) for task, m in self.model.teachers.items()}
            losses = self.model.task_losses
            self._teacher_losses = probe_losses(teachers, losses, self._labelled(), self.samples)
        return self._teacher_losses

    def _labelled(self) -> Any:
        for data in (self.data, self.model.fit_validation_data, self.model.fit_data):
            if data is not None:
                return data
        raise ValueError("There is no data for indicators. Pass `data=` or `complexity=`.")

    def _starts(self) -> list[int]:
        queue, epochs = self.model.queue, self.params["epochs"]
        if self.stages == "adaptive":
            starts = self.model.schedule.starts
            return starts + [epochs] * (len(queue) - len(starts))
        measured = self._complexities() if self.stages == "complexity" else None
        return stage_starts(queue, epochs, measured, self.last_start)

    def _assign(self, epoch: int) -> None:
        starts = None if self.mode == "cycle" else self._starts()
        self.model.assign_schedule(
            *stage_weights(
                self.model.queue, epoch, self.params["epochs"], self.mode, starts, self.ramp
            )
        )

    def _log_weights(self, logs: dict[str, Any]) -> None:
        for name in ("task_weights", "distillation_weights"):
            values = np.array(getattr(self.model, name)).tolist()
            pairs = zip(self.model.task_names, values, strict=True)
            logs.update({f"{task}_{name[:-1]}": value for task, value in pairs})

    def _gaps(self, logs: dict[str, Any]) -> dict[str, float]:
        prefix = "val_" if any(name.startswith("val_") for name in logs) else ""
        student = {task: logs[f"{prefix}{task}_loss"] for task in self.model.teachers}
        return student_gap(student, self._losses_of_teachers())

    def _advance(self, epoch: int, logs: dict[str, Any]) -> None:
        state, queue = self.model.schedule, self.model.queue
        best, waited, started = np.array(state.progress).tolist()
        if started == len(queue):
            return
        gaps = self._gaps(logs)
        active = [gaps[task] for block in queue[: int(started)] for task in block]
        last = 1.0 if self.last_start is None else self.last_start
        due = latest_start(int(started), len(queue), self.params["epochs"], last)
        after = advance(
            Progress(best, int(waited), int(started)),
            sum(active) / len(active),
            self.patience,
            self.min_delta,
            overdue=epoch + 1 >= due,
        )
        state.progress.assign([after.best, after.waited, after.started])
        if after.started > started:
            state.starts = [*state.starts, epoch + 1]

    def _sort_waiting_blocks(self, epoch: int, logs: dict[str, Any]) -> None:
        """Bring the blocks that have not started into the order of the student's gaps."""
        queue = self.model.queue
        begun = stage_at(epoch, self._starts()) + 1
        if begun < len(queue):
            waiting = distillation_queue(queue[begun:], self._gaps(logs))
            self.model.schedule.queue = queue[:begun] + waiting


def _predictor(model: keras.Model, task: str) -> Any:
    return lambda x: prediction(model(x, training=False), task)


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(
            f"`{name}` must be one of {', '.join(choices)}. Received: {name}={value!r}."
        )
