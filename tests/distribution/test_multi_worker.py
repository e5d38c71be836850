"""What is done otherwise where a model has several workers; in `fit`: test_workers.py."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops

from keras_mtkd.distribution import multi_worker
from keras_mtkd.distribution.multi_worker import MultiWorkerModel, has_workers, of_first_worker


def strategy(several):
    return SimpleNamespace(extended=SimpleNamespace(_in_multi_worker_mode=lambda: several))


@pytest.mark.parametrize(
    ("found", "several"),
    [(None, False), (SimpleNamespace(), False), (strategy(False), False), (strategy(True), True)],
    ids=["none", "another", "one process", "several"],
)
def test_workers_are_those_of_the_models_strategy(found, several, monkeypatch):
    monkeypatch.setattr(multi_worker, "strategy_of", lambda model: found)
    assert has_workers(None) is several


def test_alone_a_number_is_ones_own():
    inputs = keras.Input((2,))
    assert of_first_worker(keras.Model(inputs, inputs), 12345) == 12345


@pytest.mark.parametrize("chief", [True, False])
def test_the_first_workers_number_is_that_of_all(chief, monkeypatch):
    """Of three workers with the numbers 7, 8 and 9 in two replicas each, in this process."""

    class Three:
        def run(self, function):
            return np.array(function())

        def reduce(self, how, each, axis):
            assert (how, axis) == ("SUM", None)
            first = each if chief else np.array([7, 1])
            others = np.array([0, 0]) if chief else each
            return 2 * first + 4 * others

    monkeypatch.setattr(multi_worker, "has_workers", lambda model: True)
    monkeypatch.setattr(multi_worker, "is_chief", lambda: chief)
    model = SimpleNamespace(distribute_strategy=Three())
    assert of_first_worker(model, 7 if chief else 9) == 7


class Steps(keras.Model):
    """Logs as Keras' steps give them."""

    def train_step(self, *args):
        return {"loss": ops.convert_to_tensor(2.0)}

    test_step = train_step


class Model(MultiWorkerModel, Steps):
    pass


@pytest.mark.parametrize("step", ["train_step", "test_step"])
def test_logs_have_an_axis_where_workers_average_along_one(step, monkeypatch):
    for several, shape in ((False, ()), (True, (1,))):
        monkeypatch.setattr(multi_worker, "has_workers", lambda model, several=several: several)
        logs = getattr(Model(), step)(None)
        assert tuple(logs["loss"].shape) == shape
        assert float(np.ravel(logs["loss"])[0]) == 2.0
