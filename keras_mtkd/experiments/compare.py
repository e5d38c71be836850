"""Methods × seeds on one problem, each pair trained once and kept."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._backend.renamed import renamed_arguments
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE, expand_methods
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.trainings import Scores, Trainings
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.experiments.compare")
@renamed_arguments("0.2", part="split")
def compare(
    problem: Problem,
    methods: Sequence[str | Method] = ("single", "uniform", "mtlkd"),
    seeds: Sequence[int] = (0, 1, 2),
    directory: str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
    split: str = "test",
    verbose: int | str = 0,
) -> Comparison:
    """Train every method with every seed under equal conditions.

    For one seed all methods see the same data in the same order, for the same number of epochs,
    learn from the same teachers and start from the same student weights. The models of the last
    epoch count.

    Args:
        problem: The problem.
        methods: Names of methods or of groups of methods (`experiments.METHOD_GROUPS`), and
            methods of one's own, each an `experiments.Method`; `"single"` stands for the teachers
            themselves.
        seeds: Seeds of weights and data order.
        directory: Where to keep teachers, students and results. What is there already is loaded,
            so that a comparison that was interrupted goes on where it stopped. Methods of one's
            own count with the code and values of their functions.
        settings: Epochs, rates and weights.
        split: `"test"` or `"validation"`, the data that the methods are measured on. Without test
            data validation data is used. Tune on validation data.
        verbose: For each training, as in `train_teachers`; 0 only tells which one runs.

    Returns:
        The results.

    Raises:
        ValueError: If a method is not known, two methods have one name, the data is malformed, or
            `directory` holds results made under other conditions.
        TypeError: If a method is neither a name nor a `Method`, or `methods` is one text.
        ImportError: If pandas is not installed.
    """
    chosen = expand_methods(methods)
    # Now, and not after hours of training, when the table is made.
    require("pandas", "cli")
    if split not in ("test", "validation"):
        raise ValueError(f"`split` must be 'test' or 'validation'. Received: split={split!r}.")
    if not seeds or not chosen:
        raise ValueError("A comparison needs at least one method and one seed.")
    problem.validate()
    trained = [method for method in chosen.values() if method is not None]
    root = None if directory is None else Path(directory)
    trainings = Trainings(problem, trained, settings or Settings(), split, root, verbose)
    rows, runs = [], {}
    for number, seed in enumerate(seeds, start=1):
        _say(f"Seed {number} of {len(seeds)}: single-task teachers")
        teachers = trainings.teachers(seed)
        scores, runs[SINGLE, seed] = trainings.single(seed, teachers)
        rows += _rows(SINGLE, seed, scores)
        for place, method in enumerate(trained, start=1):
            which = f"method {place} of {len(trained)}: {method.title}"
            _say(f"Seed {number} of {len(seeds)}, {which}")
            scores, runs[method.name, seed] = trainings.result(method, seed, teachers)
            rows += _rows(method.name, seed, scores)
    titles = {method.name: method.title for method in trained}
    return Comparison(problem.tasks, list(chosen), rows, runs, trainings.conditions, titles)


def _say(text: str) -> None:
    Console().print(text, style="bold cyan", markup=False)


def _rows(method: str, seed: int, scores: Scores) -> list[dict[str, Any]]:
    return [
        {"method": method, "seed": seed, "task": task, "metric": metric, "value": value}
        for task, metrics in scores.items()
        for metric, value in metrics.items()
    ]
