"""Who teaches whom, as a model that Keras can draw."""

from typing import Any

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Shape, Tensor
from keras_mtkd._graph.ends import graph_ends, new_inputs, prediction
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.distillers.multi_task_distiller import MultiTaskDistiller
from keras_mtkd.distillers.terms import Term
from keras_mtkd.layers.frozen_teacher import FrozenTeacher


@mtkd_export("keras_mtkd.plots.training_graph")
def training_graph(distiller: MultiTaskDistiller) -> keras.Model:
    """A functional model of what a training step runs: student, teachers, adaptors.

    It shares all weights with the distiller and is meant for `keras.utils.plot_model` and
    `summary`, which see a distiller itself only as a list of layers. A layer `compare_...` gives
    the two tensors, student's first, whose distance is taken.

    Args:
        distiller: The distiller; it need not be compiled.

    Returns:
        A model of the student's inputs, with the outputs `"task"` for every task and
        `"task/distillation"` for every pair that is compared.

    Examples:
        >>> import keras, keras_mtkd as mtkd
        >>> def model(width):
        ...     x = keras.Input((4,))
        ...     shared = keras.layers.Dense(width, name="shared")(x)
        ...     return keras.Model(x, {"a": keras.layers.Dense(1)(shared)})
        >>> taps = [mtkd.FeatureDistillation("shared")]
        >>> graph = training_graph(mtkd.MultiTaskDistiller(model(3), {"a": model(5)}, taps))
        >>> sorted(graph.output)
        ['a', 'a/shared']
    """
    wiring = distiller.wiring
    inputs = new_inputs(distiller.student)
    paths = [term.distillation.student_tap(term.task) for term in wiring.terms]
    student = _as_one(distiller.student, [path for path in paths if path is not None])
    shown = student(inputs)
    pairs = {}
    for branch in wiring.branches:
        theirs, taps = shown["outputs"], shown["taps"]
        if branch.teacher is not None:
            theirs, taps = _with_outputs(branch.teacher)(inputs)
        for term in branch.terms:
            mine = term.adapted(shown["outputs"], shown["taps"], kept=None)
            pairs[term.key] = _pair(term, mine, _target(term, theirs, taps))
    return keras.Model(inputs, {**shown["outputs"], **pairs}, name=f"{distiller.name}_graph")


class _Compare(keras.layers.Layer):
    """Gives the two tensors that it gets."""

    def call(self, student: Tensor, teacher: Tensor) -> tuple[Tensor, Tensor]:
        return student, teacher

    def compute_output_shape(self, student_shape: Shape, teacher_shape: Shape) -> Any:
        return student_shape, teacher_shape


def _as_one(model: keras.Model, paths: list[str]) -> keras.Model:
    """The student as a single layer of the graph that also gives its taps."""
    inputs, outputs = graph_ends(TappedModel(model, paths).graph)
    graph = outputs if paths else {"outputs": outputs, "taps": {}}
    return keras.Model(inputs, graph, name=model.name)


def _with_outputs(teacher: FrozenTeacher) -> FrozenTeacher:
    """The same teacher, run to its end: what a graph runs cannot be `None`."""
    return FrozenTeacher(teacher.model, tuple(teacher.shapes), name=teacher.name)


def _target(term: Term, outputs: Any, taps: Any) -> Tensor:
    path = term.distillation.teacher_tap(term.task)
    target = prediction(outputs, term.teacher_task) if path is None else taps[path]
    return target if term.projector is None else term.projector(target)


def _pair(term: Term, mine: Tensor, theirs: Tensor) -> tuple[Tensor, Tensor]:
    name = f"compare_{term.task}_{term.distillation.name}".replace("/", "_")
    return _Compare(name=name)(mine, theirs)
