"""The methods that can be compared, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from keras_mtkd.distillation import FeatureDistillation, LogitDistillation
from keras_mtkd.distiller import MultiTaskDistiller
from keras_mtkd.problem import Problem
from keras_mtkd.training import new_optimizer, steps_per_epoch


@dataclass(frozen=True)
class Settings:
    """What all methods of a comparison share.

    Args:
        epochs: Epochs of every student and teacher.
        learning_rate: Initial rate of student and teachers.
        adaptor_learning_rate: Initial rate of the adaptors.
        weight: Weight of feature distillation, one or `{task: weight}`.
        logit_weight: Weight of logit distillation.
        temperature: Temperature of logit distillation.
    """

    epochs: int = 40
    learning_rate: float = 3e-3
    adaptor_learning_rate: float = 1e-2
    weight: float | Mapping[str, float] = 1.0
    logit_weight: float | Mapping[str, float] = 1.0
    temperature: float = 4.0

    def __post_init__(self) -> None:
        for name in ("epochs", "learning_rate", "adaptor_learning_rate", "temperature"):
            if not getattr(self, name) > 0:
                raise ValueError(f"`{name}` must be positive. Received: {getattr(self, name)}.")


@dataclass(frozen=True)
class Method:
    """A way to train one student.

    Args:
        title: What it is called in tables.
        distillation: Makes the ways of distilling, from problem and settings.
    """

    title: str
    distillation: Callable[[Problem, Settings], list[Any]]

    def train(
        self,
        problem: Problem,
        teachers: Mapping[str, keras.Model],
        settings: Settings,
        seed: int,
        verbose: int | str,
    ) -> keras.Model:
        """A new student, trained; its initial weights depend on the seed alone."""
        keras.utils.set_random_seed(seed)
        student = problem.student()
        learner = MultiTaskDistiller(student, teachers, self.distillation(problem, settings))
        steps = settings.epochs * steps_per_epoch(problem.train)
        adaptors = new_optimizer(settings.adaptor_learning_rate, steps)
        learner.compile(
            optimizer=new_optimizer(settings.learning_rate, steps),
            adaptor_optimizer=adaptors if learner.adaptors else None,
            loss=problem.losses(),
            metrics=problem.metrics(),
        )
        if hasattr(problem.train, "reset"):
            problem.train.reset(seed)
        learner.fit(
            problem.train,
            validation_data=problem.validation,
            epochs=settings.epochs,
            verbose=verbose,
        )
        return student


def _features(problem: Problem, settings: Settings) -> list[Any]:
    return [FeatureDistillation(tap, weight=settings.weight) for tap in problem.taps]


def _logits(problem: Problem, settings: Settings) -> list[Any]:
    temperature = settings.temperature
    return [LogitDistillation(weight=settings.logit_weight, temperature=temperature)]


SINGLE = "single"
METHODS: dict[str, Method] = {
    "uniform": Method("Uniform", lambda problem, settings: []),
    "mtlkd": Method("MTLKD", _features),
    "logits": Method("Logits", _logits),
}


def known_methods() -> list[str]:
    """Names that `compare` takes."""
    return [SINGLE, *METHODS]


def check_methods(names: tuple[str, ...]) -> None:
    """Refuse names that are not known.

    Raises:
        ValueError: Naming the unknown method and those that are known.
    """
    for name in names:
        if name not in known_methods():
            raise ValueError(f"There is no method '{name}'. Known: {', '.join(known_methods())}.")
