"""Sequential cooperative distillation and its ablations, by name."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np

from keras_mtkd.callbacks import SequentialDistillation, SimilarityGrouping
from keras_mtkd.experiments._registry import register
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.ways import features, nothing
from keras_mtkd.problem import Problem
from keras_mtkd.scheduling import group_tasks
from keras_mtkd.similarity import task_similarity

Teachers = Mapping[str, keras.Model]

# Name, title, what it does, and what `_method` takes besides.
# fmt: off
_VARIANTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("scd", "SCD",
     "Blocks of tasks, the complex first (a reconstruction).", {}),
    ("scd-reversed", "SCD reversed",
     "SCD with the simple blocks first.", {"order": "simple-first"}),
    ("scd-random-order", "SCD random order",
     "SCD with the blocks in random order.", {"order": "random"}),
    ("scd-singletons", "SCD singletons",
     "SCD with every task a block of its own.", {"blocks": "single"}),
    ("scd-random-blocks", "SCD random blocks",
     "SCD with blocks filled at random.", {"blocks": "random"}),
    ("scd-cumulative", "SCD cumulative",
     "SCD with the losses of all tasks on from the start.", {"mode": "cumulative"}),
    ("scd-strict", "SCD strict",
     "SCD in which waiting tasks weigh nothing.", {"waiting": (0.0, 0.0)}),
    ("scd-exclusive", "SCD exclusive",
     "SCD that distils one block at a time.", {"mode": "exclusive"}),
    ("scd-cycle", "SCD cycle",
     "SCD that takes another block every step.", {"mode": "cycle"}),
    ("scd-adaptive", "SCD adaptive",
     "SCD whose next block enters when gains stop.",
     {"stages": "adaptive", "last_start": 0.75}),
    # No order: MTLKD, with the task losses scaled as SCD does.
    ("scd-one-block", "SCD one block",
     "SCD with one block: MTLKD with scaled task losses.", {"blocks": "one"}),
    ("scd-unscaled", "SCD unscaled",
     "SCD without scaling of the task losses.", {"loss_scale": 0.0}),
    ("scd-labels", "SCD of labels alone",
     "SCD of task losses alone, all teachers from the start.",
     {"waiting": (0.03, 1.0)}),
    ("scd-teacher", "SCD by teacher",
     "SCD with complexity read off the teachers.", {"complexity": "teacher"}),
    ("scd-student", "SCD by student",
     "SCD with complexity read off the student.", {"complexity": "student"}),
    ("scd-no-distillation", "SCD no distillation",
     "SCD's order of the task losses, without the teachers.", {"ways": nothing}),
)
# fmt: on


def _method(
    title: str,
    summary: str,
    ways: Callable[[Problem, Settings], list[Any]] = features,
    blocks: str = "similar",
    **schedule: Any,
) -> Method:
    """A variant, by its ways of distilling, its blocks and what `SequentialDistillation` takes."""
    return Method(title, ways, partial(_BLOCKS[blocks], **schedule), summary=summary)


def _similar(
    problem: Problem, teachers: Teachers, settings: Settings, seed: int, **schedule: Any
) -> list[Any]:
    """Similar tasks form a block."""
    grouping = SimilarityGrouping(layer=problem.taps[0])
    return [grouping, *_single(problem, teachers, settings, seed, **schedule)]


def _single(
    problem: Problem, teachers: Teachers, settings: Settings, seed: int, **schedule: Any
) -> list[Any]:
    """Every task is a block."""
    return [SequentialDistillation(seed=seed, **schedule)]


def _random(problem: Problem, teachers: Teachers, settings: Settings, seed: int) -> list[Any]:
    """Blocks of the sizes that similarity gives, filled at random."""
    similarity = task_similarity(teachers, problem.train, layer=problem.taps[0])
    tasks = list(np.random.default_rng(seed).permutation(list(teachers)))
    blocks = []
    for block in group_tasks(similarity, list(teachers)):
        blocks.append([str(task) for task in tasks[: len(block)]])
        tasks = tasks[len(block) :]
    return [SequentialDistillation(blocks=blocks)]


def _one(problem: Problem, teachers: Teachers, settings: Settings, seed: int) -> list[Any]:
    """All tasks are one block."""
    return [SequentialDistillation(queue=[list(teachers)])]


_BLOCKS: dict[str, Callable[..., list[Any]]] = {
    "similar": _similar,
    "single": _single,
    "random": _random,
    "one": _one,
}
register(
    {name: _method(title, summary, **options) for name, title, summary, options in _VARIANTS},
    group="scd-variants",
    family="SCD and variants of it: tasks compete for few shared units and some starve",
)
