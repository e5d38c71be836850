"""One training of a comparison at a time, by the names of method and seed."""

from collections.abc import Mapping

from keras_mtkd._backend import progress
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.own_teachers import Teachers
from keras_mtkd.experiments.run import Result
from keras_mtkd.experiments.trainings import Trainings


class Trainer:
    """Trains what it is asked for, and holds on to the teachers of one seed.

    Args:
        trainings: The trainings of the comparison.
        methods: `{name: method}`.
    """

    def __init__(self, trainings: Trainings, methods: Mapping[str, Method]) -> None:
        self._trainings, self._methods = trainings, methods
        self._seed: int | None = None
        self._teachers: Teachers = {}

    def result(self, name: str, seed: int, epochs: int | None = None) -> Result:
        """What a method, or the single-task models, reach with a seed.

        Args:
            name: Name of the method.
            seed: The seed.
            epochs: Epochs of a trial, measured on validation data; `None` for a whole training.
        """
        with progress.named(f"seed {seed}: "):
            if name == SINGLE:
                return self._trainings.single(seed, self._teachers_of(seed))
            with progress.told_to(progress.ignored):
                # Perhaps of another process, which has told of them.
                teachers = self._teachers_of(seed)
            trainings = self._trainings
            if epochs is None:
                return trainings.result(self._methods[name], seed, teachers)
            with progress.named(f"{epochs} epochs: "):
                return trainings.trials(epochs).result(self._methods[name], seed, teachers)

    def _teachers_of(self, seed: int) -> Teachers:
        if self._seed != seed:
            self._teachers = self._trainings.teachers(seed)
            self._seed = seed
        return self._teachers
