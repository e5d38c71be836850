"""How long the table takes, from what an epoch was measured to take.

`python -m benchmarks.results.estimate NAME` measures anew, in less than a minute for most.
What stands in `data_sets.py` was measured on two CPU cores with JAX, its programs kept in a cache
as `make results` keeps them, while two to three other trainings ran: a training had one core at
most, as it has with two workers. The first training of a process was measured, which starts more
slowly than the next ones. An epoch of the pictures of MNIST and of rooms was measured on a quarter
and a tenth of the samples; `digits-64` is taken to last as long as digits, and `tox21`, which needs
a package that was not there, as five epochs of energy.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import keras

from keras_mtkd import Problem
from keras_mtkd.experiments import METHODS, Settings

# How many times an epoch of plain training an epoch of a method takes, and how often a training of
# it is compiled. The automatic choice has short trials of five methods, of the epochs of one
# training together, and shares its two whole trainings with the others.
_METHODS = {
    "uniform": (1.0, 1),
    "scd-no-distillation": (1.0, 1),
    "multibalance": (1.5, 1),
    "auto": (1.5, 5),
}
_DISTILLED = (1.7, 1)


class Seconds(NamedTuple):
    """What a training takes.

    Attributes:
        start: Making and compiling a student.
        epoch: An epoch of plain training, with validation.
        tasks: How many tasks there are. A single-task model takes as long as a student, nearly.
        larger: An epoch of a student of the size of larger teachers.
    """

    start: float
    epoch: float
    tasks: int
    larger: float = 0.0

    def of_teachers(self, epochs: int, larger: bool = False) -> float:
        """What all teachers of a seed take."""
        return self.start + epochs * self.tasks * (self.larger if larger else self.epoch)

    def of_method(self, method: str, epochs: int) -> float:
        """What a student takes."""
        factor, starts = _METHODS.get(method, _DISTILLED)
        return starts * self.start + epochs * factor * self.epoch


class _Clock(keras.callbacks.Callback):
    """Notes when epochs end."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.ends.append(time.perf_counter())


def measure(problem: Problem, settings: Settings) -> tuple[float, float]:
    """Seconds until the first epoch of plain training begins, and of an epoch.

    Args:
        problem: The problem.
        settings: Its settings.
    """
    clock, began = _Clock(), time.perf_counter()
    METHODS["uniform"].train(problem, {}, replace(settings, epochs=2), 0, 0, [clock])
    epoch = clock.ends[1] - clock.ends[0]
    return clock.ends[0] - began - epoch, epoch


def main() -> None:
    from benchmarks.results.data_sets import DATA_SETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=DATA_SETS)
    parser.add_argument("--larger", action="store_true", help="of the larger teachers")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    chosen = DATA_SETS[given.name]
    problem = chosen.problem(given.data, given.larger)
    start, epoch = measure(problem, chosen.settings)
    print(f"{given.name}: start {start:.1f} s, epoch {epoch:.2f} s")


if __name__ == "__main__":
    main()
