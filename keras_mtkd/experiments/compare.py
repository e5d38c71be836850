"""Methods × seeds on one problem, each pair trained once and kept."""

import contextlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from keras_mtkd._backend import progress
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._backend.renamed import renamed_arguments
from keras_mtkd.experiments import jobs
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE, expand_methods
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.trainer import Trainer
from keras_mtkd.experiments.trainings import Scores, Trainings
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.experiments.compare")
@renamed_arguments("0.2", part="split")
def compare(
    problem: Problem | Callable[[], Problem],
    methods: Sequence[str | Method] = ("single", "uniform", "mtlkd"),
    seeds: Sequence[int] = (0, 1, 2),
    directory: str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
    split: str = "test",
    verbose: int | str = "auto",
    workers: int = 1,
) -> Comparison:
    """Train every method with every seed under equal conditions.

    For one seed all methods see the same data in the same order, for the same number of epochs,
    learn from the same teachers and start from the same student weights. The models of the last
    epoch count.

    Args:
        problem: The problem, or a function without arguments that makes it.
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
        verbose: 0 is silent, 1 or `"auto"` one live line in a terminal, with the time left, and a
            line a training elsewhere, 2 Keras' line an epoch besides.
        workers: Processes that train side by side, each on its share of the cores. With several,
            `problem` must be a function that they can import, and in a script the call must stand
            under `if __name__ == "__main__":`. On a GPU they would share its memory.

    Returns:
        The results.

    Raises:
        ValueError: If a method is not known, two methods have one name, the data is malformed, or
            `directory` holds results made under other conditions.
        TypeError: If a method is neither a name nor a `Method`, `methods` is one text, or several
            workers cannot import `problem`.
        ChildProcessError: If a worker was killed.
        ImportError: If pandas is not installed.
    """
    chosen = expand_methods(methods)
    # Now, and not after hours of training, when the table is made.
    require("pandas", "cli")
    if split not in ("test", "validation"):
        raise ValueError(f"`split` must be 'test' or 'validation'. Received: split={split!r}.")
    if not seeds or not chosen:
        raise ValueError("A comparison needs at least one method and one seed.")
    problem, make = _made(problem, workers)
    problem.validate()
    trained = {name: method for name, method in chosen.items() if method is not None}
    settings = settings or Settings()
    with (
        _kept_in(directory, workers) as root,
        progress.shown(len(seeds) * (1 + len(trained)), verbose),
    ):
        trainings = Trainings(problem, list(trained.values()), settings, split, root, verbose)
        if workers == 1:
            trainer = Trainer(trainings, trained)
            results = jobs.one_after_the_other(trainer, trained, seeds)
        else:
            start = partial(_trainer, make, list(methods), settings, split, root, verbose)
            results = jobs.side_by_side(start, workers, trained, seeds)
        conditions = trainings.conditions
    names = [SINGLE, *trained]
    runs = {(name, seed): results[name, seed][1] for seed in seeds for name in names}
    rows = [
        row for seed in seeds for name in names for row in _rows(name, seed, results[name, seed][0])
    ]
    titles = {name: method.title for name, method in trained.items()}
    return Comparison(problem.tasks, list(chosen), rows, runs, conditions, titles)


def _trainer(
    make: Callable[[], Problem], methods: Sequence[str | Method], *arguments: Any
) -> Trainer:
    """What another process trains by."""
    chosen = expand_methods(methods)
    trained = {name: method for name, method in chosen.items() if method is not None}
    return Trainer(Trainings(make(), list(trained.values()), *arguments), trained)


@contextlib.contextmanager
def _kept_in(directory: str | os.PathLike[str] | None, workers: int) -> Iterator[Path | None]:
    """Where results are kept; processes find each other's teachers there."""
    if directory is not None or workers == 1:
        yield None if directory is None else Path(directory)
    else:
        with tempfile.TemporaryDirectory(prefix="keras_mtkd_") as folder:
            yield Path(folder)


def _made(
    problem: Problem | Callable[[], Problem], workers: int
) -> tuple[Problem, Callable[[], Problem]]:
    """The problem, and what makes it in other processes."""
    if workers < 1:
        raise ValueError(f"`workers` must be at least 1. Received: workers={workers}.")
    if isinstance(problem, Problem):
        if workers > 1:
            raise TypeError(
                "Several `workers` make the problem anew, each for itself. Pass the function that "
                "makes it, as `compare(keras_mtkd.datasets.digits, ..., workers=2)`, and not what "
                "it returns."
            )
        return problem, lambda: problem
    if workers > 1:
        try:
            pickle.dumps(problem)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise TypeError(
                "Several `workers` need a function that they can import, one of a module, and no "
                f"lambda or inner function. Received: {problem!r}."
            ) from error
    made = problem()
    if not isinstance(made, Problem):
        raise TypeError(f"`problem` must make a `Problem`. It made: {type(made).__name__}.")
    return made, problem


def _rows(method: str, seed: int, scores: Scores) -> list[dict[str, Any]]:
    return [
        {"method": method, "seed": seed, "task": task, "metric": metric, "value": value}
        for task, metrics in scores.items()
        for metric, value in metrics.items()
    ]
