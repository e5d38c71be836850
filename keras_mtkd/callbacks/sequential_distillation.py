"""Distillation block by block, from complex to simple."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd._export import mtkd_export
from keras_mtkd.indicators import probe_losses
from keras_mtkd.scheduling import (
    complexity_from_losses,
    distillation_queue,
    loss_scales,
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
        queue: Blocks in order; complexities are not measured then.
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
        waiting: Weights of a task's loss and of its distillation before its block enters. Not 0,
            so that complex tasks do not spoil the shared features for those that wait; with
            `(0, 0)` the teachers of waiting tasks cost nothing.
        loss_scale: Power by which task losses are divided by their teachers' losses, see
            `scheduling.loss_scales`; 0 leaves them as they are.
        data: Labelled data for indicators; by default validation data, else training data.
        samples: Samples of it to look at.
        seed: Seed of a random order.

    Raises:
        ValueError: If an argument is not one of its choices.

    Source: reconstructed from the abstract of Feng et al., "Sequential Cooperative Distillation
    for Imbalanced Multi-Task Learning" (2024). Adaptive stages, ramps, the student's own indicator,
    waiting weights and the scale of losses are this package's.
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
        waiting: tuple[float, float] = (0.1, 0.3),
        loss_scale: float = 0.25,
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
        stage_weights([["task"]], 0, 1, mode, ramp=ramp, waiting=waiting)
        loss_scales({}, loss_scale)
        check_adaptive(patience, 1.0 if last_start is None else last_start)
        self.mode, self.stages, self.ramp, self.order = mode, stages, ramp, order
        self.given_blocks, self.given_queue = blocks, queue
        self.complexity = complexity
        self.patience, self.min_delta, self.last_start = patience, min_delta, last_start
        self.waiting, self.loss_scale = waiting, loss_scale
        self.data, self.samples, self.seed = data, samples, seed
        self._teacher_losses: dict[str, float] | None = None
        self._step = 0

    # All that changes the state happens when an epoch begins, and from the weights alone: not
    # when training begins, since `BackupAndRestore` may only then bring the state back, and not
    # when an epoch ends, since it may save before this callback is called.
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.model.queue is None:
            self._make_queue()
        elif epoch > 0 and self.mode != "cycle":
            self._look_at_student(epoch)
        if self.mode == "cycle":
            self._step = int(np.array(self.model.optimizer.iterations))
        else:
            self._assign(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.mode == "cycle":
            self._assign(self._step)
            self._step += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is None or self.mode == "cycle":
            return
        logs["stage"] = stage_at(epoch, self._starts())
        for name in ("task_weights", "distillation_weights"):
            values = np.array(getattr(self.model, name)).tolist()
            pairs = zip(self.model.task_names, values, strict=True)
            logs.update({f"{task}_{name[:-1]}": value for task, value in pairs})

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
        model.schedule.progress = Progress()

    def _ordered(self, blocks: Sequence[Sequence[str]]) -> list[list[str]]:
        if self.order == "random":
            order = np.random.default_rng(self.seed).permutation(len(blocks))
            return [list(blocks[place]) for place in order]
        queue = distillation_queue(blocks, self._complexities())
        return queue[::-1] if self.order == "simple-first" else queue

    def _complexities(self) -> dict[str, float]:
        """Measured once, while the student is untrained, and kept from then on."""
        if isinstance(self.complexity, Mapping):
            return dict(self.complexity)
        state = self.model.schedule
        if state.complexity is None:
            teachers, student = self._losses_of_teachers(), self._losses_of_student()
            state.complexity = complexity_from_losses(teachers, student)
        return state.complexity

    def _losses_of_student(self) -> dict[str, float]:
        return self._probe(dict.fromkeys(self.model.teachers, self.model.student))

    def _losses_of_teachers(self) -> dict[str, float]:
        if self._teacher_losses is None:
            self._teacher_losses = self._probe(self.model.teachers)
        return self._teacher_losses

    def _probe(self, models: Mapping[str, keras.Model]) -> dict[str, float]:
        return probe_losses(models, self.model.task_losses, self._labelled(), self.samples)

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
        queue, epochs = self.model.queue, self.params["epochs"]
        own, taught = stage_weights(
            queue, epoch, epochs, self.mode, starts, self.ramp, self.waiting
        )
        if self.loss_scale:
            scales = loss_scales(self._losses_of_teachers(), self.loss_scale)
            own = {task: weight * scales[task] for task, weight in own.items()}
        self.model.assign_schedule(own, taught)

    def _look_at_student(self, epoch: int) -> None:
        """Let the student's gaps to its teachers start a stage or sort the waiting blocks."""
        state, queue = self.model.schedule, self.model.queue
        if self.stages == "adaptive" and state.progress.started < len(queue):
            gaps = student_gap(self._losses_of_student(), self._losses_of_teachers())
            self._advance(epoch, gaps)
        begun = stage_at(epoch - 1, self._starts()) + 1
        if self.complexity == "student" and begun < len(queue):
            gaps = student_gap(self._losses_of_student(), self._losses_of_teachers())
            state.queue = queue[:begun] + distillation_queue(queue[begun:], gaps)

    def _advance(self, epoch: int, gaps: Mapping[str, float]) -> None:
        state, queue = self.model.schedule, self.model.queue
        before = state.progress
        means = [np.mean([gaps[task] for task in block]) for block in queue[: before.started]]
        last = 1.0 if self.last_start is None else self.last_start
        due = latest_start(before.started, len(queue), self.params["epochs"], last)
        gap = float(np.mean(means))
        after = advance(before, gap, self.patience, self.min_delta, overdue=epoch >= due)
        state.progress = after
        if after.started > before.started:
            state.starts = [*state.starts, epoch]


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(
            f"`{name}` must be one of {', '.join(choices)}. Received: {name}={value!r}."
        )
