"""What a teacher teaches in a training step."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.types import Shape, Tensor
from keras_mtkd._data import cached_features
from keras_mtkd._graph.ends import is_graph, prediction
from keras_mtkd._graph.subclassed import outputs_on
from keras_mtkd._storage import fingerprint as _fingerprint
from keras_mtkd.distillation import Distillation
from keras_mtkd.distillation.base import per_sample
from keras_mtkd.distillation.form import common_form
from keras_mtkd.distillation.head import Head, head_of, head_of_model
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.layers.adaptor import keeps_means
from keras_mtkd.layers.frozen_teacher import FrozenTeacher
from keras_mtkd.losses.held_seed import hold_seeds, seeds_of
from keras_mtkd.losses.positions import same_positions
from keras_mtkd.losses.task_losses import TaskLosses, nothing
from keras_mtkd.losses.weigh import weigh

StudentOutputs = tuple[Mapping[str, Tensor], Mapping[str, Tensor]]
"""What a term may read of the student: predictions `{task: tensor}` and taps `{path: tensor}`."""


@dataclass(eq=False)
class Term:
    """One distillation of one task: what the student compares with what, and how far off it is."""

    task: str
    distillation: Distillation
    adaptor: keras.layers.Layer | None = None
    projector: keras.layers.Layer | None = None
    distance: keras.losses.Loss = field(init=False)
    head: Head = field(init=False, default=Head())
    conversion: Callable[[Tensor], Tensor] | None = field(init=False, default=None)

    def compile(
        self, student: keras.Model, losses: TaskLosses, teacher: keras.Model | None
    ) -> None:
        """Settle what is compared, once the tasks' losses are known.

        Args:
            student: Model with dict outputs.
            losses: The loss of every task.
            teacher: The teacher, `None` for the student's own head.

        Raises:
            ValueError: If it is not known what is compared, or they cannot be.
        """
        task, way = self.task, self.distillation
        self.head, self.conversion = Head(), None
        if not way.compares_predictions(task):
            self.distance = way.distance(task, losses[task])
            return
        output = student.output[task]
        self.head = way.head(task, head_of(output, losses[task]))
        self.distance = way.distance_for(task, losses[task], self.head)
        if teacher is None:
            source = self.teacher_task
            theirs = head_of(student.output[source], losses[source])
        else:
            theirs = head_of_model(teacher, self.teacher_task)
        self.conversion = common_form(way, task, self.head, theirs)

    def connect(self, student: Mapping[str, Shape], teacher: Mapping[str, Shape]) -> None:
        """Build adaptor and projector, where taps are compared.

        Args:
            student: The student's taps, `{path: shape}`.
            teacher: The teacher's, likewise.

        Raises:
            ValueError: If what they give cannot be compared.
        """
        way, task = self.distillation, self.task
        ours, theirs = way.student_tap(task), way.teacher_tap(task)
        if ours is None or theirs is None:
            return
        mine, other = student[ours], teacher[theirs]
        self.adaptor = way.adaptor(task, mine, other)
        mine = _shape_after(self.adaptor, mine)
        self.projector = way.projector(task, mine, other)
        way.check_shapes(task, mine, _shape_after(self.projector, other))

    @property
    def key(self) -> str:
        """The name under which adaptor and adapted feature are kept."""
        return f"{self.task}/{self.distillation.name}"

    @property
    def layers(self) -> dict[str, keras.layers.Layer]:
        """The layers that are trained for this term and thrown away afterwards."""
        named = {self.key: self.adaptor, f"{self.key}/projector": self.projector}
        return {name: layer for name, layer in named.items() if layer is not None}

    @property
    def teacher_task(self) -> str:
        """The task whose prediction the teacher gives."""
        teacher = self.distillation.source or self.distillation.teacher
        return teacher if isinstance(teacher, str) else self.task

    @property
    def weight(self) -> float:
        """The fixed factor on the distance."""
        return self.distillation.weight_of(self.task)

    def adapted(
        self, outputs: Mapping[str, Tensor], taps: Mapping[str, Tensor], kept: Tensor | None
    ) -> Tensor:
        """The student's side of the comparison.

        Args:
            outputs: The student's predictions.
            taps: The student's taps.
            kept: The teacher's feature, if it came with the data: maps are averaged to its
                resolution, before the adaptor where that makes no difference but to the time.
        """
        tensor = _pick(self.distillation.student_tap(self.task), self.task, outputs, taps)
        if kept is not None and keeps_means(self.adaptor) and keeps_means(self.projector):
            tensor = cached_features.pool_like(tensor, kept)
        return tensor if self.adaptor is None else self.adaptor(tensor, training=True)

    def measure(
        self, adapted: Tensor, outputs: Any, taps: Mapping[str, Tensor], step: TrainingStep
    ) -> Tensor:
        """The distance to the teacher, a float32 scalar."""
        target = _pick(self.distillation.teacher_tap(self.task), self.teacher_task, outputs, taps)
        if self.projector is not None:
            target = self.projector(target, training=True)
        if self.conversion is not None:
            target = self.conversion(target)
        target = self.distillation.target(self.task, target, replace(step, head=self.head))
        weight = self.distillation.sample_weight(self.task, step)
        known = self.distillation.known_positions(self.task, step)
        if step.features is not None:
            adapted = cached_features.pool_like(adapted, target)
        tapped = self.distillation.student_tap(self.task) is not None
        if tapped and weight is not None and not same_positions(weight, adapted.shape[:-1]):
            # The loss would take them for the feature's own wherever the numbers agree.
            weight = per_sample(weight)
        return ops.cast(weigh(self.distance, target, adapted, weight, known), "float32")


@dataclass(eq=False)
class TeacherBranch:
    """One distinct teacher, `None` for the student's own heads, and all terms that it gives."""

    name: str
    teacher: FrozenTeacher | None
    terms: list[Term]
    fingerprint: str | None = None
    tried: list[Any] = field(default_factory=list)

    @property
    def tasks(self) -> list[str]:
        """The tasks that it teaches."""
        return list(dict.fromkeys(term.task for term in self.terms))

    @property
    def is_subclassed(self) -> bool:
        """Whether it is a model whose graph is not known."""
        return self.teacher is not None and not is_graph(self.teacher.model)

    def outputs_on(self, inputs: Any) -> Any:
        """What a subclassed teacher gives, see `_graph.subclassed.outputs_on`; once for a shape.

        Args:
            inputs: Symbolic inputs.

        Raises:
            ValueError: If it cannot be called on them, naming its tasks.
        """
        like = keras.tree.map_structure(lambda each: str(each.shape[1:]), inputs)
        if self.teacher is None or like in self.tried:
            return None
        try:
            outputs = outputs_on(self.teacher.model, inputs)
        except ValueError as error:
            raise ValueError(f"Teacher of {self.tasks}: {error}") from error
        self.tried.append(like)
        return outputs

    def compile(self, student: keras.Model, losses: TaskLosses) -> None:
        """Settle what the terms compare, see `Term.compile`."""
        for term in self.terms:
            term.compile(student, losses, None if self.teacher is None else self.teacher.model)

    def adapted(
        self, seen: Callable[[str], StudentOutputs], features: Any
    ) -> Iterator[tuple[str, Tensor]]:
        """The student's side of every term: its key and tensor.

        Args:
            seen: What the terms of a task may read of the student.
            features: Teachers' features that came with the batch, or `None`.
        """
        views = {task: seen(task) for task in self.tasks}
        for term in self.terms:
            outputs, taps = views[term.task]
            path = term.distillation.teacher_tap(term.task)
            kept = (features or {}).get(self._key(path, term.teacher_task))
            yield term.key, term.adapted(outputs, taps, kept)

    def teach(self, step: TrainingStep, adapted: Mapping[str, Tensor], active: Tensor) -> Tensor:
        """Distances of all terms, `(terms,)` in float32; zeros, and no forward, if inactive."""

        def run() -> Tensor:
            outputs, taps = self._shown(step)
            distances = [
                term.measure(adapted[term.key], outputs, taps, step) for term in self.terms
            ]
            return ops.stack(distances)

        def skip() -> Tensor:
            # Without a graph the branch not taken leaves no trace, and weights that only it
            # reaches would have no gradient: optimisers pass over those, while a gradient of zero
            # lets their momentum and decay go on.
            reached = [adapted[term.key] for term in self.terms]
            reached += [
                variable.value
                for term in self.terms
                if term.projector is not None
                for variable in term.projector.trainable_variables
            ]
            none = ops.sum(ops.stack([nothing(tensor) for tensor in reached]))
            return ops.zeros((len(self.terms),), dtype="float32") + none

        with hold_seeds(seed for term in self.terms for seed in seeds_of(term.distance)):
            return ops.cond(active, run, skip)

    def mark(self) -> None:
        """Note which teacher this is, before its features are written or looked up."""
        if self.teacher is not None:
            self.fingerprint = _fingerprint.of_model(self.teacher.model)

    def features(self, x: Any) -> Iterator[tuple[str, str | None, Tensor]]:
        """What the terms ask of the teacher: key, path (`None` for a prediction) and tensor."""
        if self.teacher is not None:
            outputs, taps = self.teacher(x)
            for key, (path, task) in self.keys().items():
                yield key, path, _pick(path, task, outputs, taps)

    def keys(self) -> dict[str, tuple[str | None, str]]:
        """Names of the features of this exact teacher, `{key: (path, task)}`."""
        if self.teacher is None:
            return {}
        asked = [
            (term.distillation.teacher_tap(term.task), term.teacher_task) for term in self.terms
        ]
        return {self._key(path, task): (path, task) for path, task in asked}

    def _key(self, path: str | None, task: str) -> str:
        return cached_features.feature_key(self.name, self.fingerprint or "unmarked", path, task)

    def _shown(self, step: TrainingStep) -> tuple[Any, dict[str, Tensor]]:
        """Predictions and taps that nobody learns from but the student under this teacher."""
        if self.teacher is None:
            return {task: ops.stop_gradient(own) for task, own in step.y_pred.items()}, {}
        if step.features is None:
            return self.teacher(step.x)
        cached_features.require_features(step.features, self.keys())
        outputs, taps = {}, {}
        for key, (path, task) in self.keys().items():
            value = ops.cast(step.features[key], "float32")
            if path is None:
                outputs[task] = value
            else:
                taps[path] = value
        return outputs, taps


def _shape_after(layer: keras.layers.Layer | None, shape: Shape) -> Shape:
    return shape if layer is None else tuple(layer.compute_output_shape(shape))


def _pick(tap: str | None, task: str, outputs: Any, taps: Mapping[str, Tensor]) -> Tensor:
    return prediction(outputs, task) if tap is None else taps[tap]
