"""Teachers are asked for once a seed, and told of once."""

from keras_mtkd._backend import progress
from keras_mtkd.experiments.trainer import Trainer


class Trainings:
    def __init__(self):
        self.calls = []

    def teachers(self, seed):
        progress.tell(progress.Event("ends", "teachers", 1.0))
        self.calls.append(("teachers", seed))
        return {"t": seed}

    def single(self, seed, teachers):
        return "single", seed, teachers

    def trials(self, epochs):
        return Trials(epochs)

    def result(self, method, seed, teachers):
        progress.tell(progress.Event("ends", method, 1.0))
        return method, seed, teachers


class Trials(Trainings):
    def __init__(self, epochs):
        self.epochs = epochs

    def result(self, *asked):
        return *super().result(*asked), self.epochs


def test_teachers_are_held_until_those_of_another_seed_are_asked_for():
    trainings, heard = Trainings(), []
    trainer = Trainer(trainings, {"scd": "SCD"})
    with progress.told_to(heard.append):
        assert trainer.result("single", 0) == ("single", 0, {"t": 0})
        assert trainer.result("scd", 0) == ("SCD", 0, {"t": 0})
        # Those of a seed that another process trained.
        assert trainer.result("scd", 1) == ("SCD", 1, {"t": 1})
        assert trainer.result("scd", 1, 5) == ("SCD", 1, {"t": 1}, 5)
    assert trainings.calls == [("teachers", 0), ("teachers", 1)]
    told = ["seed 0: teachers", "seed 0: SCD", "seed 1: SCD", "seed 1: 5 epochs: SCD"]
    assert [event.training for event in heard] == told
