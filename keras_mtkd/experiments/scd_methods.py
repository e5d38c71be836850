"""Sequential cooperative distillation and its ablations, by name."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_mtkd.callbacks import SequentialDistillation, SimilarityGrouping
from keras_mtkd.distillation import FeatureDistillation
from keras_mtkd.experiments.method import Method, Settings
from keras_mtkd.problem import Problem
from keras_mtkd.scheduling import group_tasks
from keras_mtkd.similarity import task_similarity


def features(
    problem: Problem, settings: Settings, use_sample_weight: bool | str = True
) -> list[Any]:
    """Feature distillation at the problem's taps."""
    penalty = settings.adaptor_weight_decay
    regularizer = keras.regularizers.L2(penalty / 2) if penalty else None
    return [
        FeatureDistillation(
            tap,
            weight=settings.weight,
            adaptor_regularizer=regularizer,
            use_sample_weight=use_sample_weight,
        )
        for tap in problem.taps
    ]


def nothing(problem: Problem, settings: Settings) -> list[Any]:
    """No distillation."""
    return []


def _scheduled(grouping: bool = True, **schedule: Any) -> Callable[..., list[Any]]:
    """Makes the callbacks of a method, with a new schedule for every run."""

    def callbacks(problem: Problem, teachers: Any, settings: Settings, seed: int) -> list[Any]:
        made: list[Any] = [SequentialDistillation(seed=seed, **schedule)]
        return [SimilarityGrouping(layer=problem.taps[0]), *made] if grouping else made

    return callbacks


def _random_blocks(problem: Problem, teachers: Any, settings: Settings, seed: int) -> list[Any]:
    """Blocks of the sizes that similarity gives, filled at random."""
    similarity = task_similarity(teachers, problem.train, layer=problem.taps[0])
    tasks = list(np.random.default_rng(seed).permutation(list(teachers)))
    blocks = []
    for block in group_tasks(similarity, list(teachers)):
        blocks.append([str(task) for task in tasks[: len(block)]])
        tasks = tasks[len(block) :]
    return [SequentialDistillation(blocks=blocks)]


def _one_block(problem: Problem, teachers: Any, settings: Settings, seed: int) -> list[Any]:
    """No order: MTLKD, with the task losses scaled as SCD does."""
    return [SequentialDistillation(queue=[list(teachers)])]


SCD_METHODS: dict[str, Method] = {
    "scd": Method(
        "SCD",
        features,
        _scheduled(),
        summary="Similar tasks in blocks, complex blocks distilled first (a reconstruction).",
    ),
    "scd-reversed": Method(
        "SCD reversed",
        features,
        _scheduled(order="simple-first"),
        summary="SCD with the simple blocks first.",
    ),
    "scd-random-order": Method(
        "SCD random order",
        features,
        _scheduled(order="random"),
        summary="SCD with the blocks in random order.",
    ),
    "scd-singletons": Method(
        "SCD singletons",
        features,
        _scheduled(grouping=False),
        summary="SCD with every task a block of its own.",
    ),
    "scd-random-blocks": Method(
        "SCD random blocks", features, _random_blocks, summary="SCD with blocks filled at random."
    ),
    "scd-cumulative": Method(
        "SCD cumulative",
        features,
        _scheduled(mode="cumulative"),
        summary="SCD with the losses of all tasks on from the start.",
    ),
    "scd-strict": Method(
        "SCD strict",
        features,
        _scheduled(waiting=(0.0, 0.0)),
        summary="SCD in which waiting tasks weigh nothing.",
    ),
    "scd-exclusive": Method(
        "SCD exclusive",
        features,
        _scheduled(mode="exclusive"),
        summary="SCD that distils one block at a time.",
    ),
    "scd-cycle": Method(
        "SCD cycle",
        features,
        _scheduled(mode="cycle"),
        summary="SCD that takes another block every step.",
    ),
    "scd-adaptive": Method(
        "SCD adaptive",
        features,
        _scheduled(stages="adaptive", last_start=0.75),
        summary="SCD whose next block enters when the current ones stop gaining.",
    ),
    "scd-one-block": Method(
        "SCD one block",
        features,
        _one_block,
        summary="SCD with all tasks in one block: MTLKD with scaled task losses.",
    ),
    "scd-unscaled": Method(
        "SCD unscaled",
        features,
        _scheduled(loss_scale=0.0),
        summary="SCD without scaling of the task losses.",
    ),
    "scd-labels": Method(
        "SCD of labels alone",
        features,
        _scheduled(waiting=(0.03, 1.0)),
        summary="SCD that orders the task losses alone; all teachers teach from the start.",
    ),
    "scd-teacher": Method(
        "SCD by teacher",
        features,
        _scheduled(complexity="teacher"),
        summary="SCD with complexity read off the teachers.",
    ),
    "scd-student": Method(
        "SCD by student",
        features,
        _scheduled(complexity="student"),
        summary="SCD with complexity read off the student.",
    ),
    "scd-no-distillation": Method(
        "SCD no distillation",
        nothing,
        _scheduled(),
        summary="SCD's order of the task losses, without teachers' features.",
    ),
}
