"""Distillation block by block, from complex to simple."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.callbacks._indicator import Indicator
from keras_mtkd.callbacks._snapshot import Snapshot
from keras_mtkd.scheduling import distillation_queue, stage_starts, stage_weights
from keras_mtkd.scheduling.adaptive import Progress, advance, check_adaptive, latest_start
from keras_mtkd.scheduling.queue import check_listed
from keras_mtkd.scheduling.scales import loss_scales
from keras_mtkd.scheduling.stages import MODES, stage_at

STAGES = ("equal", "complexity", "adaptive")
ORDERS = ("complex-first", "simple-first", "random")
COMPLEXITIES = ("trial", "teacher", "student")
# A trial epoch would take too large a part of a shorter run.
_SHORTEST_WITH_TRIAL = 10


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
        complexity: `"trial"`: the first epoch trains on all tasks and all teachers; complex is
            what lags behind its teacher after it (`scheduling.student_excess`). The epoch is
            then taken back, optimiser included, and the stages begin (logged stage -1; a second
            copy of these weights is kept on the host meanwhile). `"teacher"`: the share of the
            loss of the untrained student that the teachers have left; also used instead of a
            trial in runs of fewer than 10 epochs. `"student"`: the same for the first block, and
            from then on how far the student still is from its teachers. Or `{task: complexity}`.
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
        loss_scale: Task losses are multiplied by `teacher_loss^-loss_scale`, with a mean of 1: 0
            leaves them as they are, 1 makes those of the teachers equal.
        data: Labelled data for indicators; by default validation data, else training data.
        samples: Samples of it to look at.
        seed: Seed of a random order.

    Raises:
        TypeError: If a block is one text.
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
        complexity: str | Mapping[str, float] = "trial",
        stages: str = "equal",
        ramp: int = 0,
        order: str = "complex-first",
        patience: int = 2,
        min_delta: float = 0.01,
        last_start: float | None = 0.25,
        waiting: tuple[float, float] = (0.03, 0.3),
        loss_scale: float = 0.25,
        data: Any = None,
        samples: int = 512,
        seed: int = 0,
    ) -> None:
        super().__init__()
        check_choice("mode", mode, MODES)
        check_choice("stages", stages, STAGES)
        check_choice("order", order, ORDERS)
        if isinstance(complexity, str):
            check_choice("complexity", complexity, COMPLEXITIES)
        check_listed(blocks)
        check_listed(queue, "queue")
        stage_weights([["task"]], 0, 1, mode, ramp=ramp, waiting=waiting)
        loss_scales({}, loss_scale)
        check_adaptive(patience, 1.0 if last_start is None else last_start)
        self.mode, self.stages, self.ramp, self.order = mode, stages, ramp, order
        self.given_blocks, self.given_queue = blocks, queue
        self.complexity = complexity
        self.patience, self.min_delta, self.last_start = patience, min_delta, last_start
        self.waiting, self.loss_scale = waiting, loss_scale
        self.data, self.samples, self.seed = data, samples, seed
        self._indicator = Indicator(None, data, samples)
        self._before_trial: Snapshot | None = None
        self._step = 0

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        self._indicator = Indicator(model, self.data, self.samples)
        self._before_trial = None

    # All that changes the state happens when an epoch begins, and from the weights alone: not
    # when training begins, since `BackupAndRestore` may only then bring the state back, and not
    # when an epoch ends, since it may save before this callback is called.
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        now = epoch - self._trial_epochs()
        if self.model.queue is None:
            if now < 0:
                self._begin_trial()
                return
            self._make_queue()
        elif now > 0 and self.mode != "cycle":
            self._look_at_student(now)
        if self.mode == "cycle":
            self._step = int(np.asarray(self.model.optimizer.iterations))
        else:
            self._assign(max(now, 0))

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.mode == "cycle" and self._before_trial is None:
            self._assign(self._step)
            self._step += 1

    # The trial ends with the last batch, so that a backup at the end of the epoch has the queue.
    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._before_trial is not None and batch + 1 == self.params["steps"]:
            self._end_trial()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._before_trial is not None:
            self._end_trial()
        if logs is None or self.mode == "cycle":
            return
        now = epoch - self._trial_epochs()
        logs["stage"] = -1 if now < 0 else stage_at(now, self._starts())
        for name in ("task_weights", "distillation_weights"):
            values = np.asarray(getattr(self.model, name)).tolist()
            pairs = zip(self.model.task_names, values, strict=True)
            logs.update({f"{task}_{name[:-1]}": value for task, value in pairs})

    def _trial_epochs(self) -> int:
        """Epochs before the first stage: 1 or 0, and the same whenever it is asked."""
        wanted = self.complexity == "trial" and self.given_queue is None and self.order != "random"
        blocks = self.given_blocks or self.model.blocks or self.model.teachers
        return int(wanted and len(blocks) > 1 and self.params["epochs"] >= _SHORTEST_WITH_TRIAL)

    def _begin_trial(self) -> None:
        everything = dict.fromkeys(self.model.teachers, 1.0)
        self.model.assign_schedule(self._scaled(everything), everything)
        self._before_trial = Snapshot(self.model)

    def _end_trial(self) -> None:
        state = self.model.schedule  # `self.model` also brings JAX's state into the variables.
        state.complexity = self._indicator.excess()
        self._before_trial.restore()  # type: ignore[union-attr]
        self._before_trial = None
        self._make_queue()

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
        """Measured once, before the first stage, and kept from then on."""
        if isinstance(self.complexity, Mapping):
            return dict(self.complexity)
        state = self.model.schedule
        if state.complexity is None:
            tried = self._trial_epochs() > 0
            state.complexity = self._indicator.excess() if tried else self._indicator.share_left()
        return state.complexity

    def _starts(self) -> list[int]:
        queue, epochs = self.model.queue, self._epochs()
        if self.stages == "adaptive":
            starts = self.model.schedule.starts
            return starts + [epochs] * (len(queue) - len(starts))
        measured = self._complexities() if self.stages == "complexity" else None
        return stage_starts(queue, epochs, measured, self.last_start)

    def _epochs(self) -> int:
        """Epochs of all stages together."""
        return self.params["epochs"] - self._trial_epochs()

    def _assign(self, epoch: int) -> None:
        """Set the weights of an epoch, counted from the first stage; of a step if cycling."""
        starts = None if self.mode == "cycle" else self._starts()
        own, taught = stage_weights(
            self.model.queue, epoch, self._epochs(), self.mode, starts, self.ramp, self.waiting
        )
        self.model.assign_schedule(self._scaled(own), taught)

    def _scaled(self, weights: Mapping[str, float]) -> dict[str, float]:
        if not self.loss_scale:
            return dict(weights)
        scales = loss_scales(self._indicator.teacher_losses(), self.loss_scale)
        return {task: weight * scales[task] for task, weight in weights.items()}

    def _look_at_student(self, epoch: int) -> None:
        """Let the student's gaps to its teachers start a stage or sort the waiting blocks."""
        state, queue = self.model.schedule, self.model.queue
        if self.stages == "adaptive" and state.progress.started < len(queue):
            self._advance(epoch, self._indicator.gap())
        begun = stage_at(epoch - 1, self._starts()) + 1
        if self.complexity == "student" and begun < len(queue):
            waiting = distillation_queue(queue[begun:], self._indicator.gap())
            state.queue = queue[:begun] + waiting

    def _advance(self, epoch: int, gaps: Mapping[str, float]) -> None:
        state, queue = self.model.schedule, self.model.queue
        before = state.progress
        means = [np.mean([gaps[task] for task in block]) for block in queue[: before.started]]
        last = 1.0 if self.last_start is None else self.last_start
        due = latest_start(before.started, len(queue), self._epochs(), last)
        gap = float(np.mean(means))
        after = advance(before, gap, self.patience, self.min_delta, overdue=epoch >= due)
        state.progress = after
        if after.started > before.started:
            state.starts = [*state.starts, epoch]
