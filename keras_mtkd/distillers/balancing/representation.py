"""Objectives that meet at one representation, where their gradients are combined."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.balancing.aggregation.rotograd import RotoGrad
from keras_mtkd.balancing.balancing import Balancing
from keras_mtkd.balancing.gradient_assignment import GradientAssignment
from keras_mtkd.balancing.grouped import grouped
from keras_mtkd.balancing.objectives import Objectives
from keras_mtkd.distillers.balancing.balancer import Balancer, StudentRun
from keras_mtkd.distillers.balancing.rotated_heads import rotations_of
from keras_mtkd.distillers.balancing.split import SplitStudent
from keras_mtkd.distillers.optimizers import Part
from keras_mtkd.distillers.terms import StudentOutputs
from keras_mtkd.layers.gradient_balancer import GradientBalancer
from keras_mtkd.layers.rotating_balancer import RotatingBalancer
from keras_mtkd.layers.rotation import Rotation, lead


class RepresentationBalancer(Balancer):
    """Runs the student so that every objective reaches the shared tensor through its own copy.

    Where distances are objectives of their own, or not balanced, a head that they look into runs
    a second time. It shares the student's layers and is no `keras.Layer` itself.

    Args:
        model: The student, functional with dict outputs.
        student: The same with its taps.
        objectives: What is balanced.
        balancing: The method, and at which layer.
        paths: `{task: taps}` that the distances of each task read; `None` is its prediction.

    Raises:
        ValueError: If not all tasks pass through the layer, or a task reads a tap in the head of
            another, or heads do not begin with the rotations that a method needs.
    """

    kept_as = "gradient_balancer"
    layer: GradientBalancer

    def __init__(
        self,
        model: keras.Model,
        student: TappedModel,
        objectives: Objectives,
        balancing: Balancing,
        paths: Mapping[str, Sequence[str | None]],
    ) -> None:
        super().__init__(student, objectives)
        taps = {path for task in paths.values() for path in task if path is not None}
        self._split = SplitStudent(model, balancing.layer, sorted(taps))
        method = grouped(balancing.method, objectives.groups, balancing.record)
        plain = objectives.kind == "losses" and bool(objectives.taught)
        arguments = (method, len(objectives.names), plain, balancing.times_tasks)
        self._rotations: list[Rotation] = []
        if isinstance(balancing.method, RotoGrad):
            self._rotations = rotations_of(self._split, objectives)
            self._rotation_rate = balancing.method.learning_rate
            self.layer = RotatingBalancer(*arguments, rotations=self._rotations)
        else:
            self.layer = GradientBalancer(*arguments)
        self._looks_into_head = dict.fromkeys(paths, False)
        for task, read in paths.items():
            for path in read:
                self._looks_into_head[task] |= self._is_in_head(task, path)

    def optimizers(self) -> list[Part]:
        """New optimisers for what the layer remembers and for the rotations it trains."""
        parts: list[Part] = [(GradientAssignment(), [self.layer])]
        if self._rotations:
            parts.append((keras.optimizers.Adam(self._rotation_rate), self._rotations))
        return parts

    def _run(self, task: str, shared: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """A task's prediction and taps."""
        with lead(self._rotations):
            return self._split.heads[task](shared, training=True)

    def _is_in_head(self, task: str, path: str | None) -> bool:
        split = self._split
        if path is None or path in split.heads[task].shapes:
            return True
        if path in split.shared_paths or path in split.trunk.shapes:
            return False
        raise ValueError(
            f"The tap '{path}' of task '{task}' is in the head of another task, whose gradients "
            'are kept apart. Tap a layer that both share, or use `level="parameters"`.'
        )

    def run(self, x: Any) -> StudentRun:
        shared, trunk_taps = self._split.trunk(x, training=True)
        copies, signal = self.layer(shared)
        heads = self._split.heads
        runs = {task: self._run(task, copy) for task, copy in zip(heads, copies, strict=False)}

        def seen(task: str) -> StudentOutputs:
            place = self.objectives.place_of_distance(task)
            copy = copies[-1 if place is None else place]
            output, head_taps = runs[task]
            if copy is not copies[list(heads).index(task)] and self._looks_into_head[task]:
                output, head_taps = self._run(task, copy)
            at_shared = dict.fromkeys(self._split.shared_paths, copy)
            return {task: output}, {**trunk_taps, **at_shared, **head_taps}

        return {task: output for task, (output, _) in runs.items()}, seen, {"signal": signal}

    def total(
        self, values: Tensor, plain: Tensor | float, carried: Mapping[str, Tensor], batch: Tensor
    ) -> Tensor:
        total = ops.sum(values) + plain
        if "signal" in carried:
            # Adds nothing: the gradient of the signal brings the values to the layer.
            total += ops.sum(carried["signal"] * ops.stop_gradient(ops.append(values, 1.0)))
        return total
