"""What grouping costs: similarity, blocks and queue on 512 probe images over one training run.

The runs are MTLKD's: the demo's on digits, and one on rendered rooms. Budget: 2 %.
"""

import argparse
import time

import keras
from report import Row, text

import keras_mtkd as mtkd
from keras_mtkd.experiments import Settings
from keras_mtkd.experiments.methods import METHODS

BUDGET = 0.02


class Timed(keras.callbacks.Callback):
    """Notes how long the first epoch's beginning takes, when blocks and queue are made."""

    def __init__(self, *callbacks):
        super().__init__()
        self.callbacks, self.seconds = callbacks, 0.0

    def on_epoch_begin(self, epoch, logs=None):
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.set_model(self.model)
            callback.set_params(self.params)
            callback.on_epoch_begin(epoch, logs)
        self.seconds += time.perf_counter() - start


def digits_run(problem, teachers, epochs):
    """Seconds of the whole run."""
    settings = Settings(epochs=epochs)
    start = time.perf_counter()
    METHODS["mtlkd"].train(problem, teachers, settings, seed=0, verbose=0)
    return time.perf_counter() - start


def rooms_run(problem, teachers, epochs):
    """Seconds of a run, from the second of two epochs."""
    distiller = compiled_distiller(problem, teachers)
    ends = [time.perf_counter()]
    note = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    distiller.fit(problem.train, epochs=2, verbose=0, callbacks=[note])
    return (ends[1] - ends[0]) + (epochs - 1) * (ends[2] - ends[1])


def compiled_distiller(problem, teachers):
    ways = [mtkd.FeatureDistillation(tap) for tap in problem.taps]
    distiller = mtkd.MultiTaskDistiller(problem.student(), teachers, ways)
    distiller.compile("adam", loss=problem.losses(), metrics=problem.metrics())
    return distiller


def grouping(problem, teachers):
    """Seconds of similarity, blocks and queue on 512 probe images."""
    timed = Timed(
        mtkd.callbacks.SimilarityGrouping(samples=512),
        mtkd.callbacks.SequentialDistillation(complexity="teacher", samples=512),
    )
    compiled_distiller(problem, teachers).fit(
        problem.train,
        validation_data=problem.validation,
        steps_per_epoch=1,
        epochs=1,
        verbose=0,
        callbacks=[timed],
    )
    return timed.seconds


CASES = {
    "digits, 30 epochs": (mtkd.datasets.digits, digits_run, 30),
    "rooms, 20 epochs, from two": (mtkd.datasets.rooms, rooms_run, 20),
}


def measure(cases=tuple(CASES)):
    rows = []
    for case in cases:
        make, run_time, epochs = CASES[case]
        problem = make()
        # How good teachers are makes no difference to the time.
        teachers = {task: problem.single(task) for task in problem.tasks}
        run, spent = run_time(problem, teachers, epochs), grouping(problem, teachers)
        rows += [
            Row("one training run", case, run, unit="s"),
            Row("similarity, blocks and queue", case, spent, unit="s"),
            Row("similarity, blocks and queue / one run", case, spent / run, BUDGET),
        ]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=list(CASES), action="append")
    print(text(measure(parser.parse_args().case or tuple(CASES))))


if __name__ == "__main__":
    main()
