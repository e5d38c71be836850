"""Which of several methods suits a problem: short trials, then two whole trainings."""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from keras_mtkd.experiments.halving import rounds
from keras_mtkd.experiments.run import Result


class Job(NamedTuple):
    """A training that is asked for.

    Attributes:
        method: Name of the method.
        seed: The seed.
        epochs: Epochs of a trial; `None` for a whole training.
    """

    method: str
    seed: int
    epochs: int | None = None


@dataclass(frozen=True)
class Trial:
    """What came out of a round.

    Args:
        epochs: Epochs of each training.
        changes: `{method: Δ_MTL on validation data}`; `None` where a training fell apart.
    """

    epochs: int
    changes: dict[str, float | None]


@dataclass(frozen=True)
class Choice:
    """What was chosen, and why.

    Args:
        method: Name of the method that was chosen.
        trials: The rounds; the last is of whole trainings.
        titles: `{method: title}` of all that were trained.
    """

    method: str
    trials: list[Trial]
    titles: dict[str, str]

    @property
    def epochs(self) -> int:
        """Epochs of all students together."""
        return sum(trial.epochs * len(trial.changes) for trial in self.trials)

    def as_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Choice":
        """The choice whose `as_dict` was kept."""
        trials = [Trial(**trial) for trial in kept["trials"]]
        return cls(kept["method"], trials, dict(kept["titles"]))


Choosing = Generator[list[Job], Mapping[Job, Result], Choice]


def choosing(titles: Mapping[str, str], seed: int, epochs: int, budget: int) -> Choosing:
    """Ask for trainings, round by round, until the choice is clear.

    Plain training is always trained in full, so that the choice is never worse on validation data.

    Args:
        titles: `{method: title}`: plain training, and then the others in the order in which they
            matter. Of equal ones the first is taken.
        seed: The seed of all.
        epochs: Epochs of a whole training.
        budget: Epochs of all students together.

    Yields:
        Jobs, whose results are to be sent.
    """
    (plain, *left), trials = titles, list[Trial]()
    for each in rounds(len(left), epochs, budget):
        changes = yield from _changes(left[: each.candidates], seed, each.epochs)
        trials.append(Trial(each.epochs, changes))
        left = sorted(changes, key=lambda name: _value(changes[name]), reverse=True)
    whole = yield from _changes([plain, *left[:1]], seed, None)
    trials.append(Trial(epochs, whole))
    best = max(whole, key=lambda name: _value(whole[name]))
    tried = {name for trial in trials for name in trial.changes}
    return Choice(best, trials, {n: title for n, title in titles.items() if n in tried})


def _changes(
    methods: Sequence[str], seed: int, epochs: int | None
) -> Generator[list[Job], Mapping[Job, Result], dict[str, float | None]]:
    jobs = [Job(method, seed, epochs) for method in methods]
    results = yield jobs
    return {job.method: results[job][1].change for job in jobs}


def _value(change: float | None) -> float:
    """A training that fell apart is the worst."""
    return -math.inf if change is None else change
