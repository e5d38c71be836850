"""The trainings of a comparison, each done once and kept."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras

from keras_mtkd._backend import progress
from keras_mtkd._storage import files
from keras_mtkd._storage.conditions import check_same, note_versions
from keras_mtkd._storage.fingerprint import digest, measure
from keras_mtkd.experiments._registry import METHODS
from keras_mtkd.experiments.environment import environment
from keras_mtkd.experiments.evaluation import evaluate_tasks
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.run import Recorder, Run, Series
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.problem import Problem
from keras_mtkd.teachers import fingerprint_before, train_teachers
from keras_mtkd.teachers.fitting import Watch

Scores = dict[str, dict[str, float]]
Result = tuple[Scores, Run]
Teachers = dict[str, keras.Model]
# Conditions that had another name in files of earlier versions.
_RENAMED = {"part": "split"}


class Trainings:
    """Teachers and results, from the directory where they are there.

    Args:
        problem: The problem.
        methods: The methods that will be asked for.
        settings: What all methods share.
        split: `"test"` or `"validation"`, what is measured on; the latter where there is no test
            data.
        root: Where all is kept, or `None`.
        verbose: As in `train_teachers`.
    """

    def __init__(
        self,
        problem: Problem,
        methods: Iterable[Method],
        settings: Settings,
        split: str,
        root: Path | None,
        verbose: Any = 0,
    ) -> None:
        self.problem, self.settings, self.root, self.verbose = problem, settings, root, verbose
        self.split = split if problem.test is not None else "validation"
        self.data = getattr(problem, self.split)
        # The name of a user's method says nothing of what it does. Told now, since training may
        # change what its functions reach.
        own = [method for method in methods if method.name not in METHODS]
        self._contents = {method.name: method.fingerprint() for method in own}

    def teachers(self, seed: int) -> Teachers:
        """The single-task models of a seed."""
        return train_teachers(
            self.problem,
            self.settings.epochs,
            self.settings.learning_rate,
            seed,
            None if self.root is None else self.root / f"seed{seed}" / "teachers",
            self.verbose,
            self.settings.decay,
        )

    def single(self, seed: int, teachers: Teachers) -> Result:
        """What the single-task models of a seed reach."""

        def measured() -> Result:
            scores: Scores = {}
            history: Series = {}
            for teacher in teachers.values():
                scores |= evaluate_tasks(teacher, self.problem, self.data)
                history |= teacher.history.history
            # The sum of losses is each teacher's own.
            history = {n: values for n, values in history.items() if n not in ("loss", "val_loss")}
            return scores, Run(history)

        return self._kept(self._folder(SINGLE, seed), {"method": SINGLE, "seed": seed}, measured)

    def result(self, method: Method, seed: int, teachers: Teachers) -> Result:
        """What a method reaches with a seed."""
        folder = self._folder(method.name, seed)
        which: dict[str, Any] = {"method": method.name, "seed": seed}
        told: dict[str, Any] = {}
        if method.name in self._contents:
            which["content of the method"] = self._contents[method.name]
            told["title"] = method.title

        def trained() -> Result:
            recorder = Recorder()
            watchers = [recorder, Watch(method.title)]
            student = method.train(
                self.problem, teachers, self.settings, seed, self.verbose, watchers
            )
            if self.root is not None:
                files.write_atomically(folder / "student.keras", student.save)
            return evaluate_tasks(student, self.problem, self.data), recorder.run

        if files.read_json(folder / "result.json") is not None and self.root is not None:
            progress.tell(progress.Event("kept", method.title, 1))
        return self._kept(folder, which, trained, told)

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

    def _folder(self, name: str, seed: int) -> Path:
        return Path(self.root or ".") / f"seed{seed}" / name

    def _kept(
        self,
        folder: Path,
        which: Mapping[str, Any],
        make: Callable[[], Result],
        told: Mapping[str, Any] | None = None,
    ) -> Result:
        """The result in the folder, or made now and put there.

        Args:
            folder: Where it is kept.
            which: The conditions that are this result's alone.
            make: Makes it.
            told: What the file tells besides.
        """
        path = folder / "result.json"
        kept = None if self.root is None else files.read_json(path)
        if kept is not None:
            check_same(
                path,
                {_RENAMED.get(name, name): value for name, value in kept["conditions"].items()},
                lambda: {**self.conditions, **which},
                lambda: {
                    **self._with_settings(fingerprint_before.of_problem(self.problem)),
                    **which,
                },
            )
            return kept["scores"], Run.from_dict(kept.get("run"))
        scores, run = make()
        run = replace(run, environment=environment())
        if self.root is not None:
            conditions = note_versions({**self.conditions, **which})
            result = {**(told or {}), "conditions": conditions, "scores": scores}
            files.write_json(path, {**result, "run": run.as_dict()})
        return scores, run
