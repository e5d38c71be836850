"""What the tasks of a model share: weights, and the tensor at which the model is cut in two."""

from typing import Any

import keras

from keras_mtkd._backend.keras_compat import call_of, maker_of
from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.ends import is_graph
from keras_mtkd._graph.taps import TappedModel, path_within, tap_paths


class SplitStudent:
    """A student cut at a shared tensor: a trunk that runs once, and a head for every task.

    Trunk and heads share the student's layers. Like `TappedModel` it is no `keras.Layer`.

    Args:
        student: Functional model with dict outputs.
        layer: Name of the layer whose output is shared; `None` for the last one that all tasks
            pass through.
        paths: Layers to tap.

    Attributes:
        trunk: Inputs to the shared tensor.
        heads: `{task: model}` from the shared tensor to the task's prediction.
        shared_paths: The taps among `paths` that are the shared tensor itself.

    Raises:
        ValueError: If no tensor, or not that of `layer`, is passed by all tasks, or a tap is in
            neither half.
    """

    def __init__(self, student: keras.Model, layer: str | None, paths: list[str]) -> None:
        shared = _last_shared(student) if layer is None else _output_of(student, layer)
        self.shared_paths = [path for path in paths if _is_at(path, shared)]
        others = [path for path in paths if path not in self.shared_paths]
        trunk = keras.Model(student.input, shared)
        heads = {task: keras.Model(shared, output) for task, output in student.output.items()}
        in_trunk = [path for path in others if path in tap_paths(trunk)]
        self.trunk = TappedModel(trunk, in_trunk)
        self.heads = {}
        for task, head in heads.items():
            known = tap_paths(head)
            self.heads[task] = TappedModel(head, [path for path in others if path in known])


def shared_variables(student: keras.Model) -> set[int]:
    """`id`s of the trainable weights that several tasks depend on; all, if there is one task."""
    uses: dict[int, int] = {}
    for output in student.output.values():
        graph = {id(maker_of(t)): t for t in _tensors([output])}
        layers = [maker_of(tensor) for tensor in graph.values()]
        for variable in {id(v) for layer in layers for v in getattr(layer, "variables", ())}:
            uses[variable] = uses.get(variable, 0) + 1
    least = min(2, len(student.output))
    return {id(v) for v in student.trainable_variables if uses.get(id(v), 0) >= least}


def _output_of(student: keras.Model, name: str) -> Tensor:
    layers = {layer.name: layer for layer in student.layers}
    if name not in layers:
        raise ValueError(
            f"There is no layer '{name}' in '{student.name}' itself. The gradients of the tasks "
            "are balanced at a layer of the student that all tasks pass through; for one inside a "
            f"nested model name that model. Its layers: {list(layers)}."
        )
    shared = layers[name].output
    if keras.tree.is_nested(shared) or _reaches_inputs_without(student, shared):
        raise ValueError(
            f"Not all tasks of '{student.name}' pass through the layer '{name}', or it has several "
            "outputs, so that their gradients cannot be balanced there. Leave `layer` out, or use "
            '`level="parameters"`.'
        )
    return shared


def has_shared_layer(student: keras.Model) -> bool:
    """Whether all tasks pass through some layer."""
    return any(_is_shared(student, tensor) for tensor in _tensors(student.output))


def _last_shared(student: keras.Model) -> Tensor:
    """The last tensor that every way from the inputs to any output passes."""
    for tensor in reversed(_tensors(student.output)):
        if _is_shared(student, tensor):
            return tensor
    raise ValueError(
        f"There is no layer of '{student.name}' that all of its tasks pass through, so their "
        'gradients cannot be balanced at one. Use `level="parameters"`.'
    )


def _is_shared(student: keras.Model, tensor: Tensor) -> bool:
    is_end = _is_input(tensor) or any(tensor is output for output in student.output.values())
    return not is_end and not _reaches_inputs_without(student, tensor)


def _tensors(outputs: Any) -> list[Tensor]:
    """All tensors of a graph, each after those that it is computed from."""
    ordered: dict[int, Tensor] = {}
    pending = [(tensor, False) for tensor in keras.tree.flatten(outputs)]
    while pending:
        tensor, done = pending.pop()
        if id(tensor) in ordered:
            continue
        if done:
            ordered[id(tensor)] = tensor
            continue
        pending.append((tensor, True))
        pending.extend((source, False) for source in _sources(tensor))
    return list(ordered.values())


def _reaches_inputs_without(model: keras.Model, barred: Tensor) -> bool:
    """Whether some output can be computed from the inputs without a tensor."""
    seen = {id(barred)}
    pending = [tensor for tensor in keras.tree.flatten(model.output) if tensor is not barred]
    while pending:
        tensor = pending.pop()
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        if _is_input(tensor):
            return True
        pending.extend(_sources(tensor))
    return False


def _sources(tensor: Tensor) -> list[Tensor]:
    return call_of(tensor).input_tensors


def _is_input(tensor: Tensor) -> bool:
    return isinstance(maker_of(tensor), keras.layers.InputLayer)


def _is_at(path: str, tensor: Tensor) -> bool:
    """Whether a tap is this tensor of the model's graph, perhaps named inside a nested model."""
    source = maker_of(tensor)
    if path == source.name:
        return True
    rest = path_within(source.name, path)
    if rest is None or not is_graph(source) or len(source.outputs) != 1:
        return False
    return _is_at(rest, source.outputs[0])
