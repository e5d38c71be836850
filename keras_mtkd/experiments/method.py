"""What a method is: a way to train one student under settings that all methods share."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._storage.code import told
from keras_mtkd._storage.fingerprint import digest
from keras_mtkd.distillers.multi_task_distiller import MultiTaskDistiller
from keras_mtkd.experiments.method_parts import check_parts, check_title
from keras_mtkd.experiments.settings import Settings, check_own
from keras_mtkd.problem import Problem
from keras_mtkd.teachers.fitting import fit, new_optimizer, steps_per_epoch

# Names are folders, words of commands and lists separated by commas.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
# What says nothing of what a method does.
_LABELS = ("title", "summary", "name")


def _no_callbacks(problem: Problem, teachers: Any, settings: Settings, seed: int) -> list[Any]:
    return []


def _no_balancing(problem: Problem, teachers: Any, settings: Settings) -> None:
    return None


@mtkd_export("keras_mtkd.experiments.Method")
@dataclass(frozen=True)
class Method:
    """A way to train one student.

    Args:
        title: What it is called in tables.
        distillation: Makes the ways of distilling, from problem and settings.
        callbacks: Makes callbacks, from problem, teachers, settings and seed.
        balancing: Makes what `MultiTaskDistiller` takes as `balancing`, from problem, teachers and
            settings.
        summary: What it does, in a line.
        student: Makes a new student of a problem. By default it is the student of the comparison.
        name: Under which name results are kept: lower-case letters, digits, hyphens and
            underscores. By default the title in that form.
        settings: Settings of its own, `{name: value}`, in the place of those that all methods of a
            comparison share. The teachers are trained by the shared ones.

    Raises:
        TypeError: If the title is no text, or a function does not take what it is called with.
        ValueError: If the name has another form, or the title gives none, or a setting is not
            known or cannot be a method's own.

    Examples:
        >>> from keras_mtkd.distillation import LogitDistillation
        >>> def strong_logits(problem, settings):
        ...     return [LogitDistillation(weight=5.0, temperature=settings.temperature)]
        >>> Method("Strong logits", strong_logits).name
        'strong-logits'
    """

    title: str
    distillation: Callable[[Problem, Settings], list[Any]]
    callbacks: Callable[[Problem, Any, Settings, int], list[Any]] = _no_callbacks
    balancing: Callable[[Problem, Any, Settings], Any] = _no_balancing
    summary: str = ""
    student: Callable[[Problem], keras.Model] = Problem.student
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_title(self.title, self.distillation)
        kind = type(self)
        # A class that trains otherwise calls them otherwise.
        if kind.train is Method.train and kind.learner is Method.learner:
            check_parts(self.title, vars(self))
        name = self.name or re.sub(r"[^a-z0-9_]+", "-", self.title.lower()).strip("-_")
        if not _NAME.fullmatch(name):
            raise ValueError(
                "A method needs a `name` of lower-case letters, digits, hyphens and underscores, "
                f"as 'my-method'. Received: title={self.title!r}, name={self.name!r}."
            )
        object.__setattr__(self, "name", name)
        check_own(self.title, self.settings)

    def own(self, settings: Settings) -> Settings:
        """The settings of a comparison with the method's own."""
        return replace(settings, **self.settings) if self.settings else settings

    def varied(self, **settings: Any) -> Self:
        """The method with settings of its own, under a name and title that tell them.

        Args:
            settings: As the argument of that name.

        Examples:
            >>> Method("Mine", lambda problem, settings: []).varied(weight=1.0).title
            'Mine, weight 1'
        """
        told = [f"{name.replace('_', ' ')} {_shown(value)}" for name, value in settings.items()]
        words = [re.sub(r"[^a-z0-9]+", "-", each.lower()) for each in told]
        return replace(
            self,
            title=", ".join([self.title, *told]),
            name="_".join([self.name, *words]),
            settings={**self.settings, **settings},
        )

    def fingerprint(self) -> str:
        """A hash of what the method does: its functions, with their code and values.

        Title, summary and name do not count. Functions of installed packages count by their names.
        """
        # Directories of earlier versions know no settings of a method's own.
        left_out = _LABELS if self.settings else (*_LABELS, "settings")
        parts = {key: told(part) for key, part in vars(self).items() if key not in left_out}
        return digest([told(type(self)), parts])

    def train(
        self,
        problem: Problem,
        teachers: Mapping[str, keras.Model],
        settings: Settings,
        seed: int,
        verbose: int | str,
        watchers: Iterable[keras.callbacks.Callback] = (),
    ) -> keras.Model:
        """A new student, trained; its initial weights depend on the seed alone.

        Args:
            problem: The problem.
            teachers: `{task: model}`.
            settings: Epochs, rates and weights.
            seed: Seed of weights and data order.
            verbose: As in `train_teachers`.
            watchers: Callbacks that look on, after those of the method.
        """
        settings = self.own(settings)
        keras.utils.set_random_seed(seed)
        learner = self.learner(problem, teachers, settings)
        callbacks = self.callbacks(problem, teachers, settings, seed)
        fit(learner, problem, settings.epochs, seed, verbose, [*callbacks, *watchers])
        return learner.student

    def check(
        self, problem: Problem, teachers: Mapping[str, keras.Model], settings: Settings
    ) -> None:
        """Refuse teachers and students that its ways of distilling do not fit.

        Args:
            problem: The problem.
            teachers: `{task: model}`.
            settings: What all methods share.

        Raises:
            ValueError: If a tap does not exist or does not fit, or a callback that can tell before
                training, by a `check` of the distiller, refuses it.
        """
        settings = self.own(settings)
        ways = self.distillation(problem, settings)
        distiller = MultiTaskDistiller(self.student(problem), teachers, ways)
        try:
            callbacks = self.callbacks(problem, teachers, settings, 0)
        except Exception:  # it may need teachers that are trained, which these are not
            return
        for callback in callbacks:
            if hasattr(callback, "check"):
                callback.check(distiller)

    def learner(
        self, problem: Problem, teachers: Mapping[str, keras.Model], settings: Settings
    ) -> Any:
        """A new student inside of what trains it, compiled.

        Args:
            problem: The problem.
            teachers: `{task: model}`.
            settings: What all methods share, with the method's own.
        """
        student = self.student(problem)
        learner = MultiTaskDistiller(
            student,
            teachers,
            self.distillation(problem, settings),
            settings.task_weights,
            balancing=self.balancing(problem, teachers, settings),
        )
        steps = settings.epochs * steps_per_epoch(problem.train)
        adaptors = new_optimizer(settings.adaptor_learning_rate, steps, settings.adaptor_decay)
        learner.compile(
            optimizer=new_optimizer(settings.learning_rate, steps, settings.decay),
            adaptor_optimizer=adaptors if learner.adaptors else None,
            loss=problem.losses(),
            metrics=problem.metrics(),
            train_metrics=settings.train_metrics,
        )
        return learner


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
