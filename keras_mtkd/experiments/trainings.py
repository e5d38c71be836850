"""The trainings of a comparison, each done once and kept."""

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import keras

from keras_mtkd._backend import progress
from keras_mtkd._storage import files
from keras_mtkd._storage.conditions import check_same, note_versions
from keras_mtkd._storage.fingerprint import digest, measure
from keras_mtkd.distillers.samples_left_out import fitted_by
from keras_mtkd.experiments._registry import METHODS
from keras_mtkd.experiments.choosing import Choice
from keras_mtkd.experiments.cost import count
from keras_mtkd.experiments.environment import environment
from keras_mtkd.experiments.evaluation import evaluate_teacher, evaluate_trained
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.own_student import OwnStudent
from keras_mtkd.experiments.own_teachers import OwnTeachers, Teachers, distinct
from keras_mtkd.experiments.run import Recorder, Result, Run, Scores, Series
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.metrics.labelled import given_otherwise
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task
from keras_mtkd.teachers import fingerprint_before, train_teachers
from keras_mtkd.teachers.best_weights import BestWeights, mean_change
from keras_mtkd.teachers.fitting import Watch

# In percent. After a short training one task's error may be forty times that of its teacher, beside
# which no other task would count.
_BOUND = 100.0
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
        own: Teachers that a user brings.
        student: What makes the students, if it is a user's own.
    """

    def __init__(
        self,
        problem: Problem,
        methods: Iterable[Method],
        settings: Settings,
        split: str,
        root: Path | None,
        verbose: Any = 0,
        own: OwnTeachers | None = None,
        student: OwnStudent | None = None,
    ) -> None:
        self.problem, self.settings, self.root, self.verbose = problem, settings, root, verbose
        self.own, self._student = own, student
        self.split = split if problem.test is not None else "validation"
        self.data = getattr(problem, self.split)
        # The name of a user's method says nothing of what it does. Told now, since training may
        # change what its functions reach.
        users = [method for method in methods if method.name not in METHODS]
        self._trials: dict[int, Trainings] = {}
        self._contents = {method.name: method.fingerprint() for method in users}

    def trials(self, epochs: int) -> "Trainings":
        """Short trainings of the same methods, measured on validation data."""
        if epochs not in self._trials:
            short = copy.copy(self)
            short.__dict__.pop("conditions", None)
            short.settings = replace(self.settings, epochs=epochs)
            short.split, short.data = "validation", self.problem.validation
            if self.root is not None:
                short.root = self.root / "trials" / f"{epochs}_epochs"
            self._trials[epochs] = short
        return self._trials[epochs]

    def teachers(self, seed: int) -> Teachers:
        """The single-task models of a seed: those of the user, and trained ones for other tasks."""
        own = {} if self.own is None else self.own.of(seed)
        missing = [task for task in self.problem.tasks if task not in own]
        if own:
            part = 1.0 if not missing else 0.0
            progress.tell(progress.Event("given", f"teachers of {', '.join(own)}", part))
        trained = self._train(missing, seed) if missing else {}
        return {task: (own if task in own else trained)[task] for task in self.problem.tasks}

    def _train(self, tasks: list[str], seed: int) -> Teachers:
        problem = self.problem
        if len(tasks) < len(problem.tasks):
            problem = copy.copy(problem)
            problem.tasks = {task: self.problem.tasks[task] for task in tasks}
        return train_teachers(
            problem,
            self.settings.epochs,
            self.settings.learning_rate,
            seed,
            None if self.root is None else self.root / f"seed{seed}" / "teachers",
            self.verbose,
            self.settings.decay,
            self.settings.restore_best_weights,
            self.settings.train_metrics,
        )

    def single(self, seed: int, teachers: Teachers) -> Result:
        """What the single-task models of a seed reach."""

        def measured() -> Result:
            scores: Scores = {}
            history: Series = {}
            levels: dict[str, float] = {}
            own = () if self.own is None else self.own.tasks
            for task, teacher in teachers.items():
                if task in own:
                    # Its history, if it has one, may be anything.
                    scores |= evaluate_teacher(teacher, task, self.problem, self.data)
                    levels |= self._levels(task, teacher, scores)
                    continue
                scores |= evaluate_trained(teacher, self.problem, self.data)
                history |= teacher.history.history
            # The sum of losses is each teacher's own.
            history = {n: values for n, values in history.items() if n not in ("loss", "val_loss")}
            size = count(distinct(teachers.values()))
            return scores, Run(history, parameters=size, levels=levels)

        return self._kept(self._folder(SINGLE, seed), self._which(SINGLE, seed), measured)

    def _levels(self, task: str, teacher: keras.Model, scores: Scores) -> dict[str, float]:
        """What a teacher that was given reaches on validation data, as a history would call it."""
        if self.data is not self.problem.validation:
            data = self.problem.validation
            scores = evaluate_teacher(teacher, task, self.problem, data)
        return {f"val_{task}_{metric}": value for metric, value in scores[task].items()}

    def result(self, method: Method, seed: int, teachers: Teachers) -> Result:
        """What a method reaches with a seed."""
        folder = self._folder(method.name, seed)
        which = self._which(method.name, seed)
        told: dict[str, Any] = {}
        if method.name in self._contents:
            which["content of the method"] = self._contents[method.name]
            told["title"] = method.title

        def trained() -> Result:
            recorder = Recorder()
            watchers = [recorder, Watch(method.title)]
            base = self._validated(teachers)
            change = partial(mean_change, single_task=base, tasks=self.problem.tasks)
            best = BestWeights(change) if self.settings.restore_best_weights else None
            if best is not None:
                watchers.append(best)
            with fitted_by(method.title):
                student = method.train(
                    self.problem, teachers, self.settings, seed, self.verbose, watchers
                )
            if self.root is not None:
                files.write_atomically(folder / "student.keras", student.save)
            epoch = None if best is None else best.best_epoch
            counts = -1 if epoch is None else epoch
            logs = {name: values[counts] for name, values in recorder.run.history.items()}
            reached = change(logs, bound=_BOUND)
            run = replace(
                recorder.run,
                parameters=count([student]),
                best_epoch=epoch,
                change=reached if math.isfinite(reached) else None,
            )
            return evaluate_trained(student, self.problem, self.data), run

        if self.root is not None and (folder / "result.json").exists():
            progress.tell(progress.Event("kept", method.title, 1))
        return self._kept(folder, which, trained, told)

    def chosen(
        self, name: str, seed: int, choice: Choice, results: Mapping[tuple[str, int], Result]
    ) -> Result:
        """The result of what was chosen, with why; its student is kept under the name as well.

        Args:
            name: Name of the automatic choice.
            seed: The seed.
            choice: What it chose.
            results: `{(method, seed): result}` of whole trainings.
        """
        scores, run = results[choice.method, seed]
        if self.root is not None:
            student = (self._folder(choice.method, seed) / "student.keras").read_bytes()
            folder = self._folder(name, seed)
            files.write_atomically(folder / "student.keras", lambda path: path.write_bytes(student))
            files.write_json(folder / "choice.json", choice.as_dict())
        return scores, replace(run, choice=choice.as_dict())

    def _validated(self, teachers: Teachers) -> dict[str, float]:
        """`{task: score}` of single-task models on validation data."""
        scores = {}
        for task, teacher in teachers.items():
            score = str(self.problem.tasks[task].score)
            trained = self.own is None or task not in self.own.tasks
            history = teacher.history.history if trained else {}
            values = history.get(f"val_{task}_{score}")
            if not values:
                found = evaluate_teacher(teacher, task, self.problem, self.problem.validation)
                values = [found[task][score]]
            best = max if self.problem.tasks[task].higher_is_better else min
            scores[task] = best(values)
        return scores

    @cached_property
    def conditions(self) -> dict[str, Any]:
        """What all runs have in common."""
        splits = dict.fromkeys(("train", "validation", self.split))
        # Which of them is the score decides nothing that is kept.
        measured = {name: _measured(task) for name, task in self.problem.tasks.items()}
        fingerprint = self.problem.fingerprint(parts=tuple(splits))
        return self._with_settings({**fingerprint, "metrics": measured})

    def _with_settings(self, fingerprint: Mapping[str, Any]) -> dict[str, Any]:
        own: dict[str, Any] = {}
        if self.own is not None:
            own["own teachers"] = ", ".join(self.own.tasks)
        if self._student is not None:
            own["own student"] = self._student.fingerprint
        return {**fingerprint, **own, **self.settings.as_conditions(), "split": self.split}

    def _which(self, name: str, seed: int) -> dict[str, Any]:
        """The conditions that are a result's alone."""
        which: dict[str, Any] = {"method": name, "seed": seed}
        if self.own is not None:
            which["content of own teachers"] = self.own.fingerprint(seed)
        return which

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


def _measured(task: Task) -> str:
    told = [measure(each) for each in task.metrics]
    if given_otherwise(task.metrics, task.new_loss()):
        told.append("as they read predictions")
    return digest(told)
