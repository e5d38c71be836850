"""A small student with few labels, with and without larger teachers, on one data set.

The students share one architecture, and all samples; of every task's training labels they see a
share. The teachers have four times the filters and units, and learned from all labels or from the
same share. They teach on all samples, since that needs no labels.
"""

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmarks.results.data_sets import DATA_SETS, DataSet
from benchmarks.results.records import Record, described, noted
from keras_mtkd import Problem, train_teachers
from keras_mtkd.datasets import ArrayDataset, mask_missing
from keras_mtkd.experiments import METHODS as KNOWN
from keras_mtkd.experiments import Method, Settings, compare

EXPERIMENT = "compression"
SHARES = (1.0, 0.3, 0.1)
# Labels of the students, and of their teachers.
CASES = tuple((share, of) for share in SHARES for of in dict.fromkeys((1.0, share)))
SEEDS = 5
PLAIN = "uniform"


def _both(problem: Problem, settings: Settings) -> list[Any]:
    ways = (KNOWN[name].distillation for name in ("mtlkd-fill", "logits-fill"))
    return [each for way in ways for each in way(problem, settings)]


BOTH = Method("Both, all samples", _both, name="both-fill")
METHODS: tuple[str | Method, ...] = (PLAIN, "mtlkd-fill", "logits-fill", BOTH)


def with_share(problem: Problem, share: float, seed: int) -> Problem:
    """The problem with a share of every task's training labels; samples stay.

    Args:
        problem: The problem, changed in place.
        share: Share of the labels of a task that stay, of the samples that have one.
        seed: Seed of which.
    """
    if share == 1.0:
        return problem
    data = problem.train
    generator, weights = np.random.default_rng([seed, 7]), data.sample_weight or {}
    masks: dict[str, np.ndarray] = {}
    for task, values in data.y.items():
        known = np.ones(len(values), bool)
        if task in weights:
            known = weights[task].reshape(len(values), -1).any(axis=1)
        labelled = generator.permutation(np.flatnonzero(known))
        masks[task] = np.isin(np.arange(len(values)), labelled[: round(share * len(labelled))])
    y, kept = mask_missing(data.y, masks=masks)
    kept |= {task: kept[task] * weight for task, weight in weights.items()}
    problem.train = ArrayDataset(data.x, y, kept, batch_size=data.batch_size, shuffle=True)
    return problem


def problem_of(name: str, data: Path | None, share: float, seed: int, larger: bool) -> Problem:
    """The problem of a data set, in whichever process."""
    return with_share(DATA_SETS[name].problem(data, larger), share, seed)


def teachers_of(
    name: str, data: Path | None, share: float, settings: Settings, directory: Path, seed: int
) -> dict[str, keras.Model]:
    """Larger teachers, trained or loaded."""
    return train_teachers(
        problem_of(name, data, share, seed, larger=True),
        settings.epochs,
        settings.learning_rate,
        seed,
        directory / f"labels-{share:g}-seed-{seed}",
        decay=settings.decay,
        restore_best_weights=settings.restore_best_weights,
        train_metrics=settings.train_metrics,
    )


def run(data_set: DataSet, data: Path | None, directory: Path, workers: int) -> Record:
    """Train what is not there yet.

    Args:
        data_set: The data set.
        data: Folder with the folders of data, or `None`.
        directory: Where students and teachers are kept.
        workers: Processes that train side by side.

    Returns:
        What the file holds.
    """
    root = directory / data_set.name / EXPERIMENT
    told = described(data_set.name, data_set.title, EXPERIMENT, data_set.problem(data))
    settings, cases = data_set.settings, []
    for share, of in CASES:
        teachers = partial(teachers_of, data_set.name, data, of, settings, root / "teachers")
        compared = [
            # Which labels are left is drawn anew for every seed.
            compare(
                partial(problem_of, data_set.name, data, share, seed, False),
                ("single", *METHODS),
                [seed],
                root / f"labels-{share:g}-teachers-{of:g}-seed-{seed}",
                settings,
                teachers=teachers,
                workers=workers,
            )
            for seed in range(SEEDS)
        ]
        cases.append({"labels": share, "labels_of_teachers": of, **noted(compared)})
    return {**told, "cases": cases}


def seconds(data_set: DataSet) -> float:
    """What all its trainings take, one after the other."""
    epochs, took = data_set.settings.epochs, data_set.seconds
    names = [each if isinstance(each, str) else each.name for each in METHODS]
    students = len(CASES) * sum(took.of_method(name, epochs) for name in names)
    return SEEDS * (len(SHARES) * took.of_teachers(epochs, larger=True) + students)
