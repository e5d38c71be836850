"""Methods × seeds on one problem, each pair trained once and kept."""

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._backend.renames import renamed
from keras_mtkd._storage import files
from keras_mtkd._storage.conditions import check_same, noted
from keras_mtkd._storage.fingerprint import digest, measure
from keras_mtkd.experiments._registry import METHODS
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.environment import environment
from keras_mtkd.experiments.evaluation import evaluate_tasks
from keras_mtkd.experiments.methods import SINGLE, expand_methods
from keras_mtkd.experiments.run import Recorder, Run, Series
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.problem import Problem
from keras_mtkd.teachers import _fingerprint_before, train_teachers

Scores = dict[str, dict[str, float]]
Result = tuple[Scores, Run]
# Conditions that had another name in files of earlier versions.
_RENAMED = {"part": "split"}


@mtkd_export("keras_mtkd.experiments.compare")
@renamed("0.2", part="split")
def compare(
    problem: Problem,
    methods: Sequence[str] = ("single", "uniform", "mtlkd"),
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
        methods: Names of methods or of groups of methods (`experiments.METHOD_GROUPS`);
            `"single"` stands for the teachers themselves.
        seeds: Seeds of weights and data order.
        directory: Where to keep teachers, students and results. What is there already is loaded,
            so that a comparison that was interrupted goes on where it stopped.
        settings: Epochs, rates and weights.
        split: `"test"` or `"validation"`, the data that the methods are measured on. Without test
            data validation data is used. Tune on validation data.
        verbose: For each training, as in `train_teachers`; 0 only tells which one runs.

    Returns:
        The results.

    Raises:
        ValueError: If a method is not known, the data is malformed, or `directory` holds results
            made under other conditions.
        ImportError: If pandas is not installed.
    """
    settings = settings or Settings()
    methods = expand_methods(methods)
    # Now, and not after hours of training, when the table is made.
    require("pandas", "cli")
    if split not in ("test", "validation"):
        raise ValueError(f"`split` must be 'test' or 'validation'. Received: split={split!r}.")
    if not seeds or not methods:
        raise ValueError("A comparison needs at least one method and one seed.")
    problem.validate()
    root = None if directory is None else Path(directory)
    run = _Run(problem, settings, split, root, verbose)
    rows, runs = [], {}
    trained = [method for method in methods if method != SINGLE]
    for number, seed in enumerate(seeds, start=1):
        run.say(f"Seed {number} of {len(seeds)}: single-task teachers")
        teachers = run.teachers(seed)
        scores, runs[SINGLE, seed] = run.single(seed, teachers)
        rows += _rows(SINGLE, seed, scores)
        for place, method in enumerate(trained, start=1):
            title = METHODS[method].title
            run.say(f"Seed {number} of {len(seeds)}, method {place} of {len(trained)}: {title}")
            scores, runs[method, seed] = run.result(method, seed, teachers)
            rows += _rows(method, seed, scores)
    return Comparison(problem.tasks, methods, rows, runs, run.conditions)


class _Run:
    """One comparison under way."""

    def __init__(
        self, problem: Problem, settings: Settings, split: str, root: Path | None, verbose: Any
    ) -> None:
        self.problem, self.settings, self.root, self.verbose = problem, settings, root, verbose
        self.split = split if problem.test is not None else "validation"
        self.data = getattr(problem, self.split)

    def say(self, text: str) -> None:
        Console().print(f"[bold cyan]{text}[/bold cyan]")

    def teachers(self, seed: int) -> dict[str, keras.Model]:
        return train_teachers(
            self.problem,
            self.settings.epochs,
            self.settings.learning_rate,
            seed,
            None if self.root is None else self.root / f"seed{seed}" / "teachers",
            self.verbose,
            self.settings.decay,
        )

    def single(self, seed: int, teachers: dict[str, keras.Model]) -> Result:
        def measure() -> Result:
            scores: Scores = {}
            history: Series = {}
            for teacher in teachers.values():
                scores |= evaluate_tasks(teacher, self.problem, self.data)
                history |= teacher.history.history
            # The sum of losses is each teacher's own.
            history = {n: values for n, values in history.items() if n not in ("loss", "val_loss")}
            return scores, Run(history)

        return self._kept(SINGLE, seed, measure)

    def result(self, method: str, seed: int, teachers: dict[str, keras.Model]) -> Result:
        def train() -> Result:
            recorder = Recorder()
            student = METHODS[method].train(
                self.problem, teachers, self.settings, seed, self.verbose, [recorder]
            )
            if self.root is not None:
                files.write_atomically(self._folder(method, seed) / "student.keras", student.save)
            return evaluate_tasks(student, self.problem, self.data), recorder.run

        return self._kept(method, seed, train)

    @functools.cached_property
    def conditions(self) -> dict[str, Any]:
        """What all runs have in common."""
        splits = dict.fromkeys(("train", "validation", self.split))
        metrics = self.problem.metrics().items()
        measured = {task: digest([measure(each) for each in of]) for task, of in metrics}
        fingerprint = self.problem.fingerprint(parts=tuple(splits))
        return self._with_settings({**fingerprint, "metrics": measured})

    def _with_settings(self, fingerprint: Mapping[str, Any]) -> dict[str, Any]:
        return {**fingerprint, **asdict(self.settings), "split": self.split}

    def _folder(self, method: str, seed: int) -> Path:
        return Path(self.root or ".") / f"seed{seed}" / method

    def _kept(self, method: str, seed: int, make: Callable[[], Result]) -> Result:
        """The result in the directory, or made now and put there."""
        path = self._folder(method, seed) / "result.json"
        which = {"method": method, "seed": seed}
        kept = None if self.root is None else files.read_json(path)
        if kept is not None:
            check_same(
                path,
                {_RENAMED.get(name, name): value for name, value in kept["conditions"].items()},
                lambda: {**self.conditions, **which},
                lambda: {
                    **self._with_settings(_fingerprint_before.of_problem(self.problem)),
                    **which,
                },
            )
            return kept["scores"], Run.from_dict(kept.get("run"))
        scores, run = make()
        run = replace(run, environment=environment())
        if self.root is not None:
            conditions = noted({**self.conditions, **which})
            result = {"conditions": conditions, "scores": scores, "run": run.as_dict()}
            files.write_json(path, result)
        return scores, run


def _rows(method: str, seed: int, scores: Scores) -> list[dict[str, Any]]:
    return [
        {"method": method, "seed": seed, "task": task, "metric": metric, "value": value}
        for task, metrics in scores.items()
        for metric, value in metrics.items()
    ]
