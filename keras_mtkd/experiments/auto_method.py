"""The automatic choice among methods, as a method of comparisons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras

from keras_mtkd._backend.names import unknown
from keras_mtkd.experiments._registry import METHODS
from keras_mtkd.experiments.choosing import Choosing, choosing
from keras_mtkd.experiments.halving import rounds
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.ways import nothing
from keras_mtkd.problem import Problem

# Epochs of all students together, in whole trainings.
BUDGET = 3
PLAIN = "uniform"
CANDIDATES: tuple[str | Method, ...] = (
    "scd",
    "scd-no-distillation",
    "logits",
    "mtlkd",
    "multibalance",
)


@dataclass(frozen=True)
class AutoMethod(Method):
    """Takes the best of several methods for each seed, by validation data.

    Args:
        candidates: Names of methods, and methods, in the order in which they matter. Plain training
            is always among them.
        budget: Epochs of all students of a seed together; by default three whole trainings.
    """

    candidates: Sequence[str | Method] = ()
    budget: int | None = None

    def members(self) -> dict[str, Method]:
        """`{name: method}` of all that may be trained, plain training first.

        Raises:
            ValueError: If a name is not known, or is that of two methods.
        """
        found = {PLAIN: METHODS[PLAIN]}
        for each in self.candidates:
            if isinstance(each, str) and each not in METHODS:
                raise ValueError(f"`candidates`: {unknown('method', each, METHODS)}")
            method = METHODS[each] if isinstance(each, str) else each
            if found.setdefault(method.name, method).fingerprint() != method.fingerprint():
                raise ValueError(
                    f"Two candidates are called '{method.name}'. Give one of them another `name`."
                )
        return found

    def choosing(self, seed: int, settings: Settings) -> Choosing:
        """Asks for the trainings of a seed."""
        titles = {name: method.title for name, method in self.members().items()}
        return choosing(titles, seed, settings.epochs, self._epochs(settings))

    def trainings(self, settings: Settings) -> int:
        """How many a seed takes.

        Raises:
            ValueError: If the budget is too small.
        """
        others = len(self.members()) - 1
        short = rounds(others, settings.epochs, self._epochs(settings))
        return sum(each.candidates for each in short) + min(others, 1) + 1

    def check(
        self, problem: Problem, teachers: Mapping[str, keras.Model], settings: Settings
    ) -> None:
        self.trainings(settings)
        for method in self.members().values():
            method.check(problem, teachers, settings)

    def _epochs(self, settings: Settings) -> int:
        return BUDGET * settings.epochs if self.budget is None else self.budget


def automatic(candidates: Sequence[str | Method], budget: int | None = None) -> AutoMethod:
    """The automatic choice among candidates of one's own."""
    return AutoMethod(
        "Automatic choice", nothing, name="auto-own", candidates=candidates, budget=budget
    )
