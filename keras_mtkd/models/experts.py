"""Mixtures of experts: MMoE, and CGC and PLE with experts of the tasks' own."""

from collections.abc import Callable, Mapping, Sequence

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_names
from keras_mtkd._backend.types import Tensor
from keras_mtkd._graph.ends import graph_ends
from keras_mtkd._graph.taps import require_functional
from keras_mtkd.layers.mixing import ExpertMixture

Expert = Callable[[], keras.layers.Layer]
Heads = Mapping[str, keras.layers.Layer]


@mtkd_export("keras_mtkd.models.mmoe")
def mmoe(
    backbone: keras.Model,
    heads: Heads,
    expert: Expert,
    experts: int = 4,
    name: str = "mmoe",
) -> keras.Model:
    """Multi-gate mixture of experts: all tasks share the experts, each has a gate of its own.

    A task's mixture can be tapped as `mixture_{task}`, with `_` for what names of layers cannot
    have, such as spaces.

    Args:
        backbone: Functional model from the inputs to what gates and experts read.
        heads: `{task: layer or model}`, from a mixture to the prediction.
        expert: Function that makes a new layer or model.
        experts: Number of experts.
        name: Name of the model.

    Returns:
        A functional model with outputs `{task: tensor}`.

    Raises:
        TypeError: If the backbone is no Keras model.
        ValueError: If it is not functional, or there is no expert or no head.

    Source: Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate
    Mixture-of-Experts" (2018).
    """
    _check(backbone, heads, {"experts": experts})
    inputs, shared = graph_ends(backbone)
    made = [expert()(shared) for _ in range(experts)]
    names = valid_names(heads)
    outputs = {
        task: head(ExpertMixture(name=f"mixture_{names[task]}")(shared, made))
        for task, head in heads.items()
    }
    return keras.Model(inputs, outputs, name=name)


@mtkd_export("keras_mtkd.models.ple")
def ple(
    backbone: keras.Model,
    heads: Heads,
    expert: Sequence[Expert] | Expert,
    shared_experts: int = 2,
    task_experts: int = 1,
    name: str = "ple",
) -> keras.Model:
    """Progressive layered extraction: experts of the tasks' own beside shared ones, in levels.

    One level is customized gate control (CGC). On level n (from 1) a task's mixture can be
    tapped as `level{n}_{task}`, with `_` for what names of layers cannot have, such as spaces.

    Args:
        backbone: Functional model from the inputs to what the first level reads.
        heads: `{task: layer or model}`, from a task's last mixture to its prediction.
        expert: Functions that make a new layer or model, one a level; or one for a single level.
        shared_experts: Experts a level that all tasks read.
        task_experts: Experts a level and task that it alone reads.
        name: Name of the model.

    Returns:
        A functional model with outputs `{task: tensor}`.

    Raises:
        TypeError: If the backbone is no Keras model.
        ValueError: If it is not functional, or there is no expert, level or head.

    Source: Tang et al., "Progressive Layered Extraction" (2020).
    """
    levels = [expert] if callable(expert) else list(expert)
    counts = {"shared_experts": shared_experts, "task_experts": task_experts}
    _check(backbone, heads, {**counts, "expert": len(levels)})
    inputs, shared = graph_ends(backbone)
    names = valid_names(heads, taken=["shared"])
    features: dict[str, Tensor] = dict.fromkeys(heads, shared)
    for number, make in enumerate(levels, start=1):
        common = [make()(shared) for _ in range(shared_experts)]
        own = {task: [make()(features[task]) for _ in range(task_experts)] for task in heads}
        if number < len(levels):
            everything = [*common, *(feature for group in own.values() for feature in group)]
            shared_next = ExpertMixture(name=f"level{number}_shared")(shared, everything)
        else:
            # The last level's shared mixture would have no reader.
            shared_next = shared
        features = {
            task: ExpertMixture(name=f"level{number}_{names[task]}")(
                features[task], own[task] + common
            )
            for task in heads
        }
        shared = shared_next
    outputs = {task: head(features[task]) for task, head in heads.items()}
    return keras.Model(inputs, outputs, name=name)


def _check(backbone: keras.Model, heads: Heads, counts: Mapping[str, int]) -> None:
    require_functional(backbone, "backbone")
    if not heads:
        raise ValueError("`heads` must have at least one task. Received: heads={}.")
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"`{name}` must be at least 1. Received: {count}.")
